"""What a municipality gives to other installations and reads from them, with the keys that two operators compare."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, render_template, url_for
from sqlalchemy import RowMapping

from feeds.ortsruf.seal import pinned
from hub.core.errors import SourceConfigError
from hub.core.federation import KIND
from hub.core.permission import Capability
from hub.jobs.seal import fingerprint, seal
from hub.sources import display_name
from hub.store import sources
from hub.web.access import known, needs
from hub.web.desk import house, language

exchange = Blueprint("exchange", __name__, url_prefix="/verwaltung/<slug>/austausch")


@dataclass(frozen=True, slots=True)
class Peer:
    """A neighbour that is read: its source, the fingerprints of its pinned keys, and since when it is known to work."""

    id: str
    name: str
    url: str
    marks: tuple[str, ...]
    relays: bool
    read: str
    fails: bool


@exchange.get("/")
@needs(Capability.SOURCES)
def page(slug: str) -> str:
    """Show our key and feeds, and which neighbours are read."""
    ours, links = seal(house().store, house().now()), house().links_of(g.town)
    with house().store.read() as session:
        peers = [_peer(one) for one in sources.listed(session, slug) if one["kind"] == KIND]
    keys = [
        (fingerprint(one.public), one.public, language().day(one.until, g.town["zone"]) if one.until else "")
        for one in ours.keys
    ]
    return render_template(
        "operating/exchange.html", who=known(), keys=keys, peers=peers, certificate=ours.certified,
        address=links.base_url, feed=links.base_url + url_for("federation.feed", slug=slug),
        alerts=links.base_url + url_for("federation.alerts", slug=slug),
    )  # fmt: skip


def _peer(row: RowMapping) -> Peer:
    try:
        marks = tuple(fingerprint(one) for one in pinned(row["config"].get("key", "")))
    except SourceConfigError:
        marks = ()
    at = row["succeeded_at"]
    return Peer(
        row["id"], display_name(row["name"], row["url"]), row["url"], marks, row["config"].get("relay") == "yes",
        language().moment(at, g.town["zone"]) if at else "", bool(row["fault"]),
    )  # fmt: skip
