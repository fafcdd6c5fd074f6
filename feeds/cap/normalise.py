"""An alert as a notice: who is told what, where and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feeds.cap import KIND, TOPIC
from feeds.cap.texts import composed, severity_of, texts_of
from hub.core.errors import SourceConfigError, SourceRefused
from hub.core.notice import Fact, Geometry, Link, Notice, NoticeText, Occurrence, PlaceRef, Severity, Status, notice_id
from hub.core.source import Item, Source

LIVES = timedelta(hours=24)  # of an alert that does not say when it ends
LONGEST = timedelta(days=366)  # a later end (NINA has seen the year 3021) is none
_DWD = "Quelle: Deutscher Wetterdienst"
_METEOALARM = "Quelle: MeteoAlarm (EUMETNET), CC BY 4.0"
_NINA = "https://warnung.bund.de/meldungen"
_CHANNELS = {  # the beginning of NINA's identifiers -> whose word it is; their texts may be shown only unaltered
    "mow": "Quelle: Modulares Warnsystem (MoWaS), Bundesamt für Bevölkerungsschutz und Katastrophenhilfe",
    "kat": "Quelle: KATWARN",
    "biw": "Quelle: BIWAPP",
    "lhp": "Quelle: Länderübergreifendes Hochwasserportal (LHP)",
    "pol": "Quelle: Polizei",
}
_HEIGHTS = {"de": ("oberhalb {} m", "unterhalb {} m", "zwischen {} m und {} m"),
            "en": ("above {} m", "below {} m", "between {} m and {} m")}  # fmt: skip
_NO_EVENT = frozenset({"PROFILE_VERSION", "LICENSE", "GROUP", "AREA_COLOR"})  # the DWD's other "event codes"
_YEARS = range(1970, 9000)  # outside, converting between zones may fail


def normalise(item: Item, source: Source) -> Notice:
    """Return the notice of one alert. Raises ``SourceRefused`` if it has no readable time or no text.

    ``category`` is the event code (DWD: ``II``), with ``/future`` for a pre-alert (Vorabinformation), because the
    DWD uses one code for both. ``expires`` is the source's, else 24 h after it was sent or begins. Texts are
    the source's own, unaltered; where several parts had to be put together, the DWD's source note falls away, as its
    terms ask. Heights are a fact and part of the date's place, in metres, if they restrict anything.
    """
    data, infos = item.data, item.data["infos"]
    sent = _time(data["sent"], source, "sent")
    if sent is None:
        raise SourceRefused("The alert does not say when it was sent.")
    begins, expires = _validity(infos, sent, source)
    texts = _texts(data, source)
    height = _height(data["heights"], texts[0].lang if texts else source.language)
    return Notice(
        id=notice_id(source.id, item.key),
        key=item.key,
        kind=KIND,
        topic=source.topic or TOPIC,
        texts=texts,
        severity=max((severity_of(one["severity"]) for one in infos), default=Severity.UNKNOWN),
        status=Status.CANCELLED if data["cancels"] else Status.ACTIVE,
        category=_category(infos),
        sent=sent,
        valid_from=begins,
        expires=expires,
        places=tuple(PlaceRef(*one) for one in data["places"]),
        geometry=_geometry(data),
        occurrences=_occurrences(begins, expires, height) if infos else (),
        url=next((one["web"] for one in infos if _is_web(one["web"])), _overview(item.key)),
        publisher=_first(infos, "senderName") or data["sender"],
        attribution=_attribution(item.key, data),
        links=_links(infos),
        references=tuple(data["references"]),
        facts=(Fact("height", height),) if height else (),
    )


def _texts(data: Mapping[str, Any], source: Source) -> tuple[NoticeText, ...]:
    """Return the texts; none for the mere end of an alert here, which lets its own words stand."""
    if data["elsewhere"]:
        return ()
    first = source.config.get("language") or source.language
    texts = texts_of(data["infos"], cancels=data["cancels"], first=first)
    if not texts:
        raise SourceRefused("The alert has no text.")
    return texts


def _validity(infos: Sequence[Mapping[str, Any]], sent: datetime, source: Source) -> tuple[datetime, datetime]:
    """Return when the first part of an alert begins and when its last part ends."""
    begins = min((_begin(one, source) or sent for one in infos), default=sent)
    ends = [_time(one["expires"], source, "expires") for one in infos]
    default = max(sent, begins) + LIVES
    return begins, max((one if one and one <= default + LONGEST else default for one in ends), default=default)


def _begin(info: Mapping[str, Any], source: Source) -> datetime | None:
    return _time(info["onset"], source, "onset") or _time(info["effective"], source, "effective")


def _time(text: str, source: Source, name: str) -> datetime | None:
    """Read a time (xs:dateTime with offset; without one it is meant in the source's zone); ``None`` if there is none.

    Raises ``SourceRefused`` for anything else: a guessed end would be worse than asking the operator.
    """
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        zone = UTC if found.tzinfo else ZoneInfo(source.zone)
    except ValueError as error:
        raise SourceRefused(f"The alert's {name} {text[:40]!r} is no time.") from error
    except (ZoneInfoNotFoundError, OSError) as error:
        raise SourceConfigError(f"The time zone {source.zone[:40]!r} does not exist.") from error
    if found.year not in _YEARS:
        raise SourceRefused(f"The alert's {name} {text[:40]!r} lies outside any time that can be meant.")
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _occurrences(begins: datetime, expires: datetime, where: str) -> tuple[Occurrence, ...]:
    return (Occurrence("validity", begins, expires, location=where),) if begins < expires else ()


def _height(span: Sequence[float | None], lang: str) -> str:
    """Return the heights for which an alert holds in words, "" if for all."""
    if not span:
        return ""
    above, below, between = _HEIGHTS.get(lang[:2].lower(), _HEIGHTS["en"])
    low, high = span
    if low is not None and high is not None:
        return between.format(low, high)
    return above.format(low) if low is not None else below.format(high)


def _attribution(key: str, data: Mapping[str, Any]) -> str:
    """Return the source note that the publisher's terms ask for."""
    if _is_dwd(data):
        return "" if composed(data["infos"]) else _DWD
    return _METEOALARM if "meteoalarm" in data["sender"].lower() else _CHANNELS.get(_channel(key), "")


def _overview(key: str) -> str:
    """Return where the original can be read if it names no page of its own."""
    return _NINA if _channel(key) in _CHANNELS else ""


def _channel(key: str) -> str:
    """Return the system that NINA took a warning from: what stands before the first point of its identifier."""
    channel, point, _ = key.partition(".")
    return channel if point else ""


def _category(infos: Sequence[Mapping[str, Any]]) -> str:
    for info in sorted(infos, key=lambda one: -severity_of(one["severity"])):
        codes = {name: value for name, value in reversed(info["codes"]) if name not in _NO_EVENT and value}
        code = codes.get("II") or next(reversed(codes.values()), "")
        if code:
            return f"{code}/future" if info["urgency"] == "Future" else str(code)
    return ""


def _geometry(data: Mapping[str, Any]) -> Geometry | None:
    if not data["polygons"] and not data["circles"]:
        return None
    return Geometry(
        polygons=tuple(tuple((x, y) for x, y in ring) for ring in data["polygons"]),
        circles=tuple(((x, y), radius) for (x, y), radius in data["circles"]),
        exclusions=tuple(tuple((x, y) for x, y in ring) for ring in data["exclusions"]),
    )


def _links(infos: Sequence[Mapping[str, Any]]) -> tuple[Link, ...]:
    found = {href: title for info in infos for href, title in info["links"] if _is_web(href)}
    return tuple(Link("resource", href, title) for href, title in found.items())


def _is_dwd(data: Mapping[str, Any]) -> bool:
    return data["sender"].lower().endswith("@dwd.de") or _first(data["infos"], "senderName") == "Deutscher Wetterdienst"


def _first(infos: Sequence[Mapping[str, Any]], name: str) -> str:
    return next((str(one[name]) for one in infos if one[name]), "")


def _is_web(url: str) -> bool:
    """Whether ``url`` may be a link: an absolute http or https address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(one.isspace() for one in url)
