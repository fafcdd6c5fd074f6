"""Whether what another installation sent has the types that it must have: JSON fills dataclasses with anything."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

_TEXT = 100_000  # characters of one field
_KNOWN: dict[Any, Mapping[str, Any]] = {}


def check(value: Any, name: str = "notice") -> None:
    """Raise ``ValueError`` unless every field of a dataclass, and of those in it, is what it is declared as."""
    for field, hint in _hints(type(value)).items():
        if not _fits(getattr(value, field), hint):
            raise ValueError(f"{name}.{field} is not what it must be")


def _hints(kind: Any) -> Mapping[str, Any]:
    if kind not in _KNOWN:
        _KNOWN[kind] = get_type_hints(kind)
    return _KNOWN[kind]


def _fits(value: Any, hint: Any) -> bool:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(value, one) for one in inner)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if inner[-1] is Ellipsis:
            return all(_fits(one, inner[0]) for one in value)
        return len(value) == len(inner) and all(_fits(one, kind) for one, kind in zip(value, inner, strict=True))
    if dataclasses.is_dataclass(hint):
        return isinstance(value, hint) and all(  # type: ignore[arg-type]
            _fits(getattr(value, field), kind) for field, kind in _hints(hint).items()
        )
    return _is_plain(value, hint)


def _is_plain(value: Any, hint: Any) -> bool:
    if hint is str:
        return isinstance(value, str) and len(value) <= _TEXT and "\0" not in value
    if hint is datetime:
        return isinstance(value, datetime) and value.tzinfo is not None
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
    if isinstance(value, bool):
        return hint is bool
    if isinstance(value, datetime):
        return value.tzinfo is not None and isinstance(value, hint)
    return isinstance(value, hint)
