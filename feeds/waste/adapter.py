"""Running a module of an installed ``waste_collection_schedule`` in a child process: ``wcs:abfall_io?key=…``.

Such a module asks the network by itself, past our guarded client: its addresses are not checked, its politeness is its
own. So it is off unless the operator names the interpreters that may be used, ``ORTSRUF_WCS_PYTHON`` (paths separated
by ``:``; ``this`` is our own). The child gets none of our environment, bounded time and memory, and what it prints is
a stranger's data.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from hub.core.errors import SourceConfigError, SourceRefused, SourceTooLarge, SourceUnreachable
from hub.core.source import Document, Fetched, FetchState, NotModified, Source

ALLOWED = "ORTSRUF_WCS_PYTHON"
MEDIA_TYPE = "application/jsonl"
_CHILD = Path(__file__).with_name("wcs_child.py")
_MODULE = re.compile(r"[a-z0-9_]{1,80}", re.ASCII)
_SECONDS = 60.0
_LARGEST = 5_000_000
_MISSING = (
    "waste_collection_schedule is not installed for {python}. Install it there (pip install …), or name another "
    "Python with the setting 'python'."
)


def run_module(
    source: Source, state: FetchState, now: datetime, *, environ: Mapping[str, str] | None = None,
    seconds: float = _SECONDS,
) -> Fetched | NotModified:  # fmt: skip
    """Run the module that ``source.url`` names and return its dates as JSON lines. Raises ``SourceError``."""
    module, arguments = read_address(source.url)
    python = _interpreter(source, os.environ if environ is None else environ)
    body = _run(python, {"module": module, "arguments": arguments}, seconds, source.id)
    digest = hashlib.sha256(body).hexdigest()
    new = replace(state, at=now, body_hash=digest)
    if digest == state.body_hash:
        return NotModified(new)
    return Fetched((Document(source.url.partition("?")[0], MEDIA_TYPE, body),), now, new, source)


def read_address(url: str) -> tuple[str, dict[str, Any]]:
    """Return the module and its arguments; ``name:=value`` is JSON, all else text. Raises ``SourceConfigError``."""
    module, _, query = url.removeprefix("wcs:").partition("?")
    if not _MODULE.fullmatch(module):
        raise SourceConfigError(f"{module!r} is no module; write wcs:<module>?<argument>=<value>&…", subject=url)
    arguments: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        try:
            arguments[name.removesuffix(":")] = json.loads(value) if name.endswith(":") else value
        except ValueError as error:
            raise SourceConfigError(f"The value of {name} is no JSON: {value[:80]!r}.", subject=url) from error
    return module, arguments


def _interpreter(source: Source, environ: Mapping[str, str]) -> str:
    """Return the Python to run. Raises ``SourceConfigError`` where the operator has not allowed it."""
    allowed = [sys.executable if one == "this" else one for one in environ.get(ALLOWED, "").split(":") if one]
    wanted = source.config.get("python", "") or (allowed[0] if allowed else "")
    if not allowed:
        raise SourceConfigError(
            f"Modules of waste_collection_schedule are switched off: they ask the network by themselves, past our "
            f"checks. The operator may allow them with {ALLOWED}=/path/to/python.",
            subject=source.id,
        )
    if wanted not in allowed:
        raise SourceConfigError(f"The operator has not allowed the Python {wanted!r} ({ALLOWED}).", subject=source.id)
    return wanted


def _run(python: str, request: Mapping[str, Any], seconds: float, subject: str) -> bytes:
    """Run the child and return its lines. Raises ``SourceError``."""
    command = [python, "-s", "-P", "-B", "-X", "utf8", str(_CHILD)]
    environ = {"LANG": "C.UTF-8", "TZ": "Europe/Berlin", "HOME": "/nonexistent"}
    # A file instead of a pipe: the child's own limit on files bounds what it can write.
    with tempfile.TemporaryFile() as out:
        try:
            child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.DEVNULL, env=environ, cwd="/",
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            reason = error.strerror or "unknown"
            raise SourceConfigError(f"The Python {python!r} cannot be started: {reason}.", subject=subject) from error
        try:
            child.communicate(json.dumps(request).encode(), timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise SourceUnreachable(f"The module gave no dates within {seconds:g} s.", subject=subject) from error
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)  # whatever it has started dies with it
            child.wait()
        out.seek(0)
        body = out.read(_LARGEST + 1)
    if len(body) > _LARGEST or child.returncode == -signal.SIGXFSZ:
        raise SourceTooLarge("The module gave more than 5 MB.", subject=subject)
    _complain(body, child.returncode, python, subject)
    return body


def _complain(body: bytes, code: int, python: str, subject: str) -> None:
    """Raise what the child's last word means."""
    last = body.rstrip().rpartition(b"\n")[2]
    try:
        said = json.loads(last) if last else {}
    except ValueError:
        said = None
    if not isinstance(said, dict) or (not said and code):
        raise SourceRefused(f"The module stopped without an answer (exit {code}).", subject=subject)
    if said.get("missing") == "package":
        raise SourceConfigError(_MISSING.format(python=python), subject=subject)
    if said.get("missing") == "module":
        raise SourceConfigError("waste_collection_schedule has no module of this name.", subject=subject)
    if "error" in said:
        raise SourceRefused(f"The module refused: {' '.join(str(said['error']).split())[:300]}", subject=subject)
