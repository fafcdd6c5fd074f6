"""A road that is free earlier than announced."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hub.core.notice import Notice, Status

_KIND, _CATEGORY = "roads", "reopened"


def reopened(notice: Notice, before: Notice, now: datetime) -> Notice:
    """Return ``notice``, called off if it is a closure whose end was moved from the future into the past.

    ``before`` is what was known of it. One that merely ended as announced stays as it is: there is nothing to tell.
    """
    if notice.kind != _KIND or notice.status is Status.CANCELLED or notice.expires is None or notice.expires > now:
        return notice
    over = before.expires is not None and before.expires <= now
    if over and before.status is not Status.CANCELLED:
        return notice
    return replace(notice, status=Status.CANCELLED, category=_CATEGORY)
