"""A county of private calendars on a throw-away SQLite file, and the web processes that serve them.

    python benchmarks/herd.py FOLDER [--calendars 100000]      seeds a hub and its file of addresses

``application`` (WSGI) and ``rsgi`` serve the hub in the folder that ``ORTSRUF_DATA`` names, as ``granian`` runs them.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1])]

from hub.bootstrap import Building, add_municipality, initialise, now
from hub.core.changes import decide
from hub.core.notice import Notice, NoticeText, Occurrence, PlaceRef, notice_id
from hub.core.subscription import Criteria
from hub.jobs.subscribe import Wish, set_wishes
from hub.settings import Settings
from hub.store import notices, subscribers, towns
from hub.store.schema import endpoint, interest, subscriber, subscription, way
from hub.web import create_app
from hub.web.front import front, settle

ARS = "053580016016"
TOWN = "huertgenwald"
ADDRESSES = "addresses.txt"
ZONES, FRACTIONS, MEETINGS = 50, ("Restmüll", "Biotonne", "Altpapier", "Gelbe Tonne"), 24
_PAGE = 10_000


def settings(folder: Path) -> Settings:
    """Return the settings of the hub in ``folder``."""
    from push.ical import Settings as Calendars

    return Settings(data=folder, base_url="http://127.0.0.1", log="json", channels={"ical": Calendars(cache_mb=256)})


def dates() -> Iterator[tuple[Notice, list[str]]]:
    """Yield a waste calendar for each zone and the council's meetings, with their places."""
    today = now().date()
    for number in range(ZONES):
        for week, fraction in enumerate(FRACTIONS):
            days = tuple(
                Occurrence(f"{index}", today + timedelta(days=week + 14 * index), summary=fraction)
                for index in range(15)
            )
            yield notice(f"w{number}{fraction}", "waste", fraction, days), [f"{ARS}/zone:z{number}"]
    for number in range(MEETINGS):
        begin = now() + timedelta(days=10 * number)
        days = (Occurrence("a", begin, begin + timedelta(hours=2), location="Rathaus"),)
        yield notice(f"c{number}", "council", f"{number}. Sitzung des Rates", days), [ARS]


def notice(key: str, topic: str, title: str, days: tuple[Occurrence, ...]) -> Notice:
    """Return a notice with dates."""
    text = NoticeText("de", title, "Bitte bis 6 Uhr an die Straße stellen.")
    return Notice(
        id=notice_id("s", key), key=key, kind="ical", topic=topic, texts=(text,), occurrences=days,
        places=(PlaceRef("ars", ARS),), series=topic == "waste",
    )  # fmt: skip


def seed(folder: Path, count: int) -> None:
    """Make a hub with ``count`` private calendars over 100 different choices; writes their paths to a file."""
    chosen = settings(folder)
    initialise(chosen)
    made = Building(chosen)
    add_municipality(made.store, ars=ARS)
    with made.store.begin() as session:
        towns.add_places(session, TOWN, [(f"{ARS}/zone:z{n}", "zone", f"Zone {n}") for n in range(ZONES)])
        for one, places in dates():
            decision = decide(one, None, now(), first_import=True)
            notices.save(
                session, TOWN, None, decision, places=places, zone="Europe/Berlin", now=now(), names=(one.key,)
            )
    choices = _choices(made)
    with made.store.begin() as session:
        for start in range(0, count, _PAGE):
            _people(session, choices, range(start + 2, min(start + _PAGE, count) + 2))
    links = [made.house.links.calendar(number, 1) for number in range(2, count + 2)]
    (folder / ADDRESSES).write_text("\n".join(one.removeprefix(chosen.base_url) for one in links))
    made.close()


def _choices(made: Building) -> list[list[int]]:
    """Return the interests of each choice, laid over the dates by the hub itself."""
    ways = (("ical", "calendar", ""), ("webpush", "reminder", "P1D@18:00"))
    with made.store.begin() as session:
        first = subscribers.add(session, TOWN, language="de", digest_at="07:00", next_digest_at=now(), now=now())
        wishes = [Wish(Criteria(("waste",), (f"{ARS}/zone:z{n}",)), ways) for n in range(ZONES)]  # type: ignore[arg-type]
        set_wishes(made.house, session, TOWN, first, [*wishes, Wish(Criteria(("council",), (ARS,)), ways)])  # type: ignore[arg-type]
    made.run_all()
    with made.store.read() as session:
        ids = list(session.scalars(interest.select().with_only_columns(interest.c.id).order_by(interest.c.id)))
    return [[one, *([ids[-1]] if both else [])] for one in ids[:-1] for both in (False, True)]


def _people(session: Any, choices: list[list[int]], ids: range) -> None:
    at = now()
    session.execute(
        subscriber.insert(),
        [
            {
                "id": n, "municipality_id": TOWN, "language": "de", "digest_at": "07:00",
                "next_digest_at": at + timedelta(days=1),
                "generation": 1, "created_at": at,
            }
            for n in ids
        ],
    )  # fmt: skip
    session.execute(
        endpoint.insert(),
        [
            {
                "id": n, "municipality_id": TOWN, "subscriber_id": n, "channel": "ical", "address": "",
                "address_hash": "", "service": "", "keys": {}, "state": "active", "created_at": at,
            }
            for n in ids
        ],
    )  # fmt: skip
    wished = [(n, index, one) for n in ids for index, one in enumerate(choices[n % len(choices)])]
    rows = [{"id": 1000 + 2 * n + index, "subscriber_id": n, "interest_id": one} for n, index, one in wished]
    session.execute(subscription.insert(), rows)
    ways = (("ical", "calendar", ""), ("webpush", "reminder", "P1D@18:00"))
    session.execute(
        way.insert(),
        [
            {"subscription_id": row["id"], "channel": channel, "action": action, "lead": lead}
            for row in rows for channel, action, lead in ways
        ],
    )  # fmt: skip


@functools.cache
def served() -> Any:
    """Return the hub's front in the folder that the environment names."""
    chosen = settings(Path(os.environ["ORTSRUF_DATA"]))
    made = Building(chosen)
    app = create_app(made.house, chosen)
    settle(app)  # as every web process does before its first request
    return front(app, made.house)


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """Serve (WSGI)."""
    return served()(environ, start_response)


def main() -> None:
    """Run from the command line."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("folder", type=Path)
    ask.add_argument("--calendars", type=int, default=100_000)
    wanted = ask.parse_args()
    seed(wanted.folder, wanted.calendars)


if __name__ == "__main__":
    main()
