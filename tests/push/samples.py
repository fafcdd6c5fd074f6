"""Messages of every kind in both languages, and the comparison with golden files."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hub.core.causes import cause
from hub.core.difference import difference
from hub.core.incidents import Sort
from hub.core.message import Change, Entry, Message, Reason, Recipient, Site
from hub.core.monthly import Coming, Device, Month, Watched
from hub.core.notice import Fact, Notice, NoticeText, Occurrence, PlaceRef, Severity, Status, Value
from hub.desk_texts import Incident
from hub.desk_texts import texts as incident_texts

GOLDEN = Path(__file__).parents[1] / "golden"
NOW = datetime(2026, 12, 23, 17, 0, tzinfo=UTC)
BASE = "https://meldungen.example"
SITE = Site(BASE, "Bannewitz", "meldungen@bannewitz.example", slug="bannewitz")
THREAD = "aaaabbbbccccddddeeeeffff22"

WASTE = Notice(
    "waste1", "w", "waste", "waste", (NoticeText("de", "Restmüll"),), series=True,
    publisher="Abfallwirtschaft", occurrences=(Occurrence("1", date(2026, 12, 24)),),
)  # fmt: skip
ROAD = Notice(
    "road1", "r", "roads", "roads",
    (
        NoticeText("de", "B 170 gesperrt", "Die Brücke wird erneuert.\n\nUmleitung über Hänichen.", instruction="Bitte umfahren."),
        NoticeText("en", "B 170 closed", "The bridge is being renewed."),
    ),
    places=(PlaceRef("district", "possendorf", "Possendorf"),),
    valid_from=datetime(2026, 12, 28, 6, tzinfo=UTC), expires=datetime(2027, 1, 8, 16, tzinfo=UTC),
    url="https://strassen.foreign.example/170", publisher="Straßenbauamt", attribution="dl-de/by-2-0",
)  # fmt: skip
STORM = Notice(
    "storm1", "s", "cap", "weather",
    (NoticeText("de", "Amtliche UNWETTERWARNUNG vor ORKANBÖEN", "Böen bis 130 km/h.", instruction="Bleiben Sie im Haus."),),
    severity=Severity.EXTREME, expires=NOW + timedelta(hours=6), publisher="DWD",
    places=(PlaceRef("warncell", "114628000", "Bannewitz"),),
)  # fmt: skip
TENDER = Notice(
    "tender1", "t", "tenders", "tenders", (NoticeText("de", "Erneuerung der Heizung im Rathaus"),),
    deadline=datetime(2026, 12, 26, 11, tzinfo=UTC), cpv=("45331100",), publisher="Vergabestelle",
)  # fmt: skip

KITA = Notice(
    "tender2", "k", "tenders", "tenders",
    (NoticeText("de", "Neubau Kita Lindenweg", "Angebote sind bis zum 12. Januar im Rathaus abzugeben.\n\nEs gilt die VOB/A."),),
    deadline=datetime(2027, 1, 12, 9, tzinfo=UTC), expires=datetime(2027, 1, 15, 9, tzinfo=UTC),
    value=Value(1_250_000.0), publisher="Vergabestelle", cpv=("45214100",),
    places=(PlaceRef("plz", "01728", "Bannewitz"),),
    occurrences=(
        Occurrence("deadline:LOT-0001", datetime(2027, 1, 12, 9, tzinfo=UTC), summary="Los 1: Rohbau"),
        Occurrence("deadline:LOT-0002", datetime(2027, 1, 15, 9, tzinfo=UTC), summary="Los 2: Dach"),
    ),
    facts=(
        Fact("stage", "tender"), Fact("procedure", "open"),
        Fact("lot.1.deadline", "2027-01-12T10:00:00+01:00"), Fact("lot.2.deadline", "2027-01-15T10:00:00+01:00"),
    ),
)  # fmt: skip
KITA_CHANGED = replace(
    KITA,
    texts=(NoticeText("de", "Neubau Kita Lindenweg", "Angebote sind bis zum 19. Januar im Rathaus abzugeben.\n\nEs gilt die VOB/A."),),
    deadline=datetime(2027, 1, 19, 9, tzinfo=UTC), expires=datetime(2027, 1, 19, 9, tzinfo=UTC),
    value=Value(1_310_500.5),
    occurrences=(
        Occurrence("deadline:LOT-0001", datetime(2027, 1, 19, 9, tzinfo=UTC), summary="Los 1: Rohbau"),
        Occurrence("deadline:LOT-0002", datetime(2027, 1, 19, 9, tzinfo=UTC), summary="Los 2: Dach"),
    ),
    facts=(
        Fact("stage", "tender"), Fact("procedure", "restricted"),
        Fact("lot.1.deadline", "2027-01-19T10:00:00+01:00"), Fact("lot.2.deadline", "2027-01-19T10:00:00+01:00"),
    ),
)  # fmt: skip


def entry(notice, change, revision=1, **more):
    reason = more.pop("reason", Reason(notice.topic, "Possendorf" if notice.kind == "roads" else "Bannewitz"))
    return Entry(notice, revision, change, f"{BASE}/bannewitz/n/{notice.id}", reason, **more)


def message(change, *entries, **more):
    severity = max((one.notice.severity for one in entries), default=Severity.UNKNOWN)
    facts = {"thread": THREAD, "serial": "0" * 31 + "1", "now": NOW, "valid_until": NOW + timedelta(hours=6)}
    return Message(change, entries, severity=severity, **(facts | more))


def monthly(**more):
    """Return a quiet month's mail; ``more`` are parts of the month that are otherwise."""
    quiet = Month(
        watched=(
            Watched(("waste",), ("Possendorf",), NOW - timedelta(hours=5), NOW - timedelta(days=12)),
            Watched(("warnings",), (), NOW - timedelta(minutes=4)),
        ),
        received=(("webpush", 4), ("mail", 1)),
        devices=(Device(NOW - timedelta(days=200), reached_at=NOW - timedelta(days=6)),),
        coming=(
            Coming("Restmüll", Occurrence("1", date(2026, 12, 24))),
            Coming("Sitzung des Rates", Occurrence("2", datetime(2027, 1, 12, 18, tzinfo=UTC))),
            Coming("Biotonne", Occurrence("3", date(2027, 1, 14))),
        ),
    )  # fmt: skip
    return message(Change.MONTHLY, month=replace(quiet, **more))


