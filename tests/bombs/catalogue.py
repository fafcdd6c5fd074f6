"""Sixty and more named answers that are made to cost a reader everything: each a function that writes its bytes."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass

ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>'
CAP = (
    '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>i</identifier><sender>s</sender>'
    "<sent>2026-11-23T11:00:00+00:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
)
INFO = "<info><language>de</language><category>Met</category><event>STURM</event><urgency>Immediate</urgency><severity>Severe</severity><certainty>Likely</certainty>"
DATEX = '<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0" modelBaseVersion="2"><payloadPublication xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="SituationPublication" lang="de">'


@dataclass(frozen=True)
class Bomb:
    """``write`` makes the answer that a source of ``kind`` gives as ``media``."""

    name: str
    kind: str
    media: str
    write: Callable[[], bytes]


def entities(root: str, body: str = "") -> bytes:
    """A billion laughs: 10^11 characters from a kilobyte."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY l0 "lol">{levels}]><{root}>{body}&l11;</{root}>'.encode()


def quadratic(root: str) -> bytes:
    """One long entity, said thousands of times."""
    return f'<!DOCTYPE {root} [<!ENTITY a "{"a" * 50_000}">]><{root}>{"&a;" * 50_000}</{root}>'.encode()


def external(root: str, address: str = "file:///etc/passwd") -> bytes:
    """An entity that wants a file or an address read."""
    return f'<!DOCTYPE {root} [<!ENTITY a SYSTEM "{address}">]><{root}>&a;</{root}>'.encode()


def parameter(root: str) -> bytes:
    """A parameter entity that pulls a DTD from elsewhere."""
    return f'<!DOCTYPE {root} [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd">%p;]><{root}/>'.encode()


def deep(opening: str, depth: int = 1_000_000) -> bytes:
    """Elements in elements."""
    return (opening + "<a>" * depth).encode()


def attributes(root: str) -> bytes:
    """One element with a hundred thousand attributes."""
    return (f"<{root} " + " ".join(f'a{n}="{n}"' for n in range(100_000)) + f"></{root}>").encode()


def namespaces(root: str) -> bytes:
    """One element with fifty thousand namespaces."""
    return (f"<{root} " + " ".join(f'xmlns:n{n}="urn:{n}"' for n in range(50_000)) + f"></{root}>").encode()


def packed(body: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in body:
            archive.writestr(name, data)
    return out.getvalue()


def nested_zip(levels: int = 6) -> bytes:
    """An archive of archives of archives."""
    data = packed([("zero.xml", bytes(20_000_000))])
    for level in range(levels):
        data = packed((f"{level}-{n}.zip", data) for n in range(4))
    return data


def calendar(*events: str) -> bytes:
    """An iCalendar around ``events``."""
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *events, "END:VCALENDAR", "")).encode()


def event(*lines: str) -> str:
    """One event of a collection."""
    return "\r\n".join(
        ("BEGIN:VEVENT", "UID:1", "SUMMARY:Restmüll", "DTSTART;VALUE=DATE:20270104", *lines, "END:VEVENT")
    )


def polygon(points: int) -> bytes:
    """An alert whose area has very many corners."""
    corners = " ".join(f"{50 + n / points:.6f},{6 + n / points:.6f}" for n in range(points))
    return f"{CAP}{INFO}<area><areaDesc>x</areaDesc><polygon>{corners}</polygon></area></info></alert>".encode()


def collection(feature: str, times: int) -> bytes:
    """A GeoJSON collection of the same feature."""
    return f'{{"type":"FeatureCollection","features":[{",".join([feature] * times)}]}}'.encode()


def deep_collection(depth: int = 5_000) -> bytes:
    """A geometry collection in a geometry collection."""
    inner = '{"type":"GeometryCollection","geometries":[' * depth + "]}" * depth
    return f'{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"name":"x"}},"geometry":{inner}}}]}}'.encode()


def autobahn(line: str) -> bytes:
    """One road work of the Autobahn API whose description is ``line``."""
    one = {"identifier": "x", "title": "A1 | Baustelle", "description": [line], "coordinate": {"lat": "50.7", "long": "6.3"},
           "isBlocked": "false", "display_type": "ROADWORKS", "subtitle": "", "extent": "6,50,6.1,50.1", "point": "6,50"}  # fmt: skip
    return json.dumps({"roadworks": [one]}).encode()


