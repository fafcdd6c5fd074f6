"""What each kind of source says of the same few things, in its own format: the wire side of the replay harness."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.utils import format_datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fakes.house import NOON, PLACE

from hub.core.federation_record import record
from hub.core.notice import Notice, NoticeText, Origin, PlaceRef, Status
from hub.jobs.seal import FeedKey, Seal

CELL = "805358016"  # the DWD's warn cell of the town
BEGAN = NOON - timedelta(days=1)


@dataclass(frozen=True)
class Thing:
    """One real thing in the town: ``number`` never changes, ``version`` counts its real changes."""

    number: int
    note: str = ""
    version: int = 0
    over: bool = False  # called off by the source's own word
    sent: datetime = BEGAN
    day: date | None = None
    severity: str = "Moderate"
    guid: str = ""
    link: str = ""

    @property
    def token(self) -> str:
        """A word that stands in every message about this thing and in no other."""
        return f"Nr{self.number:03}"

    @property
    def title(self) -> str:
        return f"Meldung {self.token}"

    @property
    def starts(self) -> date:
        return self.day or (NOON + timedelta(days=3 + 7 * self.number)).date()


Write = Callable[[Sequence[Thing]], bytes]


@dataclass(frozen=True)
class Dialect:
    """One kind: what its source is set to, how it writes things, and what it can say at all.

    ``announces``: a new thing is told (timetables are not). ``calls_off``: the source can call a thing off in words.
    ``lines``: one thing per line and no end mark, so that only a cut within a line could be told from a shorter table.
    """

    kind: str
    topic: str
    media: str
    write: Write
    config: Mapping[str, str] = field(default_factory=dict)
    announces: bool = True
    calls_off: bool = False
    revises: bool = True
    lines: bool = False
    signed: Callable[[bytes, str], Mapping[str, str]] = lambda _body, _path: {}  # headers that prove it, for a path


def ics(things: Sequence[Thing]) -> bytes:
    """A waste calendar: each thing is one pickup of one series."""
    events = [
        f"BEGIN:VEVENT\r\nUID:{one.number}@town.example\r\nDTSTAMP:20261101T000000Z\r\n"
        f"DTSTART;VALUE=DATE:{one.starts:%Y%m%d}\r\nSUMMARY:Restmüll\r\nEND:VEVENT\r\n"
        for one in things
    ]
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//DE\r\n{''.join(events)}END:VCALENDAR\r\n".encode()


def geojson(things: Sequence[Thing]) -> bytes:
    """Road closures in the town."""
    features = [
        {
            "type": "Feature", "id": one.number,
            "geometry": {"type": "Point", "coordinates": [6.37 + one.number / 1000, 50.71]},
            "properties": {
                "id": f"c{one.number}", "title": one.title, "text": one.note,
                "start": BEGAN.isoformat(), "end": (NOON + timedelta(days=60)).isoformat(),
            },
        }
        for one in things
    ]  # fmt: skip
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def oparl(things: Sequence[Thing]) -> bytes:
    """Council meetings of an OParl 1.1 server."""
    meetings = [
        {
            "id": f"https://ris.example/meeting/{one.number}", "type": "https://schema.oparl.org/1.1/Meeting",
            "name": one.title, "start": f"{one.starts}T18:00:00+01:00", "end": f"{one.starts}T20:00:00+01:00",
            "cancelled": one.over, "location": {"description": one.note or "Rathaus"},
        }
        for one in things
    ]  # fmt: skip
    return json.dumps({"data": meetings, "links": {}, "pagination": {"totalElements": len(meetings)}}).encode()


def cap(things: Sequence[Thing]) -> bytes:
    """A bundle of CAP 1.2 alerts as the DWD packs it: of each thing its latest message."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for place, one in enumerate(things):
            archive.writestr(zipfile.ZipInfo(f"{place}.xml"), cap_alert(one))
    return packed.getvalue()


def cap_alert(one: Thing, *, status: str = "Actual", scope: str = "Public", area: str = "") -> str:
    """Write one alert; a later version is an Update of the one before, the last word a Cancel."""
    name = f"2.49.0.0.276.0.TOWN.{one.number}"
    kind = "Cancel" if one.over else "Update" if one.version else "Alert"
    before = " ".join(f"w@town.example,{name}.{version},{BEGAN.isoformat()}" for version in range(one.version))
    area = area or (
        f"<area><areaDesc>Hürtgenwald</areaDesc><geocode><valueName>WARNCELLID</valueName><value>{CELL}</value>"
        "</geocode></area>"
    )
    sent = one.sent + timedelta(seconds=one.version)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>{name}.{one.version}</identifier><sender>w@town.example</sender>"
        f"<sent>{sent.isoformat(timespec='seconds')}</sent>"
        f"<status>{status}</status><msgType>{kind}</msgType><scope>{scope}</scope><references>{before}</references>"
        f"<info><language>de-DE</language><category>Met</category><event>Sturm</event><urgency>Immediate</urgency>"
        f"<severity>{one.severity}</severity><certainty>Likely</certainty>"
        f"<onset>{sent.isoformat(timespec='seconds')}</onset>"
        f"<expires>{(NOON + timedelta(days=3)).isoformat()}</expires>"
        f"<headline>{one.title}</headline><description>{one.note or 'Sturm'}</description>{area}</info></alert>"
    )


