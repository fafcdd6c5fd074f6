"""One feed with everything in it that readers are known to stumble over, and what each must read out of it."""

from datetime import UTC, date, datetime, timedelta

from hub.core.message import Payload, Reason, Site
from hub.core.notice import Geometry, Notice, NoticeText, Occurrence, Status
from push.ical.feed import FeedEntry
from push.ical.render import render_feed

CHANGED = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
SITE = Site(
    base_url="https://ortsruf.example", name="Gemeinde Nümbrecht", sender="info@ortsruf.example", slug="nuembrecht"
)
WHY = Reason("council", "Nümbrecht", ("Haushalt",), km=1.25)


def entry(uid="a", *, start, end=None, title="Sitzung des Rates", topic="council", **more) -> FeedEntry:
    """An entry of one occurrence; ``notice``, ``occurrence`` and all else of FeedEntry by keyword."""
    of_notice = more.pop("notice", {})
    occurrence = Occurrence(uid, start, end, **more.pop("occurrence", {}))
    text = NoticeText("de", title, more.pop("body", ""), instruction=more.pop("instruction", ""))
    notice = Notice(**{"id": f"notice-{uid}", "key": uid, "kind": "ical", "topic": topic, "texts": (text,)} | of_notice)
    given = {"sequence": 0, "changed": CHANGED, "url": f"https://ortsruf.example/n/{uid}"} | more
    return FeedEntry(uid, notice, occurrence, **given)


def golden_entries() -> list[FeedEntry]:
    evening = timedelta(hours=6)
    return [
        entry(
            "waste", start=date(2026, 12, 8), end=date(2026, 12, 9), title="Restmüll 🗑️", topic="waste", leads=(evening,)
        ),
        # 19:00 in Berlin: winter, summer, and a summer after the year in which lists of dates end
        entry(
            "winter",
            start=datetime(2026, 12, 3, 18, tzinfo=UTC),
            end=datetime(2026, 12, 3, 20, tzinfo=UTC),
            body="Öffentlich; Tagesordnung: 1, 2, 3\nÜber den Haushalt \\ die Gebühren. "
            + "Größere Maßnahme. 🚧 " * 40,
            instruction="Bitte den Eingang „Süd“ benutzen.",
            occurrence={"location": "Rathaus, Großer Saal; 1. Stock"},
            notice={"attribution": "Ratsinformationssystem, CC BY 4.0", "geometry": Geometry(points=((7.54, 50.9),))},
            leads=(timedelta(days=1), timedelta(hours=2)),
            reason=WHY,
            sequence=2,
        ),
        entry("summer", start=datetime(2027, 7, 1, 17, tzinfo=UTC), end=datetime(2027, 7, 1, 19, tzinfo=UTC)),
        entry("far", start=datetime(2045, 7, 6, 17, tzinfo=UTC), end=datetime(2045, 7, 6, 19, tzinfo=UTC)),
        entry("off", start=datetime(2026, 12, 10, 17, tzinfo=UTC), occurrence={"status": Status.CANCELLED}, sequence=1),
        entry(
            "tender",
            start=datetime(2027, 1, 12, 10, tzinfo=UTC),
            title="Neubau der Kita: Lüftung",
            topic="tenders",
            notice={"deadline": datetime(2027, 1, 12, 10, tzinfo=UTC)},
        ),
        # the second 02:30 of the night in which clocks go back
        entry("twice", start=datetime(2027, 10, 31, 1, 30, tzinfo=UTC), end=datetime(2027, 10, 31, 2, tzinfo=UTC)),
        entry("evil", start=date(2027, 1, 1), title="Nacht\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x", topic="news"),
    ]


def golden_feed(entries=None, **more) -> Payload:
    """The feed of ``entries`` as Nümbrecht would serve it."""
    given = {
        "site": SITE,
        "name": "Mein Kalender – Nümbrecht",
        "language": "de",
        "source_url": "https://ortsruf.example/k/token.ics",
        "alarms_on": True,
    }
    return render_feed(golden_entries() if entries is None else entries, **(given | more))


# What every reader must say: start in UTC or a day, status, summary.
MEANT = {
    "waste": (date(2026, 12, 8), "confirmed", "Restmüll 🗑️"),
    "winter": (datetime(2026, 12, 3, 18, tzinfo=UTC), "confirmed", "Sitzung des Rates"),
    "summer": (datetime(2027, 7, 1, 17, tzinfo=UTC), "confirmed", "Sitzung des Rates"),
    "far": (datetime(2045, 7, 6, 17, tzinfo=UTC), "confirmed", "Sitzung des Rates"),
    "off": (datetime(2026, 12, 10, 17, tzinfo=UTC), "cancelled", "ABGESAGT: Sitzung des Rates"),
    "tender": (datetime(2027, 1, 12, 10, tzinfo=UTC), "confirmed", "Neubau der Kita: Lüftung"),
    "twice": (datetime(2027, 10, 31, 1, 30, tzinfo=UTC), "confirmed", "Sitzung des Rates"),
    "evil": (date(2027, 1, 1), "confirmed", "Nacht END:VEVENT BEGIN:VEVENT UID:x"),
}


def meant() -> list[dict]:
    """MEANT in the form that the readers answer in."""
    return sorted(
        (
            {"uid": f"notice-{uid}-{uid}@ortsruf.example", "start": start, "status": status, "summary": summary}
            for uid, (start, status, summary) in MEANT.items()
        ),
        key=lambda one: one["uid"],
    )