def meeting(**more: object) -> bytes:
    """One OParl meeting."""
    one = {"id": "https://ratsinfo.example/oparl/meeting/1", "type": "https://schema.oparl.org/1.1/Meeting", "name": "Rat",
           "start": "2027-01-12T18:00:00+01:00", **more}  # fmt: skip
    return json.dumps({"data": [one], "links": {}, "pagination": {}}).encode()


RULES = (
    "FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY;BYMINUTE=0,1,2,3,4,5", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=999999999",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYDAY=53MO;BYMONTH=2", "FREQ=DAILY;UNTIL=99991231T235959Z",
    "FREQ=YEARLY;BYSECOND=0,1,2,3,4,5,6,7,8,9;BYMINUTE=0,1,2,3,4,5;BYHOUR=0,1,2,3,4,5", "FREQ=MONTHLY;BYSETPOS=-366",
)  # fmt: skip
CLOSURE = '{"type":"Feature","properties":{"name":"Sperrung","start":"2027-01-04","end":"2027-02-04"},"geometry":{"type":"Point","coordinates":[6.3,50.7]}}'


def _all() -> Iterable[Bomb]:
    for kind, root, media in (("rss", "feed", "application/atom+xml"), ("cap", "alert", "application/cap+xml"),
                              ("roads", "d2LogicalModel", "application/xml"), ("tenders", "ContractNotice", "application/xml")):  # fmt: skip
        yield Bomb(f"{kind}-billion-laughs", kind, media, lambda root=root: entities(root))
        yield Bomb(f"{kind}-quadratic-entity", kind, media, lambda root=root: quadratic(root))
        yield Bomb(f"{kind}-external-file", kind, media, lambda root=root: external(root))
        yield Bomb(f"{kind}-external-address", kind, media, lambda root=root: external(root, "http://127.0.0.1:9/"))
        yield Bomb(f"{kind}-parameter-entity", kind, media, lambda root=root: parameter(root))
        yield Bomb(f"{kind}-deep", kind, media, lambda root=root: deep(f"<{root}>"))
        yield Bomb(f"{kind}-attributes", kind, media, lambda root=root: attributes(root))
        yield Bomb(f"{kind}-namespaces", kind, media, lambda root=root: namespaces(root))
        yield Bomb(
            f"{kind}-utf7", kind, media, lambda root=root: b'<?xml version="1.0" encoding="utf-7"?>' + entities(root)
        )
    yield from _feeds()
    yield from _calendars()
    yield from _alerts()
    yield from _json()
    yield from _archives()


def _feeds() -> Iterable[Bomb]:
    atom = "application/atom+xml"
    html = lambda text: f"{ATOM}<entry><title>x</title><content type='html'>{text}</content></entry></feed>".encode()  # noqa: E731
    yield Bomb("rss-html-deep", "rss", atom, lambda: html("&lt;div&gt;" * 500_000))
    yield Bomb("rss-html-tables", "rss", atom, lambda: html("&lt;table&gt;&lt;tr&gt;&lt;td&gt;" * 200_000))
    yield Bomb("rss-html-formatting", "rss", atom, lambda: html("&lt;b&gt;&lt;i&gt;&lt;p&gt;" * 200_000))
    yield Bomb("rss-html-open", "rss", atom, lambda: html("&lt;" * 2_000_000))
    yield Bomb("rss-html-comment", "rss", atom, lambda: html("&lt;!--" * 1_000_000))
    yield Bomb("rss-html-attributes", "rss", atom, lambda: html("&lt;a " + "x=1 " * 1_000_000 + "&gt;"))
    yield Bomb("rss-token", "rss", atom, lambda: f"{ATOM}<entry><title>{'a' * 9_500_000}".encode())
    yield Bomb(
        "rss-entries", "rss", atom, lambda: (ATOM + "<entry><title>x</title></entry>" * 300_000 + "</feed>").encode()
    )
    yield Bomb(
        "rss-links",
        "rss",
        atom,
        lambda: (ATOM + "<entry><title>x</title>" + "<link href='/x'/>" * 200_000 + "</entry></feed>").encode(),
    )
    yield Bomb(
        "rss-date",
        "rss",
        "application/rss+xml",
        lambda: (
            f"<rss version='2.0'><channel><item><title>x</title><pubDate>{'1' * 2_000_000}</pubDate></item></channel></rss>".encode()
        ),
    )
    yield Bomb("rss-references", "rss", atom, lambda: html("&amp;#x41;" * 900_000))
    yield Bomb(
        "rss-cdata", "rss", atom, lambda: f"{ATOM}<entry><title>x</title><content><![CDATA[{'<p>' * 3_000_000}".encode()
    )
    yield Bomb(
        "jsonfeed-deep",
        "rss",
        "application/feed+json",
        lambda: b'{"version":"https://jsonfeed.org/version/1.1","items":' + b"[" * 3_000_000,
    )
    yield Bomb(
        "jsonfeed-number",
        "rss",
        "application/feed+json",
        lambda: b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":' + b"9" * 5_000_000 + b"}]}",
    )