def rss(things: Sequence[Thing]) -> bytes:
    """A town hall's news feed."""
    items = [
        f"<item><title>{one.title}</title><link>{one.link or f'https://town.example/n/{one.number}'}</link>"
        f'<guid isPermaLink="false">{one.guid or f"n-{one.number}"}</guid><pubDate>{format_datetime(one.sent)}</pubDate>'
        f"<description>{one.note or 'Aus dem Rathaus'}</description></item>"
        for one in things
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Rathaus</title>'
        f"<link>https://town.example/</link><description>Neues</description>{''.join(items)}</channel></rss>"
    ).encode()


def tenders(things: Sequence[Thing]) -> bytes:
    """A portal's feed of tenders; a changed one has another deadline."""
    items = [
        f"<item><title>{one.title}</title><link>https://vergabe.example/{one.number}.html</link>"
        f"<description><![CDATA[Vergabestelle: <strong>Gemeinde Hürtgenwald</strong><br />Angebotsfrist: "
        f"<strong>{20 + one.version}.01.2027 10:00 Uhr</strong>]]></description>"
        f"<pubDate>{format_datetime(one.sent)}</pubDate><guid>https://vergabe.example/{one.number}.html</guid></item>"
        for one in things
    ]
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>V</title>{"".join(items)}</channel></rss>'.encode()


def events(things: Sequence[Thing]) -> bytes:
    """A club's calendar of events."""
    found = [
        f"BEGIN:VEVENT\r\nUID:e{one.number}@club.example\r\nDTSTAMP:20261101T000000Z\r\n"
        f"DTSTART:{one.starts:%Y%m%d}T170000Z\r\nDTEND:{one.starts:%Y%m%d}T190000Z\r\nSUMMARY:{one.title}\r\n"
        f"LOCATION:{one.note or 'Halle'}\r\nSTATUS:{'CANCELLED' if one.over else 'CONFIRMED'}\r\nEND:VEVENT\r\n"
        for one in things
    ]
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//club//club//DE\r\n{''.join(found)}END:VCALENDAR\r\n".encode()


def table(things: Sequence[Thing]) -> bytes:
    """A town hall's table of job offers."""
    rows = "".join(f"{one.number};{one.title};{one.note or 'Vollzeit'}\r\n" for one in things)
    return f"Nummer;Stelle;Beschreibung\r\n{rows}".encode()


_SIGNS = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_PUBLIC = base64.urlsafe_b64encode(_SIGNS.public_key().public_bytes_raw()).decode().rstrip("=")


def federation(things: Sequence[Thing]) -> bytes:
    """Lost property of another municipality's Ortsruf; it says when it last changed, and may not seem older."""
    changed = max((one.number + 100 * one.version + 1000 * one.over for one in things), default=0)
    items = [
        {
            "id": f"n{one.number}",
            "_ortsruf": record(
                Notice(
                    id="", key="", kind="rss", topic="lost", sent=one.sent, places=(PlaceRef("ars", PLACE),),
                    texts=(NoticeText("de", one.title, one.note or "Im Fundbüro"),),
                    status=Status.CANCELLED if one.over else Status.ACTIVE,
                ),
                Origin("there", "nachbar", f"n{one.number}", 1 + one.version), [], [PLACE],
            ),
        }
        for one in things
    ]  # fmt: skip
    told = {
        "version": 1, "installation": "there", "municipality": {"name": "Nachbar"}, "keys": [{"key": _PUBLIC}],
        "updated": (BEGAN + timedelta(minutes=changed)).isoformat(),
    }  # fmt: skip
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items, "_ortsruf": told}).encode()


def _sealed(body: bytes, path: str) -> Mapping[str, str]:
    return Seal("there", (FeedKey(_PUBLIC, BEGAN, None, _SIGNS),), "").headers(body, path, BEGAN)


_COLUMNS = {"column_id": "Nummer", "column_title": "Stelle", "column_text": "Beschreibung"}
_MAPPING = {f"mapping.{name}": name for name in ("id", "title", "start", "end")} | {"mapping.body": "text"}

DIALECTS = {
    one.kind: one
    for one in (
        Dialect("waste", "waste", "text/calendar", ics, announces=False, revises=False),
        Dialect("roads", "roads", "application/geo+json", geojson, _MAPPING),
        Dialect("council", "council", "application/json", oparl, {"modified_since": "off"}, calls_off=True),
        Dialect("cap", "warnings", "application/zip", cap, calls_off=True),
        Dialect("rss", "news", "application/rss+xml", rss),
        Dialect("ical", "events", "text/calendar", events, calls_off=True),
        Dialect("table", "jobs", "text/csv", table, _COLUMNS, lines=True),
        Dialect(
            "ortsruf", "lost", "application/feed+json", federation, {"key": _PUBLIC}, calls_off=True, signed=_sealed
        ),
        Dialect("tenders", "tenders", "application/rss+xml", tenders, {"format": "rss"}),
    )
}
