"""Checkup: the facts about this installation, read from settings, database and machine; hub.core.soundness judges."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from hub.core.facts import Facts
from hub.core.permission import EVERYWHERE, Role
from hub.jobs.hold import standing_reason
from hub.settings import Settings
from hub.store import alarms, editors, grants, heartbeats, towns
from hub.store.database import Store, wal_is_safe

BACKUP = "backup"  # the mark that `ortsruf backup` leaves
_SUMMER = datetime(2026, 7, 1, tzinfo=UTC)
_OTHERS = 0o077
_OFF = {"", "0", "false", "no", "off"}


def facts(settings: Settings, store: Store, now: datetime, environ: Mapping[str, str] | None = None) -> Facts:
    """Return the facts. Raises ``StoreError``."""
    environ = os.environ if environ is None else environ
    mail, push_ = settings.channels.get("mail"), settings.channels.get("webpush")
    return Facts(
        now=now, base_url=settings.base_url, listen=settings.listen, trusted_proxy=settings.trusted_proxy,
        secret_length=len(settings.secret.get_secret_value()), sender=getattr(mail, "sender", ""),
        mail_host=getattr(mail, "host", ""), dkim_domain=getattr(mail, "dkim_domain", ""),
        canary_mailbox=getattr(mail, "canary", ""), push_subject=getattr(push_, "subject", ""),
        contact=settings.contact, free=_free(settings.data), open_folder=_open(settings.data, sqlite=store.sqlite),
        metrics_token=len(settings.metrics_token.get_secret_value()), oidc_issuer=settings.oidc_issuer,
        oidc_rules=len(settings.oidc_rules), oidc_second_factor=settings.oidc_second_factor,
        zones_known=ZoneInfo("Europe/Berlin").utcoffset(_SUMMER) == timedelta(hours=2), debug=debugging(environ),
        allow_hosts=settings.allow_hosts, canary_minutes=settings.canary_minutes, **_stored(store, now),
    )  # fmt: skip


def debugging(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables that turn on what only developers want."""
    names = ("FLASK_DEBUG", "PYTHONDEVMODE", "PYTHONASYNCIODEBUG", "WERKZEUG_DEBUG_PIN", "ORTSRUF_FAILPOINT")
    return tuple(name for name in names if environ.get(name, "").lower() not in _OFF)


def wrong_zones(rows: Any) -> tuple[str, ...]:
    """Return the time zones of municipalities that there are none of."""
    return tuple(sorted({row["zone"] for row in rows} - available_timezones()))


def _stored(store: Store, now: datetime) -> dict[str, Any]:
    name, version = store.version()
    numbers = tuple(int(one) for one in version.split(".") if one.isdecimal())
    with store.read() as session:
        rows = towns.listed(session)
        backup = alarms.marks(session).get(BACKUP)
        return {
            "database": name, "version": numbers, "safe_wal": not store.sqlite or wal_is_safe(numbers),
            "keys": frozenset(towns.secrets(session)), "skew": _skew(session, now, sqlite=store.sqlite),
            "hold": standing_reason(session), "backup": backup["at"] if backup is not None else None,
            "wrong_zones": wrong_zones(rows), "towns": len(rows), "untold": _untold(session, rows),
            "operators": sum(row["role"] == Role.COUNTY_OPERATOR for row in grants.rows_in(session, EVERYWHERE)),
            "alive": len(heartbeats.alive(session, now)),
        }  # fmt: skip


def _untold(session: Session, rows: Any) -> tuple[str, ...]:
    reached = editors.reached(session)
    return tuple(_name(row) for row in rows if row["id"] not in reached)


def _name(row: RowMapping) -> str:
    return str(row["name"])


def _skew(session: Session, now: datetime, *, sqlite: bool) -> timedelta:
    """Return by how much the database's clock is ahead of ours; SQLite has none of its own."""
    if sqlite:
        return timedelta()
    found: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found - now


def _free(folder: Path) -> int:
    """Return how many bytes are free where ``folder`` is, or would be."""
    place = folder.resolve()
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


def _open(folder: Path, *, sqlite: bool) -> str:
    """Return the folder if it holds the database and others on the machine may enter it."""
    return str(folder) if sqlite and folder.is_dir() and folder.stat().st_mode & _OTHERS else ""
