"""The only wiring: settings become a House with real doors, jobs by name, and an engine that runs them."""

from __future__ import annotations

import contextlib
import functools
import os
import random
import secrets
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import push
from hub.core.audit import Event
from hub.core.errors import SettingsError, StoreError
from hub.core.message import Outlet
from hub.core.ports import Engine
from hub.core.websub import is_reachable
from hub.engines.inline import InlineEngine
from hub.erasures import Erasures
from hub.fetcher.client import GuardedHttp
from hub.fetcher.wire import CurlWire
from hub.founding import load_reference, make_keys
from hub.gatherer import RealGatherer
from hub.jobs import (
    canary,
    digest,
    found,
    gather,
    impact,
    issue,
    lapse,
    measure,
    monthly,
    prekeys,
    remind,
    sweep,
    tend,
    watch,
    websub,
)
from hub.jobs.doors import DOORS
from hub.jobs.hold import Hold
from hub.jobs.house import House, Outgoing
from hub.jobs.patience import patiently
from hub.jobs.record import COMMAND
from hub.jobs.rotate import give_own
from hub.keyring import Keyring
from hub.links import Links
from hub.looped import PRIVATE, Loops
from hub.settings import Settings
from hub.store import audit, leases, towns
from hub.store.database import Store
from hub.strongbox import Strongbox