def _calendars() -> Iterable[Bomb]:
    ics = "text/calendar"
    for number, rule in enumerate(RULES):
        yield Bomb(f"ics-rule-{number}", "waste", ics, lambda rule=rule: calendar(event(f"RRULE:{rule}")))
    yield Bomb(
        "ics-rules-many",
        "waste",
        ics,
        lambda: calendar(*(event(f"RRULE:FREQ=DAILY;UNTIL=20300101;X={n}") for n in range(3_000))),
    )
    yield Bomb(
        "ics-rdates",
        "waste",
        ics,
        lambda: calendar(
            event("RDATE;VALUE=DATE:" + ",".join(f"2027{1 + n % 12:02}{1 + n % 28:02}" for n in range(200_000)))
        ),
    )
    yield Bomb(
        "ics-exdates",
        "waste",
        ics,
        lambda: calendar(event("RRULE:FREQ=DAILY", *["EXDATE;VALUE=DATE:20270105"] * 100_000)),
    )
    yield Bomb("ics-exrule", "waste", ics, lambda: calendar(event("RRULE:FREQ=DAILY", "EXRULE:FREQ=SECONDLY")))
    yield Bomb(
        "ics-alarms",
        "waste",
        ics,
        lambda: calendar(
            event(
                *["BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT1H\r\nREPEAT:999999999\r\nDURATION:PT1S\r\nEND:VALARM"]
                * 10_000
            )
        ),
    )
    yield Bomb("ics-nested", "waste", ics, lambda: calendar(*["BEGIN:VEVENT"] * 50_000))
    yield Bomb("ics-line", "waste", ics, lambda: calendar(event("DESCRIPTION:" + "x" * 4_900_000)))
    yield Bomb("ics-folded", "waste", ics, lambda: calendar(event("DESCRIPTION:" + "x\r\n " * 1_200_000)))
    yield Bomb(
        "ics-parameters",
        "waste",
        ics,
        lambda: calendar(event("DTEND;" + ";".join(f"X-{n}=1" for n in range(200_000)) + ":20270105")),
    )
    yield Bomb("ics-events", "waste", ics, lambda: calendar(*[event()] * 45_000))
    yield Bomb("ics-span", "waste", ics, lambda: calendar(event("DTEND;VALUE=DATE:99991231", "RRULE:FREQ=WEEKLY")))
    yield Bomb(
        "ics-zones",
        "waste",
        ics,
        lambda: calendar(
            *[
                "BEGIN:VTIMEZONE\r\nTZID:X\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nRRULE:FREQ=SECONDLY\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\nEND:VTIMEZONE"
            ]
            * 500,
            event(),
        ),
    )
    yield Bomb(
        "csv-columns", "waste", "text/csv", lambda: b"Datum;Abfuhrart\n" + b"04.01.2027;Bio;" + b"x;" * 2_000_000
    )
    yield Bomb("csv-rows", "waste", "text/csv", lambda: b"Datum;Abfuhrart\n" + b"04.01.2027;Bio\n" * 300_000)
    yield Bomb("csv-quote", "waste", "text/csv", lambda: b'Datum;Abfuhrart\n04.01.2027;"' + b"a\n" * 2_000_000)
    yield Bomb("csv-zones", "waste", "text/csv", lambda: b"Datum;Abfuhrart;Bezirk\n04.01.2027;Bio;" + b"1/" * 2_000_000)


