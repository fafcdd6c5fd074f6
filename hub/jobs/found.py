"""Found: a municipality is planned and checked as a whole; ``hub.jobs.making`` makes it."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from pydantic import ValidationError
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub import reference
from hub.core import contrast
from hub.core.errors import OrtsrufError, SettingsError
from hub.core.place import slug
from hub.core.streets import Street, read
from hub.core.tongues import TONGUES
from hub.jobs import dress, own
from hub.jobs.welcome import check_first
from hub.logo import cleaned
from hub.reference import Municipality
from hub.store import towns
from push.webpush import Settings as Push

COLOUR = "#1d4f91"  # until a municipality chooses its own
_MOST_NAME, _MOST_SLUG = 80, 64
# What stands first in addresses of the installation itself; a test compares it with the pages there are.
RESERVED = frozenset({
    "abmelden", "anhang", "anmelden", "app", "c", "calendar", "canary", "d", "datenschutz", "demo", "einladung", "find",
    "healthz", "icon", "konto", "logo", "m", "map", "metrics", "move", "offline", "push", "readyz", "static", "theme",
    "u", "verwaltung", "websub",
})  # fmt: skip
Check = Callable[[Any], object]  # returns a value as it is kept, or raises what is wrong with it
_ARS = re.compile(r"\d{8}|\d{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Plan:
    """A municipality that can be made. What is empty is left as it is: the house's colour, no logo, nobody told."""

    place: Municipality
    slug: str
    name: str
    language: str = "de"
    zone: str = "Europe/Berlin"
    colour: str = ""
    logo: bytes = b""
    streets: tuple[Street, ...] = ()
    contact: str = ""
    operator: str = ""
    editor: str = ""  # invited, too
    push_contact: str = ""  # mailto: of its own push key; empty: the setting's
    first_notice: str = ""
    reader: str = ""  # the founder's own address, which hears of the first notice
    own: Mapping[str, str] = field(default_factory=dict)  # hub.jobs.own
    look: Mapping[str, str] = field(default_factory=dict)  # hub.jobs.dress


@dataclass(frozen=True, slots=True)
class Step:
    """What became of one step: ``state`` is ``made``, ``changed`` or ``there``; ``link`` is an invitation's."""

    name: str
    state: str
    detail: str = ""
    link: str = field(default="", repr=False)


def candidates(query: str) -> list[Municipality]:
    """Return the municipalities that an official key (8 or 12 digits), a postcode or a name may mean, likeliest first.

    One that is called exactly so is the only one.
    """
    asked = query.strip()
    digits = re.sub(r"\s", "", asked)
    if _ARS.fullmatch(digits):
        known = reference.municipality(digits)
        return [known] if known is not None else []
    found = reference.find_municipality(asked)
    same = [one for one in found if slug(one.name) == slug(asked)]
    return same if len(same) == 1 else found


def the_place(query: str) -> Municipality:
    """Return the one municipality that ``query`` means. Raises ``SettingsError`` naming those it may mean."""
    found = candidates(query)
    if len(found) == 1:
        return found[0]
    if not found:
        raise SettingsError(
            f"There is no municipality {query!r}. Give its official key, postcode or name; see `ortsruf place NAME`."
        )
    shown = "; ".join(f"{one.name}, {reference.path_name(one.ars[:5])} ({one.ars})" for one in found)
    raise SettingsError(f"{query!r} may mean several municipalities. Give the key of one of them: {shown}.")


def planned(
    query: str, *, slug_: str = "", name: str = "", checks: Mapping[str, Check] | None = None, **given: object
) -> Plan:
    """Return the plan for the municipality that ``query`` means, with the fields of :class:`Plan` in ``given``.

    ``streets`` and ``logo`` are given as bytes of a file; ``checks`` are for fields beside :data:`CHECKS`. Raises
    ``SettingsError`` that names every fault.
    """
    place, faults = the_place(query), []
    short = place.name.partition(",")[0]
    values: dict[str, object] = {"name": name or short, "slug": slug_ or slug(short), **given}
    for field_, check in {**CHECKS, **(checks or {})}.items():
        if values.get(field_):
            try:
                values[field_] = check(values[field_])
            except OrtsrufError as error:
                faults.append(str(error))
    own_ = {name: str(values.pop(name)) for name in own.CHECKS if name in values}
    look = {name: str(values.pop(name)) for name in (*dress.ADDRESSES, *dress.WORDS) if values.get(name)}
    try:
        own.check_together({**dict.fromkeys(own.CHECKS, ""), "language": values.get("language", "de"), **own_})
    except SettingsError as error:
        faults.append(str(error))
    if faults:
        raise SettingsError("\n".join(faults))
    return Plan(place, own={name: text for name, text in own_.items() if text}, look=look, **values)  # type: ignore[arg-type]


