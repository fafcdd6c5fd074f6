"""Arrive: of what a poll brought, what is not ours already, by whichever way it came first (I21).

Asked only where another installation is read, or something of one stands: nearly everywhere that costs one look.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hub.core.codec import from_json
from hub.core.errors import SourceRefused
from hub.core.federation import Standing, arriving, came_home, names
from hub.core.notice import Notice
from hub.store import federation, towns

if TYPE_CHECKING:
    from hub.jobs.keep import Round

INSTALLATION = "federation_id"  # the secret that names this installation


def arrive(around: Round, notices: Sequence[Notice]) -> list[Notice]:
    """Return the notices that are to be followed; what one of them continues follows its source from now on.

    Raises ``SourceRefused`` when all that came is this installation's own.
    """
    session, town = around.session, around.municipality
    given = any(one.origin is not None for one in notices)
    own_alerts = any(one.kind == "cap" for one in notices)
    mingled = given or federation.has_foreign(session, town)
    if not (mingled or own_alerts):
        return list(notices)
    installation = towns.secrets(session).get(INSTALLATION, "-")
    if not mingled:
        return [one for one in notices if not came_home(one, installation)]
    if given and all(one.origin is not None and one.origin.installation == installation for one in notices):
        raise SourceRefused(
            "This feed is our own: a municipality of this very installation.", subject=around.source.url
        )
    federation.lock(session, town)
    standing = _standing(around, [one for one in notices if not came_home(one, installation)])
    followed, continues = arriving(notices, installation, around.source.url, standing.get)
    for one in followed:
        if one.key in continues and not standing[one].own:
            federation.follow(session, around.source.id, continues[one.key], (one.key, *one.references))
    return followed


def _standing(around: Round, notices: Sequence[Notice]) -> dict[Notice, Standing]:
    """Return what stands in the municipality under a name of each notice."""
    session, town, source = around.session, around.municipality, around.source
    called = {one: names(one, source.url) for one in notices}
    every = [name for several in called.values() for name in several]
    found = federation.foreign_called(session, town, every)
    if any(one.origin is not None for one in notices):
        found |= federation.own_called(session, town, every)
    rows = federation.rows(session, town, found.values())
    standing = {}
    for one, several in called.items():
        row = next((rows[found[name]] for name in several if name in found and found[name] in rows), None)
        if row is not None:
            own = row["source_id"] == source.id
            standing[one] = Standing(row["id"], from_json(row["content"]), own=own, lives=bool(row["lives"]))
    return standing