PICKUP = WASTE.occurrences[0]
MESSAGES = {
    "new": message(Change.NEW, entry(ROAD, Change.NEW)),
    "new-storm": message(Change.NEW, entry(STORM, Change.NEW)),
    "revised": message(Change.REVISED, entry(ROAD, Change.REVISED, 2)),
    "withdrawn": message(Change.WITHDRAWN, entry(replace(ROAD, status=Status.CANCELLED), Change.WITHDRAWN, 3)),
    "all-clear": message(Change.WITHDRAWN, entry(replace(STORM, status=Status.CANCELLED), Change.WITHDRAWN, 2)),
    "elsewhere": message(Change.WITHDRAWN, entry(ROAD, Change.WITHDRAWN, 3)),
    "reminder": message(Change.REMINDER, entry(WASTE, Change.REMINDER, occurrence=PICKUP)),
    "deadline": message(Change.REMINDER, entry(TENDER, Change.REMINDER, occurrence=Occurrence("d", TENDER.deadline))),
    "correction": message(
        Change.CORRECTION,
        entry(WASTE, Change.CORRECTION, 2, before=PICKUP, occurrence=Occurrence("1", date(2026, 12, 23))),
    ),
    "dropped": message(
        Change.CORRECTION,
        entry(WASTE, Change.CORRECTION, 2, before=PICKUP, occurrence=replace(PICKUP, status=Status.CANCELLED)),
    ),
    "changes": message(Change.REVISED, entry(KITA_CHANGED, Change.REVISED, 2, changes=difference(KITA, KITA_CHANGED))),
    "digest-changes": message(
        Change.DIGEST,
        entry(ROAD, Change.NEW),
        entry(KITA_CHANGED, Change.REVISED, 2, changes=difference(KITA, KITA_CHANGED)),
    ),
    "digest": message(
        Change.DIGEST, entry(ROAD, Change.NEW), entry(TENDER, Change.REVISED, 2), entry(ROAD, Change.REVISED, 2)
    ),
    "bundle": message(
        Change.BUNDLE, entry(ROAD, Change.NEW), entry(TENDER, Change.NEW), entry(KITA_CHANGED, Change.NEW)
    ),
    "test": message(Change.TEST),
    "confirm": message(Change.CONFIRM),
    "rescue": message(Change.RESCUE),
    "expiry": message(Change.EXPIRY, valid_until=NOW + timedelta(days=6)),
    "lapse": message(Change.LAPSE, valid_until=NOW + timedelta(days=30)),
    "link": message(Change.LINK),
    "address": message(Change.ADDRESS),
    "monthly": monthly(),
    "monthly-trouble": monthly(
        watched=(
            Watched(("waste",), ("Possendorf",), NOW - timedelta(days=3), NOW - timedelta(days=12), late=True),
            Watched(("lost",), ()),
        ),
        received=(),
        coming=(),
        devices=(
            Device(NOW - timedelta(days=200), troubled_since=NOW - timedelta(days=9)),
            Device(NOW - timedelta(days=3)),
        ),
    ),
}


