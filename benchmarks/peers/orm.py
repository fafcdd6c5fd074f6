"""The usual way to fan out: objects of an object-relational mapper, one delivery each, added and committed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Integer, String, Table, and_, select
from sqlalchemy.orm import Session, registry

from hub.store.database import Store
from hub.store.schema import endpoint, metadata, subscription, way

_registry = registry(metadata=metadata)
delivery = Table(
    "peer_delivery", metadata,
    Column("id", Integer, primary_key=True),
    Column("notice_id", String(32), nullable=False),
    Column("endpoint_id", Integer, nullable=False),
    Column("state", String(16), nullable=False),
)  # fmt: skip


class Endpoint:
    """A way to reach a person."""

    id: int


class Delivery:
    """One message to one endpoint."""

    def __init__(self, **values: Any) -> None:
        """Set the columns by name."""
        for name, value in values.items():
            setattr(self, name, value)


_registry.map_imperatively(Endpoint, endpoint)
_registry.map_imperatively(Delivery, delivery)


def fan_out(store: Store, notice_id: str, interest_ids: Sequence[int]) -> None:
    """Make a delivery for every living endpoint that one of the interests means, durable at the end."""
    query = (
        select(Endpoint)
        .join(subscription, subscription.c.subscriber_id == endpoint.c.subscriber_id)
        .join(way, and_(way.c.subscription_id == subscription.c.id, way.c.channel == endpoint.c.channel))
        .where(subscription.c.interest_id.in_(interest_ids), way.c.action == "now", endpoint.c.state == "active")
    )
    with Session(store.engine) as session, session.begin():
        found = session.scalars(query.with_only_columns(Endpoint).order_by(endpoint.c.id)).unique().all()
        session.add_all(Delivery(notice_id=notice_id, endpoint_id=one.id, state="open") for one in found)
