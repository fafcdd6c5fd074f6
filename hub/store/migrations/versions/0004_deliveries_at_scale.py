"""Packed recipients and turns of batches, routes, mutes, push services, heartbeats, and what proves a delivery."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_UTC = sa.DateTime(timezone=True)
_PAGE = 500  # batches rewritten at a time


def _count(name: str, kind: sa.types.TypeEngine[int] | None = None) -> sa.Column[int]:
    return sa.Column(name, kind or sa.Integer(), nullable=False, server_default="0")


def _text(name: str, size: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=size), nullable=False, server_default="")


def upgrade() -> None:
    """Expand."""
    _batches()
    with op.batch_alter_table("publication") as table:
        for name in ("meant", "lapsed", "bundled", "muted", "digested"):
            table.add_column(_count(name))
        table.add_column(sa.Column("done_at", _UTC, nullable=True))
    with op.batch_alter_table("endpoint") as table:
        table.add_column(_text("ended_why", 32))
        table.add_column(sa.Column("troubled_since", _UTC, nullable=True))
        table.add_column(_count("soft_bounces"))
        table.add_column(sa.Column("rescued_at", _UTC, nullable=True))
    with op.batch_alter_table("subscriber") as table:
        table.add_column(sa.Column("canary", sa.Boolean(), nullable=False, server_default=sa.false()))
    _routes()
    _services()


def _batches() -> None:
    with op.batch_alter_table("batch") as table:
        table.add_column(sa.Column("packed", sa.LargeBinary(), nullable=True))
        table.add_column(_count("size"))
        table.add_column(_count("turn", sa.BigInteger()))
        for name in ("seen_at", "first_at", "done_at"):
            table.add_column(sa.Column(name, _UTC, nullable=True))
        table.create_index("ix_batch_turn", ["state", "lane", "turn"])
    _rewrite(sa.column("ids", sa.JSON()), sa.column("packed", sa.LargeBinary()), _packed)
    op.execute("UPDATE batch SET size = length(packed) / 4")
    with op.batch_alter_table("batch") as table:
        table.drop_column("ids")
        table.alter_column("packed", new_column_name="ids", existing_type=sa.LargeBinary(), nullable=False)


def _rewrite(old: sa.ColumnClause[Any], new: sa.ColumnClause[Any], turn: Callable[[Any], Any]) -> None:
    """Fill column ``new`` of all batches from ``old``, a page at a time."""
    connection, last = op.get_bind(), 0
    table = sa.table("batch", sa.column("id", sa.Integer()), old, new)
    while rows := connection.execute(
        sa.select(table.c.id, old).where(table.c.id > last).order_by(table.c.id).limit(_PAGE)
    ).all():
        for number, value in rows:
            connection.execute(sa.update(table).where(table.c.id == number).values({new.name: turn(value)}))
        last = rows[-1][0]


def _packed(ids: list[int]) -> bytes:
    packed = array("I", ids)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def _unpacked(data: bytes) -> list[int]:
    ids = array("I", bytes(data))
    if sys.byteorder == "big":
        ids.byteswap()
    return ids.tolist()


def _routes() -> None:
    op.create_table(
        "route",
        sa.Column("interest_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("lead", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("service", sa.String(length=255), nullable=False),
        sa.Column("quiet", sa.String(length=11), nullable=False),
        sa.Column("endpoint_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("paused_until", _UTC, nullable=True),
        sa.ForeignKeyConstraint(["interest_id"], ["interest.id"], name="fk_route_interest_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"], name="fk_route_endpoint_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_route_subscriber_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "interest_id", "action", "lead", "channel", "service", "quiet", "endpoint_id", name="pk_route"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_route_endpoint_id", "route", ["endpoint_id"])
    op.create_index("ix_route_subscriber_id", "route", ["subscriber_id"])
    op.execute("""
        INSERT INTO route (interest_id, action, lead, channel, service, quiet, endpoint_id, subscriber_id, paused_until)
        SELECT subscription.interest_id, way.action, way.lead, way.channel, endpoint.service,
               CASE WHEN subscriber.quiet_from IS NULL OR subscriber.quiet_to IS NULL THEN ''
                    ELSE subscriber.quiet_from || '-' || subscriber.quiet_to END,
               endpoint.id, subscriber.id, subscriber.paused_until
        FROM subscription
        JOIN way ON way.subscription_id = subscription.id
        JOIN subscriber ON subscriber.id = subscription.subscriber_id
        JOIN endpoint ON endpoint.subscriber_id = subscriber.id AND endpoint.channel = way.channel
        WHERE endpoint.state = 'active'
    """)
    op.create_table(
        "mute",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("sort", sa.String(length=16), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("until", _UTC, nullable=True),
        sa.Column("created_at", _UTC, nullable=False),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name="fk_mute_subscriber_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subscriber_id", "sort", "value", name="pk_mute"),
    )
    op.create_table(
        "feed_touch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interest_id", sa.Integer(), nullable=True),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("at", _UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feed_touch"),
    )
    op.create_index("ix_feed_touch_at", "feed_touch", ["at"])


def _services() -> None:
    op.create_table(
        "service",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("paused_until", _UTC, nullable=True),
        _count("failures"),
        _count("rate"),
        sa.Column("changed_at", _UTC, nullable=False),
        sa.PrimaryKeyConstraint("channel", "name", name="pk_service"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        _text("lanes", 128),
        sa.Column("started_at", _UTC, nullable=False),
        sa.Column("at", _UTC, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeat"),
    )
    op.create_index("ix_heartbeat_at", "heartbeat", ["at"])


def downgrade() -> None:
    """Give batches their lists back; routes follow from the subscriptions, the rest is forgotten."""
    for name in ("heartbeat", "service", "feed_touch", "mute", "route"):
        op.drop_table(name)
    with op.batch_alter_table("subscriber") as table:
        table.drop_column("canary")
    with op.batch_alter_table("endpoint") as table:
        for name in ("rescued_at", "soft_bounces", "troubled_since", "ended_why"):
            table.drop_column(name)
    with op.batch_alter_table("publication") as table:
        for name in ("done_at", "digested", "muted", "bundled", "lapsed", "meant"):
            table.drop_column(name)
    with op.batch_alter_table("batch") as table:
        table.add_column(sa.Column("listed", sa.JSON(), nullable=True))
    _rewrite(sa.column("ids", sa.LargeBinary()), sa.column("listed", sa.JSON()), _unpacked)
    with op.batch_alter_table("batch") as table:
        table.drop_index("ix_batch_turn")
        for name in ("done_at", "first_at", "seen_at", "turn", "size", "ids"):
            table.drop_column(name)
        table.alter_column("listed", new_column_name="ids", existing_type=sa.JSON(), nullable=False)
