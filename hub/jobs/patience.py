"""Patience with the database: a job that met a deadlock, a cut connection or a lock is tried again (D-05, D-07)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import structlog

from hub.core.errors import StoreError

TRIES = 5
_FIRST = 0.025  # seconds, doubled each time, half of it by chance: two that met must not meet again

T = TypeVar("T")
log = structlog.get_logger(__name__)


def patiently(job: Callable[[], T], *, stopping: Callable[[], bool], pause: Callable[[float], None] = time.sleep) -> T:
    """Run ``job``, at most five times while the database refuses: every job may be repeated.

    Raises the last ``StoreError``; what is left then, the sweep finds.
    """
    attempt = 0
    while True:
        attempt += 1
        try:
            return job()
        except StoreError as error:
            if attempt == TRIES or stopping():
                raise
            log.warning("the database refused; trying again", attempt=attempt, error=str(error)[:200])
            pause(_FIRST * 2**attempt * (0.5 + random.random()))  # noqa: S311 - no secret
