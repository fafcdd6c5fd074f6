"""Named places at which a test lets this process die, so that what a crash leaves behind can be looked at (G1).

``reached("deliver.before-send")`` does nothing unless the environment variable ``ORTSRUF_FAILPOINT`` says
``name:number``: then the process ends itself by SIGKILL when it comes to that place for the n-th time.
``name:number:raise`` raises :class:`FailpointReached` there instead. Names are literals, so that a test can list them.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter

VARIABLE = "ORTSRUF_FAILPOINT"


class FailpointReached(Exception):
    """What ``name:number:raise`` raises: an error that nobody foresaw."""


class Plan:
    """Counts the places that are passed, and ends the process at the chosen one."""

    def __init__(self, text: str) -> None:
        """Read ``name:number[:raise]``; ``ValueError`` for anything else. A number of 0 only counts."""
        name, _, rest = text.partition(":")
        number, _, what = rest.partition(":")
        if not name or not number.isdecimal() or what not in {"", "raise"}:
            raise ValueError(f"not a failpoint: {text!r}; write name:number or name:number:raise")
        self.name, self.number, self.raises = name, int(number), bool(what)
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def passed(self, name: str) -> None:
        """Count ``name``; do not return if its hour has come."""
        with self._lock:
            self.counts[name] += 1
            now = name == self.name and self.counts[name] == self.number
        if now and self.raises:
            raise FailpointReached(f"{name} for time {self.number}")
        if now:
            os.kill(os.getpid(), signal.SIGKILL)


_plan: Plan | None = Plan(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None


def reached(name: str) -> None:
    """Say that the process is at the place called ``name``."""
    if _plan is not None:
        _plan.passed(name)


def arm(text: str) -> Plan | None:
    """Choose anew where to die, as the environment variable would; empty: nowhere. Returns the plan."""
    global _plan  # noqa: PLW0603 - one process, one fate
    _plan = Plan(text) if text else None
    return _plan
