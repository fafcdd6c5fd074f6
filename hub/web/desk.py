"""What every page works with: the house, the language of this request, the town, this device's cookie."""

from __future__ import annotations

import ipaddress
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import cast

from flask import abort, current_app, g, request
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core import flood
from hub.core.lapse import COARSE
from hub.directory import Directory
from hub.jobs.find import Finder
from hub.jobs.foresee import Foresight
from hub.jobs.house import House
from hub.jobs.subscribe import person_of
from hub.links import Links
from hub.settings import Settings
from hub.store import floods, lifesigns, subscribers, towns
from hub.web.feeds import Feeds
from hub.web.language import LANGUAGES, OFFICE_LANGUAGES, Language, choose
from hub.web.shelf import Shelf
from push.ical import Settings as Calendars

NAME = "ortsruf"
LANGUAGE_COOKIE = "ortsruf-language"
_MOST_SENDERS = 10_000
_GIVEN = 64_000_000  # bytes
_OFFICE = ("hub.web.writing", "hub.web.operating")  # packages whose pages have the office's languages only


@dataclass
class Gate:
    """At most ``most`` sign-ups per sender within ``span``; in the memory of this process."""

    most: int = 20
    span: timedelta = timedelta(hours=1)
    _seen: dict[str, deque[datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def passes(self, sender: str, now: datetime) -> bool:
        """Count one attempt of ``sender``; ``False`` when it is one too many."""
        with self._lock:
            if len(self._seen) > _MOST_SENDERS:
                self._seen = {name: times for name, times in self._seen.items() if times[-1] > now - self.span}
            times = self._seen.setdefault(sender, deque(maxlen=self.most))
            while times and times[0] <= now - self.span:
                times.popleft()
            if len(times) >= self.most:
                return False
            times.append(now)
            return True


def household(client: str) -> str:
    """Return whose a client's address is: in IPv6 a household has a /64."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else client  # noqa: PLR2004


@dataclass
class Desk:
    """One application's own things."""

    house: House
    settings: Settings
    health: Callable[[], tuple[str, ...]]
    gate: Gate = field(default_factory=Gate)
    feeds: Feeds = field(init=False)
    finder: Finder = field(init=False)
    foresight: Foresight = field(init=False)
    given: Shelf = field(default_factory=lambda: Shelf(_GIVEN))  # feeds for other installations

    def __post_init__(self) -> None:
        """Open the shelf of calendars, and what keeps names and the past in memory."""
        self.finder = Finder(self.house.store, self.house.now)
        self.foresight = Foresight(self.house.store, self.house.now, self.house.burst)
        self.feeds = Feeds(self.house, self.settings.channels.get("ical") or Calendars())

    @cached_property
    def directory(self) -> Directory | None:
        """The county's directory, if the settings name one."""
        if not self.settings.oidc_issuer:
            return None
        back = f"{self.house.links.base_url}/anmelden/verzeichnis/zurueck"
        return Directory(self.house.outlet("mail").http, self.settings, back)

    def lets_sign_up(self, client: str, municipality: str) -> bool:
        """Count one sign-up of a client's network in a municipality; ``False`` when it is one too many (E-02, W-11).

        The gate is this process's own and strict; the counters in the database are shared by all.
        """
        now = self.house.now()
        if not self.gate.passes(household(client), now):
            return False
        counters = flood.counters("person", client, municipality, self.house.links.key)
        with self.house.store.begin() as session:
            return floods.passes(session, counters, now)

    def lets(self, sort: str, client: str, municipality: str) -> bool:
        """Count one act of ``sort`` (``hub.core.flood``) in a municipality; ``False`` when it is one too many."""
        counters = flood.counters(sort, client, municipality, self.house.links.key)
        with self.house.store.begin() as session:
            return floods.passes(session, counters, self.house.now())

    def lets_account(self, sort: str, account_id: int, most: int) -> bool:
        """Count one act of somebody who is signed in; ``False`` when it is more than ``most`` within an hour."""
        with self.house.store.begin() as session:
            return floods.passes(session, {f"{sort}:{account_id}": most}, self.house.now())

    @property
    def secure(self) -> bool:
        """Whether the public address is https, so that cookies must be secure."""
        return self.house.links.base_url.startswith("https:")

    def cookie(self, name: str) -> str:
        """Return a cookie's name; on https bound to this very host (RFC 6265bis, 4.1.3.2)."""
        return f"__Host-{name}" if self.secure else name


def desk() -> Desk:
    """Return this application's desk."""
    return cast("Desk", current_app.extensions[NAME])


def house() -> House:
    """Return this application's house."""
    return desk().house


def links() -> Links:
    """Return the links of this request's town, at its own host if it has one; else the installation's."""
    own = g.get("town")
    return house().links_of(own) if own else house().links


def language() -> Language:
    """Return the language of this request: ``?lang=``, cookie, Accept-Language, the town's, German."""
    if "language" not in g:
        g.language = choose(
            (
                request.args.get("lang"),
                request.cookies.get(LANGUAGE_COOKIE),
                *request.accept_languages.values(),
                g.town["language"] if g.get("town") else None,
            ),
            languages(),
        )
    return cast("Language", g.language)


def languages() -> Sequence[str]:
    """Return the languages that the page asked for is offered in."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "__module__", "").startswith(_OFFICE):
        return OFFICE_LANGUAGES
    chosen = g.town["languages"].split() if g.get("town") else ()
    return [one for one in LANGUAGES if one in chosen] or LANGUAGES


def town(slug: str) -> RowMapping:
    """Return the municipality called ``slug`` and make it this request's own; 404 if there is none."""
    with house().store.read() as session:
        row = towns.get(session, slug)
    if row is None:
        abort(404)
    g.town = row
    return row


def person(token: str) -> RowMapping:
    """Return the subscriber that a secret link names and make their town this request's own; 404 otherwise.

    Who sends a form, or comes from the device that remembers this link, is alive; a mail scanner does neither, and the
    app that looks for news by itself (``Ortsruf-Refresh``) is no person.
    """
    row = person_of(house(), token)
    if row is None:
        abort(404)
    town(row["municipality_id"])
    at_home = request.cookies.get(desk().cookie(NAME)) == token and "Ortsruf-Refresh" not in request.headers
    known = request.method == "POST" or at_home
    if known and row["alive_at"] < house().now() - COARSE:
        with house().store.begin() as session:
            lifesigns.seen(session, [row["id"]], house().now())
    return row


def mine(session: Session, row: RowMapping) -> list[RowMapping]:
    """Return the municipalities in which a subscriber has chosen a place, where they are at home first."""
    wished = subscribers.subscriptions(session, row["id"])
    slugs = {row["municipality_id"], *(one["town"] for one in wished if one["criteria"].get("places"))}
    order = sorted(slugs, key=lambda slug: (slug != row["municipality_id"], slug))
    return [one for one in (towns.get(session, slug) for slug in order) if one is not None]