def _alerts() -> Iterable[Bomb]:
    cap = "application/cap+xml"
    yield Bomb("cap-corners", "cap", cap, lambda: polygon(300_000))
    yield Bomb(
        "cap-infos",
        "cap",
        cap,
        lambda: (CAP + (INFO + "<area><areaDesc>x</areaDesc></area></info>") * 30_000 + "</alert>").encode(),
    )
    yield Bomb(
        "cap-geocodes",
        "cap",
        cap,
        lambda: (
            CAP
            + INFO
            + "<area><areaDesc>x</areaDesc>"
            + "<geocode><valueName>WARNCELLID</valueName><value>805358016</value></geocode>" * 80_000
            + "</area></info></alert>"
        ).encode(),
    )
    yield Bomb(
        "cap-text",
        "cap",
        cap,
        lambda: f"{CAP}{INFO}<description>{'x ' * 4_000_000}</description></info></alert>".encode(),
    )
    yield Bomb(
        "cap-references",
        "cap",
        cap,
        lambda: f"{CAP}<references>{'s,i,2026-11-23T11:00:00+00:00 ' * 200_000}</references></alert>".encode(),
    )
    yield Bomb(
        "cap-xinclude",
        "cap",
        cap,
        lambda: (
            f'{CAP}<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="file:///etc/passwd"/></x></alert>'.encode()
        ),
    )


def _json() -> Iterable[Bomb]:
    js = "application/json"
    for kind in ("roads", "council", "tenders", "waste"):
        yield Bomb(f"{kind}-json-deep", kind, js, lambda: b"[" * 4_000_000)
        yield Bomb(f"{kind}-json-objects", kind, js, lambda: b'{"a":' * 1_000_000)
        yield Bomb(f"{kind}-json-number", kind, js, lambda: b'{"data":[' + b"9" * 5_000_000 + b"]}")
    yield Bomb("roads-features", "roads", "application/geo+json", lambda: collection(CLOSURE, 40_000))
    yield Bomb("roads-geometries", "roads", "application/geo+json", deep_collection)
    yield Bomb(
        "roads-corners",
        "roads",
        "application/geo+json",
        lambda: collection(
            CLOSURE.replace(
                '"Point","coordinates":[6.3,50.7]', f'"LineString","coordinates":[{",".join(["[6.3,50.7]"] * 500_000)}]'
            ),
            1,
        ),
    )
    for number, line in enumerate(
        (
            "von " * 200_000,
            "01.01.2027 bis " * 100_000,
            "1" * 500_000,
            " " * 500_000 + "x",
            "bis voraussichtlich " * 50_000,
            "(" * 300_000,
        )
    ):
        yield Bomb(f"roads-prose-{number}", "roads", js, lambda line=line: autobahn(line))
    yield Bomb(
        "roads-situations",
        "roads",
        "application/xml",
        lambda: (
            DATEX
            + "<situation id='1'><situationRecord id='1'/></situation>" * 150_000
            + "</payloadPublication></d2LogicalModel>"
        ).encode(),
    )
    yield Bomb("council-agenda", "council", js, lambda: meeting(agendaItem=[{"name": "TOP", "public": True}] * 100_000))
    yield Bomb("council-name", "council", js, lambda: meeting(name="x" * 5_000_000))
    yield Bomb(
        "council-files",
        "council",
        js,
        lambda: meeting(auxiliaryFile=[{"accessUrl": "https://x.example/f", "name": "f"}] * 100_000),
    )


def _archives() -> Iterable[Bomb]:
    for kind in ("cap", "tenders"):
        yield Bomb(f"{kind}-zip-zeros", kind, "application/zip", lambda: packed([("a.xml", bytes(300_000_000))]))
        yield Bomb(
            f"{kind}-zip-members", kind, "application/zip", lambda: packed((f"{n}.xml", b"<a/>") for n in range(50_000))
        )
        yield Bomb(f"{kind}-zip-nested", kind, "application/zip", nested_zip)
        yield Bomb(
            f"{kind}-zip-paths",
            kind,
            "application/zip",
            lambda: packed([("../../../../etc/cron.d/x", b"x"), ("/etc/passwd", b"x")]),
        )
        yield Bomb(f"{kind}-zip-cut", kind, "application/zip", lambda: packed([("a.xml", b"<a/>" * 10_000)])[:-30])
        yield Bomb(f"{kind}-gzip", kind, "application/gzip", lambda: gzip.compress(bytes(300_000_000), 1))


BOMBS = {one.name: one for one in _all()}
