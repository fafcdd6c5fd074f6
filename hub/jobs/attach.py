"""Attach: take a file that somebody adds to a draft, and forget files that nothing names any more."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from hub.core.draft import Attachment
from hub.jobs.house import House
from hub.pictures import ENDINGS, cleaned
from hub.store import attachments

UNNAMED_LIVES = timedelta(days=2)  # a file whose draft was never saved with it
MOST_FILES = 6  # of one draft


def attach(house: House, town: str, data: bytes, title: str = "") -> Attachment:
    """Store a file for a municipality as it may be shown, and return what a draft says of it.

    Its name comes from its bytes, so that the same again is one file. Raises ``FileRefused``.
    """
    media_type, content = cleaned(data)
    digest = hashlib.sha256(town.encode() + b"\0" + content).hexdigest()[:40]
    made = Attachment(f"{digest}.{ENDINGS[media_type]}", title.strip()[:200], media_type, len(content))
    with house.store.begin() as session:
        attachments.add(session, town, made, content, house.now())
    return made


def forget(house: House) -> int:
    """Delete files that are named by no draft, none of its versions and no template; returns how many."""
    with house.store.begin() as session:
        return attachments.forget(session, house.now() - UNNAMED_LIVES)
