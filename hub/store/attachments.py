"""Files that go along with notices: kept once a municipality, shown to all when a published notice names them."""

from __future__ import annotations

import base64
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, String, cast, delete, exists, or_, select
from sqlalchemy.orm import Session

from hub.core.draft import Attachment
from hub.store.database import insert_for
from hub.store.schema import attachment as table
from hub.store.schema import draft, draft_revision, template


def add(session: Session, town: str, made: Attachment, content: bytes, now: datetime) -> None:
    """Store a file; the same again is there already, and is young again."""
    values = {
        "name": made.name, "municipality_id": town, "media_type": made.media_type, "size": made.size,
        "content": base64.b64encode(content).decode("ascii"), "created_at": now,
    }  # fmt: skip
    insert = insert_for(session)(table).values(**values)
    session.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"created_at": now}))


def get(session: Session, town: str, name: str) -> RowMapping | None:
    """Return a file of a municipality, whoever may see it."""
    return (
        session.execute(select(table).where(table.c.name == name, table.c.municipality_id == town)).mappings().first()
    )


def about(session: Session, town: str, names: Collection[str]) -> dict[str, RowMapping]:
    """Return ``name``, ``media_type`` and ``size`` of files of a municipality, by name, without their bytes."""
    query = select(table.c.name, table.c.media_type, table.c.size).where(
        table.c.municipality_id == town, table.c.name.in_(sorted(names))
    )
    return {row["name"]: row for row in session.execute(query).mappings()}


def published(session: Session, name: str) -> RowMapping | None:
    """Return a file that belongs to something published."""
    query = select(table).where(table.c.name == name, exists().where(_names(draft.c.published), _same_town(draft)))
    return session.execute(query).mappings().one_or_none()


def content(row: RowMapping) -> bytes:
    """Return the bytes of a file."""
    return base64.b64decode(row["content"])


def forget(session: Session, before: datetime) -> int:
    """Delete the files that came before then and that no draft, no version of one and no template names."""
    of_draft = draft_revision.join(draft, draft.c.id == draft_revision.c.draft_id)
    named = or_(
        exists().where(or_(_names(draft.c.content), _names(draft.c.published)), _same_town(draft)),
        exists().where(_names(template.c.content), _same_town(template)),
        exists(select(draft_revision.c.version).select_from(of_draft)
               .where(_names(draft_revision.c.content), _same_town(draft)).correlate(table)),
    )  # fmt: skip
    lost = session.scalars(select(table.c.name).where(table.c.created_at < before, ~named)).all()
    session.execute(delete(table).where(table.c.name.in_(lost)))
    return len(lost)


def _names(column: ColumnElement[object]) -> ColumnElement[bool]:
    """Return the condition of a content that names the file: by its whole name, which is a hash."""
    return cast(column, String).contains(table.c.name)


def _same_town(other: object) -> ColumnElement[bool]:
    return other.c.municipality_id == table.c.municipality_id  # type: ignore[attr-defined,no-any-return]
