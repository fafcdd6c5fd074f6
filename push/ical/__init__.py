"""The calendar channel: a private or public iCalendar feed that calendar apps fetch again and again.

A pull channel: nothing is sent, ``render`` answers each request. The address stored for a subscriber's endpoint is
the secret token in the feed's path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field

from hub.core.errors import SubscribeError

CHANNEL = "ical"
PULL = True
CHUNK = 1  # nothing is sent; every request renders one feed
# 128 bits as URL-safe base64 are 22 characters: no shorter token is safe from guessing.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,128}", re.ASCII)


class Settings(BaseModel):
    """The TOML section ``[ical]``; spans are seconds or ISO 8601 durations.

    ``refresh``: how often apps are asked to look again; ``max_age``: how long a private cache may answer for us;
    ``cache_mb``: memory of each web process for calendars that are ready to go out, in megabytes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    refresh: timedelta = Field(default=timedelta(hours=1), ge=timedelta(minutes=5), le=timedelta(days=7))
    max_age: timedelta = Field(default=timedelta(minutes=5), ge=timedelta(0), le=timedelta(days=1))
    cache_mb: int = Field(default=64, ge=1, le=16_384)


def check(address: str, keys: Mapping[str, str], settings: Settings) -> tuple[str, Mapping[str, str]]:
    """Return the feed's token as stored. Raises ``SubscribeError`` if it is no token that the hub made."""
    del keys, settings
    token = address.strip()
    if not _TOKEN.fullmatch(token):
        raise SubscribeError("The calendar's secret address is not complete.", subject=CHANNEL)
    return token, {}


def service(address: str) -> str:
    """Return who is dialled: nobody, a calendar is fetched."""
    del address
    return ""