def check_name(text: str) -> str:
    """Return what a municipality is to be called. Raises ``SettingsError``."""
    found = " ".join(text.split())
    if not slug(found) or len(found) > _MOST_NAME or not found.isprintable():
        raise SettingsError(f"{text!r} is no name of a municipality; it has letters, and at most {_MOST_NAME}.")
    return found


def check_slug(text: str) -> str:
    """Return a name in addresses. Raises ``SettingsError``."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text, re.ASCII) or len(text) > _MOST_SLUG:
        raise SettingsError(
            f"{text!r} is no name in addresses; write a-z, 0-9 and single hyphens: {slug(text) or 'x'}."
        )
    if text in RESERVED:
        raise SettingsError(f"/{text} is an address of the installation itself; choose another --slug.")
    return text


def check_colour(text: str) -> str:
    """Return a colour as ``#rrggbb``. Raises ``SettingsError``."""
    try:
        return contrast.written(text.strip())
    except ValueError as error:
        raise SettingsError(str(error)) from error


def check_logo(content: bytes) -> bytes:
    """Return a logo's file as it is if it may be shown. Raises ``SettingsError``."""
    cleaned(content)
    return content


def check_language(text: str) -> str:
    """Return the tag of a language that the house speaks. Raises ``SettingsError`` naming them."""
    if text not in TONGUES:
        raise SettingsError(f"The house does not speak {text!r}; it speaks {', '.join(TONGUES)}.")
    return text


def check_zone(text: str) -> str:
    """Return an IANA time zone. Raises ``SettingsError``."""
    if text not in available_timezones():
        raise SettingsError(f"{text!r} is no time zone; write an IANA name such as Europe/Berlin.")
    return text


def check_push_contact(text: str) -> str:
    """Return whom push services may write to: ``mailto:`` and an address. Raises ``SettingsError``."""
    try:
        return Push(subject=text if text.startswith("mailto:") else f"mailto:{text.strip()}").subject
    except ValidationError as error:
        raise SettingsError(
            f"{text!r} is no contact for push services; write an address that can be reached."
        ) from error


CHECKS: Mapping[str, Check] = {
    "name": check_name, "slug": check_slug, "colour": check_colour, "logo": check_logo, "language": check_language,
    "zone": check_zone, "streets": read, "push_contact": check_push_contact, "first_notice": check_first, **own.CHECKS,
    **{name: functools.partial(dress.checked, name) for name in (*dress.ADDRESSES, *dress.WORDS)},
}  # fmt: skip


def suggested(place: Municipality, taken: Mapping[str, str]) -> str:
    """Return a slug for a municipality, where ``taken`` are the paths of those there are, by slug."""
    own = next((one for one, path in taken.items() if path == place.path), "")
    plain = slug(place.name.partition(",")[0])
    district = slug(reference.path_name(place.ars[:5]))
    return own or (plain if plain not in taken and plain not in RESERVED else f"{plain}-{district}")


def refuse_twin(there: Sequence[RowMapping], plan: Plan) -> RowMapping | None:
    """Return the row of the planned municipality if it is among those that are ``there``.

    Raises ``SettingsError`` if another one has its slug, or it is there under another slug.
    """
    same = next((one for one in there if one["id"] == plan.slug), None)
    if same is not None and same["path"] != plan.place.path:
        other = suggested(plan.place, {one["id"]: one["path"] for one in there})
        raise SettingsError(f"/{plan.slug} belongs to {same['name']} already. Choose another --slug, such as {other}.")
    own = next((one["id"] for one in there if one["path"] == plan.place.path and one["id"] != plan.slug), "")
    if own:
        raise SettingsError(f"{plan.name} is there already, as {own}. To go on with it, give --slug {own}.")
    return same


def add(session: Session, plan: Plan, now: datetime) -> bool:
    """Store the municipality's row; ``False`` if it is there."""
    values = {
        "id": plan.slug, "name": plan.name, "path": plan.place.path, "language": plan.language, "zone": plan.zone,
        "colour": plan.colour or COLOUR,
    }  # fmt: skip
    return towns.add(session, values, now)
