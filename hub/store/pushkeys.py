"""Which push subscriptions were made with which server key (W-10)."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hub.store.schema import endpoint

_PAGE = 1000
_KEYS = endpoint.c["keys"]


def made_with(session: Session) -> dict[str, int]:
    """Return how many living push subscriptions were made with each public key; empty: nobody wrote it down."""
    made = func.coalesce(_KEYS["vapid"].as_string(), "")
    query = select(made, func.count()).where(
        endpoint.c.channel == "webpush", endpoint.c.state.in_(["active", "pending"])
    )  # fmt: skip
    return {str(key): int(count) for key, count in session.execute(query.group_by(made))}


def bind(session: Session, public: str) -> int:
    """Write ``public`` down for the subscriptions that name no key: they were made with it. Returns how many."""
    unbound = select(endpoint.c.id, _KEYS.label("known")).where(
        endpoint.c.channel == "webpush",
        endpoint.c.state.in_(["active", "pending"]),
        func.coalesce(_KEYS["vapid"].as_string(), "") == "",
    )
    bound = 0
    while rows := session.execute(unbound.order_by(endpoint.c.id).limit(_PAGE)).all():
        for row in rows:
            keys = {**row.known, "vapid": public}
            session.execute(update(endpoint).where(endpoint.c.id == row.id).values(keys=keys))
        bound += len(rows)
    return bound
