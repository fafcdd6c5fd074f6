"""What the town's sources answer at each stage of the story: recorded payloads, dates shifted around today.

Stage 0 is what was there before anybody subscribed, stage 1 brings news, stage 2 changes and calls off.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

ARS = "053580016016"
_CELL = "805358016"
_ZONE = ZoneInfo("Europe/Berlin")
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d))?")


@dataclass(frozen=True, slots=True)
class Answer:
    """A media type and a body."""

    content_type: str
    body: bytes


def recorded(name: str) -> str:
    """Return a recorded payload as text."""
    return files("hub.demo").joinpath("payloads", name).read_text(encoding="utf-8")


def shifted(text: str, span: timedelta) -> str:
    """Return ``text`` with every ISO 8601 date and time moved by ``span``; offsets stay as they are written."""

    def move(found: re.Match[str]) -> str:
        if found[2] is None:
            return (date.fromisoformat(found[1]) + span).isoformat()
        return (datetime.fromisoformat(found[0]) + span).isoformat()

    return _ISO.sub(move, text)


def waste(stage: int, today: date) -> Answer:
    """Collections, one of them tomorrow; in stage 2 that one moves by a day."""
    text = recorded("waste.ics")
    days = sorted({date.fromisoformat(f"{one[:4]}-{one[4:6]}-{one[6:]}") for one in _ics_days(text)})
    span = today + timedelta(days=1) - days[len(days) // 3]

    def move(found: re.Match[str]) -> str:
        day = date.fromisoformat(f"{found[2][:4]}-{found[2][4:6]}-{found[2][6:]}") + span
        return f"{found[1]}{day:%Y%m%d}"

    text = re.sub(r"(DT(?:START|END);VALUE=DATE:)(\d{8})", move, text)
    if stage >= 2:  # noqa: PLR2004 - the last stage
        was, becomes = f"{today + timedelta(days=1):%Y%m%d}", f"{today + timedelta(days=2):%Y%m%d}"
        then = f"{today + timedelta(days=3):%Y%m%d}"
        text = text.replace(f"DTEND;VALUE=DATE:{becomes}", f"DTEND;VALUE=DATE:{then}")
        text = text.replace(f"DTSTART;VALUE=DATE:{was}", f"DTSTART;VALUE=DATE:{becomes}")
    return Answer("text/calendar; charset=utf-8", text.encode())


def _ics_days(text: str) -> list[str]:
    return re.findall(r"DTSTART;VALUE=DATE:(\d{8})", text)


def roads(stage: int, now: datetime) -> Answer:
    """Works in the town: 37 known ones, three new ones, one of which then lasts longer."""
    data = json.loads(recorded("roads.json"))
    features = data["features"][: 37 if stage == 0 else 40]
    for number, feature in enumerate(features):
        feature["properties"] |= {"gemeinde_schluessel": ARS, "gemeinde_name": "Hürtgenwald"}
        longer = 14 if stage >= 2 and number == len(features) - 1 else 0  # noqa: PLR2004 - the last stage
        begin, end = now - timedelta(days=2 + number), now + timedelta(days=20 + number + longer)
        feature["properties"]["verkehrsbeeintraechtigung_anfang"] = f"{begin:%Y/%m/%d} 00:00:00+01"
        feature["properties"]["verkehrsbeeintraechtigung_ende"] = f"{end:%Y/%m/%d} 00:00:00+01"
    body = json.dumps(data | {"features": features}, ensure_ascii=False)
    return Answer("application/geo+json", body.encode())


def council(stage: int, now: datetime) -> Answer:
    """Meetings, the first in 62 minutes; in stage 1 one more is called, in stage 2 one is called off."""
    data = json.loads(recorded("council.json"))
    meetings = data["data"][: 8 if stage == 0 else 9]
    for number, meeting in enumerate(meetings):
        start = now + timedelta(minutes=62) if number == 0 else now + timedelta(days=6 * number)
        start = start.astimezone(_ZONE).replace(second=0, microsecond=0)
        meeting |= {"start": start.isoformat(), "end": (start + timedelta(hours=2)).isoformat()}
        meeting["name"] = re.sub(r"\s*\(.*\)", "", meeting["name"])
    if stage >= 2:  # noqa: PLR2004 - the last stage
        meetings[-1]["cancelled"] = True
    body = {"data": meetings, "links": {}, "pagination": {"totalElements": len(meetings)}}
    return Answer("application/json", json.dumps(body, ensure_ascii=False).encode())


def cap(stage: int, now: datetime) -> Answer:
    """Weather: nothing for the town; a severe warning; its cancellation. A zip, as the DWD packs it."""
    text = recorded("cap.xml")
    began = datetime.fromisoformat("2023-06-23T11:14:00+02:00")
    text = shifted(text, (now - began) - timedelta(seconds=(now - began).seconds % 60))
    text = re.sub(r"<areaDesc>Stadt Havelsee<", "<areaDesc>Gemeinde Hürtgenwald<", text)
    text = text.replace("812069270", _CELL)
    text = re.sub(r"opendata@dwd\.de", "demo@ortsruf.example", text)
    text = re.sub(r"<senderName>[^<]*<", "<senderName>Demo (verändert)<", text)
    text = re.sub(r"<severity>[^<]*<", "<severity>Severe<", text)
    alerts = {0: text.replace(_CELL, "801001000")} if stage == 0 else {1: _alert(text, 1, "Alert", "")}
    if stage >= 2:  # noqa: PLR2004 - the last stage
        later = shifted(text, timedelta(minutes=2))
        before = f"demo@ortsruf.example,{_identifier(1)},{(now).isoformat(timespec='seconds')}"
        alerts[2] = _alert(later, 2, "Cancel", before)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, alert in alerts.items():
            archive.writestr(f"{_identifier(number)}.xml", alert)
    return Answer("application/zip", packed.getvalue())


def _identifier(number: int) -> str:
    return f"2.49.0.0.276.0.DEMO.{number}.MUL"


def _alert(text: str, number: int, kind: str, references: str) -> str:
    text = re.sub(r"<identifier>[^<]*<", f"<identifier>{_identifier(number)}<", text)
    text = re.sub(r"<msgType>[^<]*<", f"<msgType>{kind}<", text)
    return re.sub(
        r"\s*<references>[^<]*</references>", f"<references>{references}</references>" if references else "", text
    )


def news(stage: int, now: datetime) -> Answer:
    """Two known items; a new one; its headline corrected."""
    text = recorded("news.xml")
    for days, found in enumerate(re.findall(r"<pubDate>[^<]*</pubDate>", text), 20):
        text = text.replace(found, f"<pubDate>{now - timedelta(days=days):%a, %d %b %Y %H:%M:00} +0000</pubDate>")
    if stage:
        title = "Tag der offenen Tür am Sonntag" if stage >= 2 else "Tag der offenen Tür am Samstag"  # noqa: PLR2004
        item = (
            f"<item><title>{title}</title><link>https://feuerwehr-musterdorf.example/offene-tuer/</link>"
            f"<pubDate>{now:%a, %d %b %Y %H:%M:00} +0000</pubDate>"
            '<guid isPermaLink="false">https://feuerwehr-musterdorf.example/?p=1500</guid>'
            "<description><![CDATA[<p>Wir zeigen Gerätehaus und Fahrzeuge, dazu Kaffee und Kuchen.</p>]]></description>"
            "</item>"
        )
        text = text.replace("<item>", item + "<item>", 1)
    return Answer("application/rss+xml; charset=utf-8", text.encode())


def tenders(stage: int, now: datetime) -> Answer:
    """A day's eForms export: one known procedure; a new one; its deadline prolonged (same procedure, next version)."""
    found = {"tender_1.xml": _tender(recorded("tender_1.xml"), now, days=30)}
    if stage:
        found["tender_2.xml"] = _tender(recorded("tender_2.xml"), now, days=21 if stage == 1 else 28)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in found.items():
            archive.writestr(name, text)
    return Answer("application/zip", packed.getvalue())