if TYPE_CHECKING:
    from hub.engines.postgres import PostgresEngine

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Building:
    """Everything of one process that must be opened and closed: store, client, engine and the house itself."""

    def __init__(
        self, settings: Settings, *, plugins: Sequence[Path] = (), clock: Callable[[], datetime] = now,
        lanes: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Open the database named in ``settings``, which ``ortsruf init`` must have prepared.

        ``lanes`` are those that this process works for; empty: all.
        """
        self.settings, self.plugins = settings, tuple(plugins)
        self.store = Store(settings.database_url)
        self.hold = Hold(self.store)
        self._ending = threading.Event()
        self.http = GuardedHttp(user_agent=_user_agent(settings), allow=settings.allow_hosts)
        self.wire = _wire(settings)
        self.engine = _engine(settings, self.jobs(), clock, lanes)
        self.keys = Keyring(self.store)
        self._loaded: dict[str, Outgoing] = {}
        self._began: dict[str, datetime] = {}
        self.house = House(
            store=self.store, engine=self.engine, gatherer=RealGatherer(self.http, plugins),
            channels=self._channel,
            outlet=self._outlet, links=Links(settings.base_url, self._link_key()), now=clock,
            owner=f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}",
            erased=Erasures(settings.data / "erased").note, removed=Erasures(settings.data / "erased").note_town,
            strongbox=Strongbox.of(settings.secret.get_secret_value()),
            sender=getattr(settings.channels.get("mail"), "sender", ""), jitter=random.random,
            rate=settings.rate, stopping=self._stopping,
            burst=timedelta(minutes=settings.burst_minutes),
            prekeys=getattr(settings.channels.get("webpush"), "prekeys", 0),
        )  # fmt: skip
        self.loops = Loops(settings, self.keys, self.house.links.token, functools.partial(canary.arrived, self.house))

    def _link_key(self) -> str:
        key = self.settings.secret.get_secret_value() or self.keys.get("links", "")
        if not key:
            raise SettingsError("This database has no keys yet. Run `ortsruf init` first.")
        return key

    def _channel(self, name: str) -> Outgoing:
        if name not in self._loaded:
            self._loaded[name] = self.loops.around(push.load(name, self.plugins))
        return self._loaded[name]

    def _outlet(self, channel: str) -> Outlet:
        return Outlet(self.http, self.settings.channels[channel], self.keys, self.house.now, self.wire)

    def jobs(self) -> dict[str, Callable[[str], object]]:
        """Return every job by name; each takes the id of its row."""
        ask: Callable[[House, str], object] = functools.partial(websub.ask, http=self.http)
        doors = {**DOORS, "websub": ask}
        return {name: functools.partial(self._run, door) for name, door in doors.items()}

    def _run(self, door: Callable[[House, str], object], subject: str) -> object:
        """Run one job; on hold it does nothing, and the sweep wakes it again afterwards."""
        return patiently(lambda: self._once(door, subject), stopping=self._ending.is_set)

    def _once(self, door: Callable[[House, str], object], subject: str) -> object:
        return None if self.hold.reason() else door(self.house, subject)

    def _stopping(self) -> bool:
        return self._ending.is_set() or bool(self.hold.reason())

    def steps(self) -> dict[str, Callable[[], object]]:
        """Return what the clock asks for, by name: each may be repeated, and none needs another to have come first."""
        house = self.house
        doors: dict[str, Callable[[], object]] = {
            "release": lambda: issue.release_due(house),
            "gather": lambda: gather.gather_due(house),
            "watch": lambda: tend.watch(house, calendars=self._is_over("watch", _HOUR)),
            "remind": lambda: remind.remind(house),
            "digest": lambda: digest.digest(house),
            "monthly": lambda: monthly.monthly(house),
            "lapse": lambda: lapse.lapse(house),
            "sweep": lambda: sweep.sweep(house),
            "retain": lambda: sweep.retain(house),
            "prove": self.prove,
            "measure": lambda: measure.measure(house),
            "prekeys": lambda: prekeys.fill(house),
            "forget": lambda: sweep.forget(house) if self._is_over("forget", _DAY) else None,
            "impact": lambda: impact.close(house) if self._is_over("impact", _HOUR) else None,
        }
        if is_reachable(self.settings.base_url, self.settings.websub):
            doors["websub"] = lambda: websub.renew(house)
        return {name: functools.partial(self._unless_held, door) for name, door in doors.items()}

    def _unless_held(self, door: Callable[[], object]) -> None:
        patiently(lambda: None if self.hold.reason() else door(), stopping=self._ending.is_set)

    def tick(self) -> None:
        """Do all that the clock asks for: wake due sources, fire reminders and digests, find what was left behind."""
        for step in self.steps().values():
            step()

    def prove(self) -> None:
        """Look for losses, and let the canaries set out; an installation from before them gets its keys now."""
        if PRIVATE not in self.keys:
            make_keys(self.store, self.house.now())
            self.keys.refresh()
        watch.watch(self.house)
        canary.send_canaries(
            self.house, timedelta(minutes=self.settings.canary_minutes), self.loops.address,
            lambda url: self.loops.fetch(url, self._outlet("ical")),
        )  # fmt: skip

    def _is_over(self, name: str, span: timedelta) -> bool:
        """Whether so long has passed since this last said so of ``name``; the first span begins with the process.

        What is costly need not be done at every tick.
        """
        now = self.house.now()
        over = name not in self._began or now - self._began[name] >= span
        if over:
            self._began[name] = now
        return over

    def run_all(self) -> int:
        """Run everything that waits in this thread (demo, tests); only the embedded engine can."""
        if not isinstance(self.engine, InlineEngine):
            raise TypeError("only the embedded engine runs jobs in the caller's thread")
        return self.engine.run_all()

    def ending(self) -> None:
        """Tell the running jobs to stop at their next checkpoint."""
        self._ending.set()

    def stop(self, seconds: float = 8.0) -> None:
        """Take no new job, let the running ones come to their next checkpoint, and give every lease back (O-03)."""
        self.ending()
        self.engine.stop(seconds)
        with contextlib.suppress(StoreError), self.store.begin() as session:
            leases.give_back(session, self.house.owner)

    def close(self) -> None:
        """Stop the engine and give back every lease and connection."""
        self.stop()
        self.wire.close()
        for channel in self._loaded.values():
            channel.close()
        self.http.close()
        self.store.close()


def _wire(settings: Settings) -> CurlWire:
    """Return the client for pushes, bounded as that channel is set."""
    push_settings = settings.channels.get("webpush")
    return CurlWire(
        user_agent=_user_agent(settings), allow=settings.allow_hosts,
        connections=getattr(push_settings, "connections", 8), streams=getattr(push_settings, "streams", 100),
    )  # fmt: skip


def _engine(
    settings: Settings, jobs: Mapping[str, Callable[[str], object]], clock: Callable[[], datetime], lanes: Sequence[str]
) -> Engine:
    """Return the engine that the settings name; its library is imported only then."""
    if settings.engine == "inline":
        return InlineEngine(jobs, clock, threads=settings.workers, gatherers=settings.gatherers)
    return _postgres(settings, jobs, clock, lanes)


def _postgres(
    settings: Settings, jobs: Mapping[str, Callable[[str], object]], clock: Callable[[], datetime],
    lanes: Sequence[str] = (),
) -> PostgresEngine:  # fmt: skip
    if not settings.database_url.startswith("postgresql"):
        raise SettingsError("engine = postgres needs database = postgresql+psycopg://…")
    from hub.engines.postgres import PostgresEngine

    return PostgresEngine(
        jobs, settings.database_url, clock, threads=settings.workers, gatherers=settings.gatherers, lanes=lanes
    )


def _user_agent(settings: Settings) -> str:
    return f"Ortsruf/0.1 (+{settings.contact or settings.base_url})"


def prepare(store: Store) -> None:
    """Make or update the tables of a database: ours, and on PostgreSQL the queue's."""
    store.upgrade()
    if not store.sqlite:
        from hub.engines.postgres import PostgresEngine

        PostgresEngine({}, store.engine.url.render_as_string(hide_password=False), now).apply_schema()


def initialise(settings: Settings, *, progress: Callable[[str], None] = lambda _step: None) -> dict[str, int]:
    """Make or update the database: tables, keys, reference data. Harmless when repeated; returns row counts."""
    settings.data.mkdir(parents=True, exist_ok=True)
    store = Store(settings.database_url)
    try:
        progress("tables")
        store.upgrade()
        if settings.engine == "postgres":
            _postgres(settings, {}, now).apply_schema()
        progress("keys")
        make_keys(store, now())
        progress("places, codes and holidays")
        return load_reference(store, now())
    finally:
        store.close()


def add_municipality(
    store: Store, *, ars: str, slug_: str = "", language: str = "de", zone: str = "Europe/Berlin"
) -> str:
    """Store the official municipality with key ``ars``; returns its slug, which stays if it is there already.

    Raises ``SettingsError`` if it is unknown or the slug is another one's.
    """
    with store.begin() as session:
        there = towns.listed(session)
        taken = {row["id"]: row["path"] for row in there}
        chosen = slug_ or found.suggested(found.the_place(ars), taken)
        plan = found.planned(ars, slug_=chosen, language=language, zone=zone)
        if found.refuse_twin(there, plan) is None:
            found.add(session, plan, now())
            audit.add(session, Event(now(), COMMAND, "municipality.added", plan.slug, detail={"ars": plan.place.ars}))
            give_own(session, plan.slug, now(), actor=COMMAND)
    return plan.slug
