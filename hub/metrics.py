"""Metrics for Prometheus: read from the database at each scrape, so that any web process answers for all.

Totals and histograms come from the tallies (each batch counted once, by whichever process), the rest from the open
rows. A scrape costs a few indexed statements, however many deliveries there were.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from hub.core.fanout import Lane
from hub.core.goals import BUCKETS
from hub.core.health import State, state
from hub.core.ledger import SETTLED, summary
from hub.core.losses import DEAD, WINDOW, Sort
from hub.jobs.house import House
from hub.store import alarms, canaries, figures, heartbeats, ledger, tally

_MOST = 200  # recent publications whose accounts are gone through
_LANES = [lane.value for lane in Lane if lane is not Lane.GATHER]


def scrape(house: House) -> bytes:
    """Return all metrics in the text format of Prometheus. Raises ``StoreError``."""
    registry = CollectorRegistry()
    registry.register(Figures(house))
    return generate_latest(registry)


class Figures(Collector):
    """Reads all figures at one moment."""

    def __init__(self, house: House) -> None:
        self._house = house

    def describe(self) -> list[Metric]:
        """Describe nothing beforehand: the database is asked only when somebody scrapes."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Return every metric."""
        now = self._house.now()
        with self._house.store.read() as session:
            found = [*_totals(session), *_queue(session, now), *_world(session, now), *_proof(session, now)]
        yield from found


def _gauge(name: str, text: str, values: Mapping[Any, float], *labels: str) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in sorted(values.items()):
        family.add_metric(list(key), value)
    return family


def _age(at: datetime | None, now: datetime) -> float:
    return max(0.0, (now - at).total_seconds()) if at is not None else 0.0


def _totals(session: Session) -> Iterator[Metric]:
    """Yield what was delivered, and how soon after it was seen."""
    kept: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in tally.totals(session):
        kept[row["channel"], row["lane"]][row["name"]] = row["value"]
    outcomes = CounterMetricFamily(
        "ortsruf_deliveries", "Deliveries that came to an end.", labels=["channel", "lane", "outcome"]
    )
    times = HistogramMetricFamily(
        "ortsruf_delivery_seconds",
        "From the moment the hub learned of it to the hand-over.",
        labels=["channel", "lane"],
    )
    for key, counts in sorted(kept.items()):
        for name in SETTLED:
            outcomes.add_metric([*key, name], counts[name])
        below, buckets = 0, []
        for edge in BUCKETS:
            below += counts[f"le:{edge}"]
            buckets.append((str(float(edge)), below))
        buckets.append(("+Inf", below + counts["le:0"]))
        times.add_metric(list(key), buckets, sum_value=counts["milliseconds"] / 1000)
    yield outcomes
    yield times


def _queue(session: Session, now: datetime) -> Iterator[Metric]:
    """Yield what waits."""
    rows = {row["lane"]: row for row in figures.lanes(session, now)}
    lanes = sorted({*_LANES, *rows})

    def per_lane(name: str) -> dict[tuple[str, ...], float]:
        return {(lane,): float(rows[lane][name]) if lane in rows else 0.0 for lane in lanes}

    yield _gauge("ortsruf_batches_open", "Batches that are not done.", per_lane("open"), "lane")
    yield _gauge("ortsruf_batches_due", "Batches that could be worked on now.", per_lane("due"), "lane")
    oldest = {(lane,): _age(rows[lane]["oldest"], now) if lane in rows else 0.0 for lane in lanes}
    yield _gauge("ortsruf_oldest_due_seconds", "For how long the oldest batch is due.", oldest, "lane")
    yield _gauge("ortsruf_retries_waiting", "Recipients who are tried again.", {(): figures.retries(session)})
    waiting = figures.open_publications(session)
    yield _gauge("ortsruf_publications_open", "Messages that are not matched yet.", {(): waiting})
    yield _gauge("ortsruf_reminders_due", "Reminders that are due.", {(): figures.due_reminders(session, now)})


def _world(session: Session, now: datetime) -> Iterator[Metric]:
    """Yield how services, sources and processes are."""
    paused: dict[tuple[str, ...], float] = {
        (channel,): float(count) for channel, count in figures.paused(session, now).items()
    }
    known: dict[tuple[str, ...], float] = {(channel,): 0.0 for channel in ("mail", "webpush")}
    yield _gauge("ortsruf_services_paused", "Services that asked for a pause.", {**known, **paused}, "channel")
    states = Counter({(one.value,): 0.0 for one in State})
    ages: dict[tuple[str, ...], float] = {}
    for row in figures.sources(session):
        states[(state(row, now).state.value,)] += 1
        if row["enabled"] and row["succeeded_at"] is not None:
            ages[row["municipality_id"], row["id"], row["topic"]] = _age(row["succeeded_at"], now)
    yield _gauge("ortsruf_sources", "Sources by state.", dict(states), "state")
    yield _gauge("ortsruf_source_age_seconds", "Age of a source's data.", ages, "municipality", "source", "topic")
    beats: dict[tuple[str, ...], float] = {}
    living = Counter({(role,): 0.0 for role in ("serve", "web", "work", "tick")})
    for one in heartbeats.listed(session):
        beats[one["role"], one["name"]] = _age(one["at"], now)
        living[(one["role"],)] += now - one["at"] <= DEAD
    yield _gauge("ortsruf_heartbeat_age_seconds", "Age of a process's last heartbeat.", beats, "role", "process")
    yield _gauge("ortsruf_processes_alive", "Processes that live.", dict(living), "role")


def _proof(session: Session, now: datetime) -> Iterator[Metric]:
    """Yield what the watch says."""
    meant, _, missing = summary(ledger.accounts(session, since=now - WINDOW, most=_MOST))
    yield _gauge("ortsruf_ledger_meant", "Recipients meant by the messages of the last two hours.", {(): meant})
    yield _gauge("ortsruf_ledger_missing", "Those of them of whom nobody knows.", {(): missing})
    kinds = Counter({(one.value,): 0.0 for one in Sort})
    for row in alarms.current(session):
        kinds[(row["kind"],)] += 1
    yield _gauge("ortsruf_alarms", "Alarms that hold.", dict(kinds), "kind")
    marks = alarms.marks(session)
    for name, text in (("mended", "Losses that the watch mended."), ("lost", "Alarms that began.")):
        family = CounterMetricFamily(f"ortsruf_losses_{name}", text)
        family.add_metric([], marks[name]["count"] if name in marks else 0)
        yield family
    watched = marks["watch"]["at"] if "watch" in marks else None
    yield _gauge("ortsruf_watch_age_seconds", "For how long the watch went no round.", {(): _age(watched, now)})
    proved, took = {}, {}
    for row in canaries.listed(session):
        key = (row["municipality_id"], row["channel"])
        proved[key] = _age(row["proved_at"] or row["waits_since"], now)
        took[key] = row["milliseconds"] / timedelta(seconds=1).total_seconds() / 1000
    yield _gauge("ortsruf_canary_age_seconds", "Since a test message arrived.", proved, "municipality", "channel")
    yield _gauge("ortsruf_canary_seconds", "How long the last test message took.", took, "municipality", "channel")