def _tender(text: str, now: datetime, *, days: int) -> str:
    ends = [date.fromisoformat(one) for one in re.findall(r"<cbc:EndDate>(\d{4}-\d\d-\d\d)", text)]
    moved = shifted(text, timedelta(days=(now.date() - max(ends)).days + days))
    yesterday = f"{now.date() - timedelta(days=1)}"
    moved = re.sub(
        r"(<(?:cbc:IssueDate|cbc:RequestedPublicationDate|efbc:PublicationDate)>)(\d{4}-\d\d-\d\d)",
        lambda one: one[1] + min(one[2], yesterday),
        moved,
    )  # nobody publishes tomorrow's notice
    moved = re.sub(r'(listName="nuts[^"]*">)AT\d+', r"\1DEA26", moved)
    return re.sub(r"<cbc:IdentificationCode([^>]*)>AUT<", r"<cbc:IdentificationCode\1>DEU<", moved)


def ocds(_stage: int, now: datetime) -> Answer:
    """Return one OCDS release as the portal publishes it."""
    text = recorded("release.json")
    began = datetime.fromisoformat("2026-09-13T16:14:04+00:00")
    data: Any = {"version": "1.1", "releases": [json.loads(shifted(text, now - timedelta(days=1) - began))]}
    return Answer("application/json", json.dumps(data, ensure_ascii=False).encode())


def answers(began: datetime) -> Mapping[str, Callable[[int], Answer]]:
    """Return what each path of the town's server says at a stage of the story that ``began`` then."""
    began = began.astimezone(UTC).replace(microsecond=0)
    today = began.astimezone(_ZONE).date()
    return {
        "/waste.ics": lambda stage: waste(stage, today),
        "/roads.json": lambda stage: roads(stage, began),
        "/oparl/meetings": lambda stage: council(stage, began),
        "/weather/LATEST.zip": lambda stage: cap(stage, began),
        "/news.xml": lambda stage: news(stage, began),
        "/tenders/eforms.zip": lambda stage: tenders(stage, began),
        "/tenders/ocds.json": lambda stage: ocds(stage, began),
    }
