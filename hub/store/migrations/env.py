"""Alembic's entry: runs on the connection that ``Store.upgrade`` hands over, in one transaction."""

from __future__ import annotations

from alembic import context

from hub.store.schema import metadata


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a table is ours to compare: the queue's own tables (``hub.engines.postgres``) are not."""
    return kind != "table" or not (name or "").startswith("procrastinate_")


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, include_name=ours)
with context.begin_transaction():
    context.run_migrations()
