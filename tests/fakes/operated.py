"""A county of two towns with a past to look at: deliveries, late ones, a broken source, canaries and processes."""

from __future__ import annotations

import math
from datetime import timedelta

from fakes.house import Town, news
from fakes.people import COUNTY, account, operator, session_of
from fakes.towns import OTHER, add_source, add_town
from sqlalchemy import insert

from hub.core.errors import SourceRefused
from hub.core.goals import BUCKETS
from hub.core.losses import Loss, Sort
from hub.jobs.contact import set_contact
from hub.store import alarms, canaries, heartbeats, samples
from hub.store.schema import budget

OWN = "huertgenwald"


def county(town: Town) -> tuple[str, str]:
    """Fill the installation; returns the tokens of a county operator and of the village's operator."""
    add_town(town)
    add_source(town, "k1")
    town.source("s1")
    town.person()
    town.poll("s1", news("n1"))
    town.gatherer.breaks("k1", SourceRefused("The server answered 404.", subject="k1"))
    for _ in range(4):
        town.clock.forward(minutes=40)
        town.run()
    set_contact(town.house, OWN, "rathaus@example.org")
    past(town)
    proven(town)
    return (
        session_of(town, account(town, "kreis@example.org", COUNTY)),
        session_of(town, account(town, "anna@example.org", operator())),
    )


def proven(town: Town) -> None:
    """Let the canaries of the village arrive, and one of the neighbour's not; two processes live, one alarm stands."""
    now = town.clock()
    with town.store.begin() as session:
        for slug in (OWN, OTHER):
            for number, channel in enumerate(("webpush", "mail", "ical")):
                canaries.add(session, slug, channel, 9000 + number + 10 * (slug == OTHER))
            canaries.set_out(session, slug, "x", now - timedelta(minutes=20))
        for endpoint in (9000, 9001, 9002, 9010, 9012):
            canaries.proved(session, endpoint, "loopback", now - timedelta(minutes=19))
        canaries.failed(session, 9011, "The mail server refuses our mail.")
        lost = Loss(Sort.CANARY, f"{OTHER}:mail", {
            "channel": "mail", "since": (now - timedelta(hours=1)).isoformat(), "detail": "The mail server refuses our mail.",
        })  # fmt: skip
        alarms.note(session, [lost], set(), now)
        alarms.ran(session, "watch", now)
        for name, role, detail in (("web-1-aa", "web", ""), ("tick-1-bb", "tick", "leads"), ("work-1-cc", "work", "")):
            heartbeats.beat(
                session, name, role=role, lanes="all", started_at=now - timedelta(days=3), detail=detail,
                now=now - timedelta(seconds=8),
            )  # fmt: skip


def past(town: Town) -> None:
    """Write a month of budgets and of samples, as the ticks would have done."""
    now = town.clock()
    rows = [
        {"municipality_id": slug, "day": (now - timedelta(days=day)).date().isoformat(), "channel": channel,
         "kept": size * (5 + day % 7), "late": late if day in {3, 11} else 0, "lost": 0}
        for day in range(1, 30)
        for slug, late in ((OWN, 2), (OTHER, 40))
        for channel, size in (("webpush", 90), ("mail", 40))
    ]  # fmt: skip
    with town.store.begin() as session:
        session.execute(insert(budget), rows)
        for hour in range(30 * 24, -1, -1):
            samples.write(session, now - timedelta(hours=hour), _figures(30 * 24 - hour), hourly=True)


def _figures(hour: int) -> dict[tuple[str, str], float]:
    wave = 1 + math.sin(hour / 24 * 2 * math.pi)
    done = hour * 40 + int(200 * wave)
    found = {"sent:webpush": done, "sent:mail": done // 3, "troubled": float(hour % 5 == 0), "held": 0.0}
    found |= {f"le:{edge}": 0.0 for edge in (*BUCKETS, 0)}
    found |= {"le:2": done * 0.6, "le:5": done * 0.3, "le:30": done * 0.08, "le:300": done * 0.02}
    found |= {"queue:emergency": 0.0, "queue:transactional": 1.0, "queue:normal": 20 * wave, "queue:digest": 90 * wave}
    found |= {"canary:webpush": 900 + 300 * wave, "canary:mail": 2500 + 1000 * wave, "canary:ical": 80.0}
    house = {(name, ""): float(value) for name, value in found.items()}
    return house | {("canary:webpush", OWN): 900 + 300 * wave, ("canary:mail", OWN): 2500.0, ("canary:ical", OWN): 80.0}
