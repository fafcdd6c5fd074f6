"""What the steps of a founding ask for, checked field by field; what is wrong is said in the office's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Request
from sqlalchemy.orm import Session

from hub import reference
from hub.core import hosts
from hub.core.errors import OrtsrufError
from hub.core.tongues import TONGUES
from hub.jobs import found, own
from hub.store import hosts as store_hosts
from hub.store import towns


def _(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the founding: its name in addresses, its title, the fields that stand on it."""

    name: str
    title: str
    fields: tuple[str, ...] = ()


STEPS = (
    Step("ort", _("Place"), ("ars", "name", "slug")),
    Step("aussehen", _("Look"), ("colour", "imprint_url", "easy_url", "sign_url")),
    Step(
        "absender", _("Addresses and languages"),
        (
            "language", "languages", "contact", "sender", "sender_name", "reply_to", "dkim_domain", "hosts",
            "push_contact",
        ),
    ),
    Step("strassen", _("Streets")),
    Step("quellen", _("Sources")),
    Step("menschen", _("People and first notice"), ("editor", "operator", "first_notice", "reader")),
    Step("gruenden", _("Look through and found")),
)  # fmt: skip
_MAIL = _("This is no e-mail address.")
_WEB = _("This is no web address. It begins with https://.")
FAULTS = {
    "ars": _("Please look for the municipality and choose it."),
    "name": _("Please write a name of up to 80 letters."),
    "slug": _("Please write small letters a to z, digits and single hyphens; some words are taken by the pages."),
    "colour": _("This is no colour. Write it as #rrggbb, for example #1d4f91."),
    "imprint_url": _WEB, "easy_url": _WEB, "sign_url": _WEB,
    "language": _("Please choose a language."), "languages": _("Please choose languages from the list."),
    "contact": _MAIL, "sender": _MAIL, "reply_to": _MAIL, "push_contact": _MAIL, "editor": _MAIL, "operator": _MAIL,
    "reader": _MAIL, "sender_name": _("Please write a name of up to 80 letters."),
    "dkim_domain": _("Please write a domain such as gemeinde.de."),
    "hosts": _("Please write host names such as ruf.gemeinde.de, up to five, without https://."),
    "enforcement": _("Please write 4,000 letters at most."), "barriers": _("Please write 4,000 letters at most."),
    "first_notice": _("Please write up to 120 letters in the first line, and 2,000 in all."),
}  # fmt: skip
LOGO = _("This file cannot be a logo. It is an SVG or PNG file of up to 64 KB without scripts and foreign parts.")
STREETS = _("This file is no list of streets: a text file with one street a line, CSV, or GeoJSON of up to 3 MB.")
_AMONG = _("The language of the municipality must be among those that its pages offer.")
_ALIGNED = _("This signature is worth nothing unless the sender’s address lies in that domain.")
_SIGNED = _("Mails are not signed by this installation, so leave this empty.")
_THERE = _("This municipality is there already.")
_TAKEN = _("Another municipality has this address already.")
_HOST = _("One of these host names belongs to another municipality, or to the installation itself.")


def typed(request: Request, fields: tuple[str, ...]) -> dict[str, str]:
    """Return what was sent for these fields; of the languages those that are ticked, all of them being none."""
    given = {name: request.form.get(name, "").strip() for name in fields}
    if "languages" in fields:
        ticked = [one for one in request.form.getlist("languages") if one in TONGUES]
        given["languages"] = "" if set(ticked) == set(TONGUES) else " ".join(ticked)
    return given


def checked(given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the texts as they are kept, and the faults of the fields."""
    kept, faults = dict(given), {}
    for name, text in given.items():
        check = own.check_address if name in {"contact", "editor", "operator", "reader"} else found.CHECKS.get(name)
        if not text or check is None:
            continue
        try:
            kept[name] = str(check(text))
        except OrtsrufError:
            faults[name] = FAULTS[name]
    return kept, faults


def of_place(session: Session, given: Mapping[str, str]) -> dict[str, str]:
    """Return what is wrong with a place and its names among the municipalities that are there."""
    there = towns.listed(session)
    place = reference.municipality(given["ars"]) if given["ars"] else None
    faults = {name: FAULTS[name] for name in ("name", "slug") if not given[name]}
    if place is None:
        return {"ars": FAULTS["ars"]}
    if any(row["path"] == place.path for row in there):
        return {"ars": _THERE}
    if any(row["id"] == given["slug"] for row in there):
        faults["slug"] = _TAKEN
    return faults


def of_addresses(session: Session, given: Mapping[str, Any], town: str, *, ours: str, signs: bool) -> dict[str, str]:
    """Return what does not go together of languages, sender and hosts of municipality ``town`` (empty: a new one).

    ``ours`` is the installation's own host; ``signs``: mails are signed here.
    """
    faults = {}
    if given.get("languages") and given.get("language", "de") not in given["languages"].split():
        faults["languages"] = _AMONG
    domain = given.get("dkim_domain", "")
    if domain and not hosts.within(given.get("sender", "").rpartition("@")[2].lower(), domain):
        faults["dkim_domain"] = _ALIGNED
    elif domain and not signs:
        faults["dkim_domain"] = _SIGNED
    for one in given.get("hosts", "").split():
        row = store_hosts.of(session, one)
        if one == ours or (row is not None and row["town"] != town):
            faults["hosts"] = _HOST
    return faults
