"""What an installation must not start with (O-04): settings that are well formed, and still put people at risk.

Malformed ones are refused when they are read (hub.settings); everything else that is not well is said by
``ortsruf check`` and in the office.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from hub.checkup import debugging, wrong_zones
from hub.core.configured import LEAST_TOKEN
from hub.core.errors import SettingsError
from hub.core.facts import LEAST_SECRET, is_private
from hub.settings import Settings
from hub.store import towns
from hub.store.database import Store

_FEWEST = 8  # different characters of a random key
_ON_PURPOSE = frozenset({"ORTSRUF_FAILPOINT"})  # names a place to die: whoever sets it means it


def refuse_unsafe(settings: Settings, store: Store, environ: Mapping[str, str] | None = None) -> None:
    """Raise ``SettingsError`` that names every fault with which nothing is served, sent or gathered."""
    found = [*faults(settings, os.environ if environ is None else environ), *_stored(store)]
    if found:
        raise SettingsError("Ortsruf does not start like this:\n" + "\n".join(f"  {one}" for one in found))


def faults(settings: Settings, environ: Mapping[str, str]) -> list[str]:
    """Return what is unsafe in settings and environment, a line each."""
    secret, token = settings.secret.get_secret_value(), settings.metrics_token.get_secret_value()
    address = urlsplit(settings.base_url)
    found = [
        f"{name} is set: strangers may see what is inside. Unset it."
        for name in debugging(environ) if name not in _ON_PURPOSE
    ]  # fmt: skip
    if secret and (len(secret) < LEAST_SECRET or len(set(secret)) < _FEWEST):
        found.append(f"secret: too easy to guess; use {LEAST_SECRET} random characters, or leave it to `ortsruf init`.")
    if token and len(token) < LEAST_TOKEN:
        found.append(f"metrics_token: too easy to guess; use {LEAST_TOKEN} random characters or more.")
    if address.scheme == "http" and not is_private(address.hostname or ""):
        found.append("base_url: a public address must be https; cookies and secret links would travel unprotected.")
    return found


def _stored(store: Store) -> list[str]:
    with store.read() as session:
        rows = towns.listed(session)
    return [f"{zone!r} is no time zone of this machine (a municipality names it)." for zone in wrong_zones(rows)]
