"""What a municipality's pages look like, and the pictures they show."""

from __future__ import annotations

import base64

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hub.store.database import insert_for
from hub.store.schema import municipality, picture


def change(session: Session, town: str, **values: str) -> None:
    """Write columns of a municipality's row."""
    session.execute(update(municipality).where(municipality.c.id == town).values(**values))


def put_picture(session: Session, town: str, name: str, content: bytes) -> None:
    """Keep ``content`` as the only picture of a municipality."""
    drop_pictures(session, town)
    text = base64.b64encode(content).decode()
    session.execute(insert_for(session)(picture).values(name=name, municipality_id=town, content=text))


def drop_pictures(session: Session, town: str) -> None:
    """Forget the pictures of a municipality."""
    session.execute(delete(picture).where(picture.c.municipality_id == town))


def picture_of(session: Session, name: str) -> bytes | None:
    """Return a picture's bytes."""
    found = session.scalar(select(picture.c.content).where(picture.c.name == name).limit(1))
    return base64.b64decode(found) if found is not None else None
