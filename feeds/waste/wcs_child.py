"""Runs one module of waste_collection_schedule; started by path with another Python, so it imports nothing of ours.

Reads ``{"module": …, "arguments": {…}}`` from stdin; writes a line ``{"date": …, "title": …}`` per date to stdout, or
``{"error": …}`` or ``{"missing": "package" | "module"}`` as its only one.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import resource
import sys
from typing import Any

_MOST = 20_000
_LIMITS = {
    resource.RLIMIT_CPU: 30,
    resource.RLIMIT_AS: 1_024 * 1_024 * 1_024,
    resource.RLIMIT_FSIZE: 5_000_000,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NOFILE: 128,
}


def answer(request: dict[str, Any]) -> list[dict[str, str]]:
    """Return the lines to write."""
    if importlib.util.find_spec("waste_collection_schedule") is None:
        return [{"missing": "package"}]
    name = f"waste_collection_schedule.source.{request['module']}"
    try:
        if importlib.util.find_spec(name) is None:
            return [{"missing": "module"}]
        found = importlib.import_module(name).Source(**request["arguments"]).fetch()
        return [{"date": one.date.isoformat(), "title": str(one.type)[:200]} for one in found][:_MOST]
    except Exception as error:  # noqa: BLE001 - a stranger's module may raise anything
        return [{"error": f"{type(error).__name__}: {error}"[:500]}]


def main() -> None:
    """Answer one request; what the module prints goes nowhere."""
    for which, most in _LIMITS.items():
        ceiling = resource.getrlimit(which)[1]
        bound = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        resource.setrlimit(which, (bound, bound))
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    request = json.load(sys.stdin)
    for line in answer(request):
        out.write(json.dumps(line) + "\n")
    out.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
