"""Logging: one structlog set-up, console or JSON; secrets in URLs are masked before anything is written."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# A push endpoint and a token in a path are secrets (H-01, reliability 1.8).
_SECRET = re.compile(r"(https?://[^/\s\"']+/)(?:[^\s\"']{12})[^\s\"']*|(/(?:m|u|c|d|move|calendar)/)[\w.~-]+")


def _masked(_logger: object, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in entry.items():
        if isinstance(value, str):
            entry[key] = _SECRET.sub(lambda found: f"{found[1] or found[2]}…", value)
    return entry


def configure(style: str = "console", *, level: int = logging.INFO) -> None:
    """Log to stderr in ``style`` (``console`` or ``json``) from ``level`` on."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _masked,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
