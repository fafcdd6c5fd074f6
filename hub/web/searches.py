"""Saved searches for tenders: keeping one, and a person's own list of them."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response as Redirection

import push
from hub.core.errors import SubscribeError
from hub.core.subscription import Criteria, criteria_from_json
from hub.jobs.subscribe import SignUp, Wish, add_way, set_wishes, sign_up
from hub.reference import cpv_label
from hub.store import subscribers, towns
from hub.web.bidding import PROCEDURES, named, query
from hub.web.choices import Choice, ways_of
from hub.web.desk import desk, house, language, person, town
from hub.web.language import Language
from hub.web.listing import addressed
from hub.web.public import remembered
from hub.web.subscribe import Way, too_many, ways_out, welcomed
from hub.web.tenders import asked, shown, towns_around
from hub.web.topics import DIGEST_HOURS, TOPICS

searches = Blueprint("searches", __name__)


def _(message: str) -> str:
    return message


@searches.post("/<slug>/tenders")
def save(slug: str) -> Response | Redirection:
    """Keep a search as an interest like any other, for the person of this device or a new one."""
    row, values = town(slug), {name: text.replace("\0", "") for name, text in request.form.items()}
    refused = too_many(slug)
    if refused is not None:
        return refused
    search, faults, (token, known) = asked(row), dict[str, str](), remembered(row)
    has = _has(known)
    ways = ways_of(TOPICS["tenders"], values, faults)
    digest_at = values.get("digest_at") or "07:00"
    if digest_at not in DIGEST_HOURS:
        faults["digest_at"] = _("Please choose one of the hours offered.")
    choice = Choice((Wish(search.criteria, ways),), values.get("email", "").strip(), digest_at, faults)
    if choice.uses("mail") and not choice.email and "mail" not in has:
        faults["email"] = _("Please give your e-mail address, or choose another way.")
    new = ways_out(choice, faults, has) | _hook(values, known, faults)
    if not faults and not search.faults:
        try:
            if known is None:
                return welcomed(sign_up(house(), slug, SignUp(choice.wishes, new, language().code, digest_at)))
            _keep(row, known, choice, new)
            flash(_("Your search is saved."))
            return redirect(url_for("manage.overview", token=token) + "#searches", 303)
        except SubscribeError as error:
            faults["email"] = str(error)
    return shown(row, search, values, faults)


def _hook(values: Mapping[str, str], known: RowMapping | None, faults: dict[str, str]) -> dict[str, Way]:
    """Return the webhook that was typed, if it is a new one; a person has one, which gets the hits of all searches."""
    address = values.get("tenders.hook", "").strip()
    if not address:
        return {}
    kind = push.load("webhook")
    secret = new_secret()
    try:
        checked, keys = kind.check(address, {"secret": secret}, house().outlet("webhook").settings)
    except SubscribeError as error:
        faults["tenders.hook"] = str(error)
        return {}
    there = _webhook(known)
    if there and there != checked:
        faults["tenders.hook"] = _("You have a webhook already. Please end it first, or use the same address.")
    return {} if there else {"webhook": (checked, dict(keys), kind.service(checked))}


def _webhook(known: RowMapping | None) -> str:
    if known is None:
        return ""
    with house().store.read() as session:
        ways = subscribers.endpoints_of(session, known["id"])
    return next((str(one["address"]) for one in ways if one["channel"] == "webhook"), "")


def new_secret() -> str:
    """Return a new secret for signatures (Standard Webhooks: 24 to 64 bytes)."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _has(known: RowMapping | None) -> tuple[str, ...]:
    if known is None:
        return ()
    with house().store.read() as session:
        return tuple({one["channel"] for one in subscribers.endpoints_of(session, known["id"])})


def _keep(row: RowMapping, known: RowMapping, choice: Choice, new: Mapping[str, Any]) -> None:
    with house().store.begin() as session:
        set_wishes(house(), session, row["id"], known["id"], choice.wishes)
        home = towns.get(session, known["municipality_id"]) or row
        for channel, way in new.items():
            add_way(house(), session, home, known["id"], channel=channel, way=way)


def saved(subscriptions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a person's searches for tenders: what each is called, where it is seen and what it does."""
    found = []
    rows = {one.town: one for one in desk().finder.towns()}
    for one in subscriptions:
        criteria, row = criteria_from_json(one["criteria"]), rows.get(one["town"])
        if row is not None and criteria.topics == ("tenders",) and criteria.places == (row.path,):
            near = named(criteria.centre, towns_around(criteria.centre)) if criteria.centre else ""
            path = url_for("tenders.page", slug=row.town)
            whole = criteria.centre is None or bool(near)  # a place that no town names cannot be written as an address
            found.append({
                "id": one["id"], "title": _called(criteria, near, language()),
                "url": addressed(path, query(criteria, near)) if whole else "",
                "ways": sorted({way[0] for way in one["ways"]}),
            })  # fmt: skip
    return found


def _called(criteria: Criteria, near: str, chosen: Language) -> str:
    """Say in one line what a search looks for."""
    parts = [", ".join(criteria.words), *(cpv_label(code.ljust(8, "0")) or code for code in criteria.cpv)]
    if criteria.radius_km is not None:
        around = near or chosen.text("a place")
        parts.append(chosen.text("{km} km around {place}", km=f"{criteria.radius_km:.0f}", place=around))
    if criteria.least_value is not None:
        parts.append(chosen.text("from {amount}", amount=chosen.money(criteria.least_value, "EUR")))
    if criteria.most_value is not None:
        parts.append(chosen.text("up to {amount}", amount=chosen.money(criteria.most_value, "EUR")))
    parts += [chosen.text(PROCEDURES[one]) for one in criteria.procedures if one in PROCEDURES]
    parts.append(chosen.text("at least {count} days to bid", count=criteria.days) if criteria.days else "")
    parts.append(chosen.text("without {words}", words=", ".join(criteria.without)) if criteria.without else "")
    return " · ".join(filter(None, parts)) or chosen.text("All tenders")


@searches.post("/m/<token>/searches/<int:subscription_id>/end")
def end(token: str, subscription_id: int) -> Redirection:
    """End one of a person's searches."""
    g.secret = True
    row = person(token)
    with house().store.begin() as session:
        if not subscribers.unsubscribe(session, row["id"], subscription_id):
            abort(404)
    flash(_("The search is ended."))
    return redirect(url_for("manage.overview", token=token) + "#searches", 303)
