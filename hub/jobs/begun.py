"""Begun: a municipality that somebody is about to found in the browser, kept until it is founded or given up.

Everything is founded in one transaction with the taking of what was kept, so that two clicks found once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as default_of
from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.errors import SettingsError
from hub.core.notice import PlaceRef
from hub.core.source import Source
from hub.core.streets import Reading, reading
from hub.jobs import found
from hub.jobs.found import Plan
from hub.jobs.house import House
from hub.jobs.making import make_at_once
from hub.jobs.record import by_account, record
from hub.store import foundings, sources

FIELDS = (  # what is planned of what is given
    "name", "language", "colour", "imprint_url", "easy_url", "sign_url", "contact", "editor", "operator", "hosts",
    "languages", "sender", "sender_name", "reply_to", "dkim_domain", "push_contact", "first_notice", "reader",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Begun:
    """What was given so far: texts by field, chosen sources, the files."""

    given: Mapping[str, Any] = default_of(default_factory=dict)
    logo: bytes = b""
    streets: bytes = b""

    def field(self, name: str, default: str = "") -> str:
        """Return one field."""
        return str(self.given.get(name, default))

    @property
    def reading(self) -> Reading:
        """What the list of streets holds."""
        return reading(self.streets) if self.streets else Reading(())

    @property
    def sources(self) -> Sequence[Source]:
        """The sources that were looked at and chosen."""
        chosen = [one for one in self.given.get("sources", {}).values() if one.get("take") and one.get("made")]
        return [_source(one["made"]) for one in chosen]


def begun(house: House, account_id: int) -> Begun:
    """Return what somebody has begun; nothing given if they have not."""
    with house.store.read() as session:
        return _begun(foundings.get(session, account_id))


def _begun(row: RowMapping | None) -> Begun:
    if row is None:
        return Begun()
    return Begun(row["given"], foundings.unpacked(row["logo"]), foundings.unpacked(row["streets"]))


def keep(house: House, account_id: int, given: Mapping[str, Any], **files: bytes) -> None:
    """Keep what was given beside what is there; ``files`` are ``logo`` and ``streets``, empty takes one away."""
    with house.store.begin() as session:
        row = foundings.get(session, account_id)
        whole = {**(row["given"] if row is not None else {}), **given}
        foundings.put(session, account_id, house.now(), whole, **files)


def discard(house: House, account_id: int) -> None:
    """Forget what somebody has begun."""
    with house.store.begin() as session:
        foundings.take(session, account_id)


def planned(one: Begun) -> Plan:
    """Return the plan that was given. Raises ``SettingsError`` for what cannot be (any more)."""
    if not one.field("ars"):
        raise SettingsError("Say which municipality.")
    given: dict[str, Any] = {name: one.field(name) for name in FIELDS if one.field(name)}
    name = given.pop("name", "")
    if "first_notice" not in given:
        given.pop("reader", None)  # there is nothing to read
    plan = found.planned(one.field("ars"), slug_=one.field("slug"), name=name, logo=one.logo, **given)
    return replace(plan, streets=one.reading.streets)


def found_now(house: House, account_id: int) -> str | None:
    """Found what somebody has begun, whole or not at all; returns its slug, ``None`` if there is nothing (any more).

    Raises ``SettingsError``, and ``SubscribeError`` for an address that is none; then all stays as it was.
    """
    actor = by_account(account_id)
    with house.store.begin() as session:
        row = foundings.take(session, account_id)
        if row is None:
            return None
        one = _begun(row)
        plan = planned(one)
        make_at_once(house, session, plan, actor)
        for source in one.sources:
            _add(house, session, actor, plan, source)
    return plan.slug


def _add(house: House, session: Session, actor: str, plan: Plan, source: Source) -> None:
    made = replace(source, municipality=plan.slug, name=source.name or source.url)
    sources.add(session, plan.slug, made, house.now())
    record(house, session, actor, "source.added", municipality=plan.slug, subject=f"source:{made.id}", kind=made.kind)


def packed(source: Source) -> dict[str, Any]:
    """Return a source as JSON."""
    return {
        "id": source.id, "kind": source.kind, "url": source.url, "name": source.name, "topic": source.topic,
        "language": source.language, "zone": source.zone, "interval": source.interval, "config": dict(source.config),
        "places": [[ref.scheme, ref.value, ref.name] for ref in source.places],
    }  # fmt: skip


def _source(kept: Mapping[str, Any]) -> Source:
    places = tuple(PlaceRef(*one) for one in kept["places"])
    return Source(**{**kept, "places": places, "municipality": ""})
