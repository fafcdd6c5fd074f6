"""The guarded client (promise 11): the only door to the network.

``client`` keeps time and size, ``network`` dials checked addresses only, ``addresses``, ``urls`` and ``endpoints``
are the pure rules. Names are imported when first asked for, so that importing this package loads no HTTP library.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub.fetcher.client import GuardedHttp
    from hub.fetcher.endpoints import check_endpoint

__all__ = ["GuardedHttp", "check_endpoint"]

_HOMES = {"GuardedHttp": "hub.fetcher.client", "check_endpoint": "hub.fetcher.endpoints"}


def __getattr__(name: str) -> Any:
    """Import ``name`` from its module (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
