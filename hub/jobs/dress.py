"""Dress: a municipality gets its colour, its logo, the pages its header and footer lead to, its words on barriers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core import contrast
from hub.core.errors import SettingsError
from hub.jobs.contact import known_town
from hub.jobs.house import House
from hub.jobs.record import COMMAND, record
from hub.logo import cleaned
from hub.store import feeds, looks

ADDRESSES = ("imprint_url", "easy_url", "sign_url")
WORDS = ("enforcement", "barriers")
_MOST_WORDS = 4_000
_MOST_TOLD = 200  # characters of a text in the audit log


def dress(house: House, municipality: str, given: Mapping[str, str], logo: bytes | None = None) -> RowMapping:
    """Change what is ``given`` (``colour``, :data:`ADDRESSES`, :data:`WORDS`; empty takes it away) and the ``logo``.

    ``logo`` empty takes it away, ``None`` leaves it. Returns the municipality's row. Raises ``SettingsError`` for what
    cannot be; then nothing is changed.
    """
    with house.store.begin() as session:
        put_look(house, session, COMMAND, municipality, given, logo=logo)
        return known_town(session, municipality)


def put_look(
    house: House, session: Session, actor: str, municipality: str, given: Mapping[str, str], *,
    logo: bytes | None = None,
) -> dict[str, str]:  # fmt: skip
    """Do the same in the caller's transaction; returns what changed. Raises ``SettingsError``; the transaction ends."""
    wanted = {name: checked(name, value.strip()) for name, value in given.items()}
    kind, content = cleaned(logo) if logo else ("", b"")
    town = known_town(session, municipality)
    if content:
        named = hashlib.sha256(municipality.encode() + b"\0" + content).hexdigest()[:24]
        wanted["logo"] = f"{named}.{kind}"
        looks.put_picture(session, municipality, wanted["logo"], content)
    elif logo is not None:
        wanted["logo"] = ""
        looks.drop_pictures(session, municipality)
    changed = {name: value for name, value in wanted.items() if town[name] != value}
    if changed:
        looks.change(session, municipality, **changed)
        told = {name: value[:_MOST_TOLD] for name, value in changed.items()}
        record(house, session, actor, "municipality.changed", municipality=municipality, **told)
    if "colour" in changed:
        feeds.touch_town(session, municipality)  # calendars carry it
        feeds.touch_town(session, municipality, private=True)
    return changed


def remarks(town: RowMapping) -> list[str]:
    """Return what the person who dresses a municipality should know of it, in plain words."""
    shades = contrast.shades(town["colour"])
    found = []
    if shades.light != shades.brand:
        ratio = min(contrast.contrast(shades.brand, one) for one in contrast.LIGHT)
        found.append(
            f"{shades.brand} is too light to be read ({ratio:.1f}:1, WCAG AA wants {contrast.AA}:1): links and "
            f"buttons are {shades.light}. The stripe at the top keeps {shades.brand}."
        )
    if not town["imprint_url"]:
        found.append("No imprint is named; a public body must lead to one (--imprint).")
    if not town["enforcement"]:
        found.append("No enforcement body is named; the accessibility statement names the Land only (--enforcement).")
    return found


def checked(name: str, value: str) -> str:
    """Return one of :data:`ADDRESSES`, :data:`WORDS` or the ``colour`` as it is kept. Raises ``SettingsError``."""
    if name == "colour":
        try:
            return contrast.written(value)
        except ValueError as error:
            raise SettingsError(str(error)) from error
    if name in ADDRESSES and value and not _is_web(value):
        raise SettingsError(f"“{value}” is no web address. It begins with https://.")
    if len(value) > _MOST_WORDS:
        raise SettingsError(f"The text has {len(value)} characters; {_MOST_WORDS} are allowed.")
    return value


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
