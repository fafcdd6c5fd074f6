"""A pytest plug-in that takes one guard away: ``ORTSRUF_SABOTAGE`` names the row of ``faults.toml``.

Used by ``test_guards.py`` only, in a process of its own. Every ``target`` (``package.module:name`` or
``package.module:Class.name``) is replaced by the value of the expression in ``by``, in which ``was`` is the original.
"""

from __future__ import annotations

import importlib
import os
import tomllib
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "faults.toml"


def rows() -> dict[str, dict[str, Any]]:
    """Return the rows of the table by their name."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def replace(target: str, by: str) -> None:
    """Put the value of ``by`` in the place of ``target``. Raises ``AttributeError`` if there is nothing to replace."""
    module, _, path = target.partition(":")
    owner: Any = importlib.import_module(module)
    *inner, name = path.split(".")
    for one in inner:
        owner = getattr(owner, one)
    was = getattr(owner, name)
    setattr(owner, name, eval(by, {"was": was, "module": importlib.import_module}))


def pytest_configure() -> None:
    """Take the guard away before any test is collected."""
    row = rows()[os.environ["ORTSRUF_SABOTAGE"]]
    for target, by in row["sabotage"].items():
        replace(target, by)