WORDS = "The source answered with a web page instead of data."


def incident(sort, *, over=False, **more):
    """Return a source's incident as the jobs write it."""
    about = Incident(
        sort, "Abfallkalender", "waste", SITE.zone,
        cause("flood" if sort is Sort.HELD else "source-refused", WORDS), detail=WORDS, since=NOW - timedelta(hours=3), known=NOW - timedelta(days=3),
        last_date=date(2027, 12, 30) if over else date(2026, 12, 30), **more,
    )  # fmt: skip
    notice = Notice(
        f"incident-{sort}", f"source:s1:{sort}:1", "desk", "waste" if sort is Sort.SILENT else "desk",
        incident_texts(about, "de", over=over), status=Status.CANCELLED if over else Status.ACTIVE,
        category=sort.value, publisher="Bannewitz",
    )  # fmt: skip
    change = Change.WITHDRAWN if over else Change.NEW
    return message(change, entry(notice, change, 1 + over))


# Read in every language; of the others a few stand for all, and that no text is missing is tested word by word.
FEW = ("changes", "confirm", "correction", "digest", "new-storm", "storm-in-many-languages")
MANY_LANGUAGES = ("de-simple", "tr", "uk", "ar")
STORM_IN_MANY = replace(STORM, texts=(
    *STORM.texts,
    NoticeText("de-simple", "Warnung vor sehr starkem Sturm", "Der Wind ist so schnell: 130 km in der Stunde.", instruction="Bleiben Sie im Haus."),
    NoticeText("tr", "Çok şiddetli fırtına uyarısı", "Saatte 130 km hıza varan rüzgâr.", instruction="Evden çıkmayın."),
    NoticeText("uk", "Попередження про ураганний вітер", "Пориви до 130 км/год.", instruction="Залишайтеся вдома."),
    NoticeText("ar", "تحذير من عاصفة شديدة", "سرعة الرياح تصل إلى 130 كم/س.", instruction="ابقوا في المنزل."),
))  # fmt: skip
IN_MANY = {"storm-in-many-languages": message(Change.NEW, entry(STORM_IN_MANY, Change.NEW))}


MESSAGES |= {f"source-{sort}": incident(sort, waiting=2 if sort is Sort.HELD else 0) for sort in Sort}
MESSAGES |= {f"source-{sort}-over": incident(sort, over=True) for sort in Sort}


def recipient(language="de", endpoint="7", address="anna@example.org", token="t" * 120, **keys):
    return Recipient(
        endpoint, address, language, keys, f"{BASE}/m/{token}", f"{BASE}/u/{token}", f"{BASE}/c/{token}",
    )  # fmt: skip


def agrees_with_golden(name: str, found: bytes) -> None:
    """Compare with ``tests/golden/<name>``; ``ORTSRUF_GOLDEN=write`` writes it, a missing one fails."""
    path = GOLDEN / name
    if os.environ.get("ORTSRUF_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(found)
    assert path.exists(), f"{path} is missing: write it with ORTSRUF_GOLDEN=write and read it"
    assert found == path.read_bytes(), f"{path} differs"
