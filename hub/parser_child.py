"""The parser child: reads one job from its socket, parses and normalises within limits, answers on it.

It is forked by ``hub.parser_server`` for one answer and knows nothing of the hub but the core. Whatever a parser
prints goes nowhere; whatever it raises becomes one sentence.
"""

from __future__ import annotations

import json
import os
import re
import resource
from pathlib import Path
from typing import Any

from hub.core.codec import to_json
from hub.core.errors import SourceError, SourceRefused, SourceTooLarge
from hub.core.notice import Notice
from hub.core.source import Item, Source
from hub.parser_wire import LONGEST_ANSWER, ParseLimits, Request, frame, read_request

MOST_ITEMS = 20_000
_MOST_NOTES = 100
_LARGEST_NOTICE = 2_000_000  # characters of JSON
_OPEN_FILES = 64
# NUL, as JSON writes it, and lone surrogates: PostgreSQL refuses the one, UTF-8 the other.
_UNSTORABLE = re.compile(r"\\u0000|[\ud800-\udfff]")


def limit(limits: ParseLimits) -> None:
    """Bound this process for good: computing time, memory, no file writing, no core dump, no new processes."""
    bounds = {
        resource.RLIMIT_CPU: (limits.cpu_seconds, limits.cpu_seconds + 1),
        resource.RLIMIT_AS: (limits.memory, limits.memory),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (_OPEN_FILES, _OPEN_FILES),
        resource.RLIMIT_NPROC: (0, 0),
    }
    for which, (soft, hard) in bounds.items():
        ceiling = resource.getrlimit(which)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)  # noqa: PLW2901 - a stricter host keeps its word
        resource.setrlimit(which, (soft, hard))


def answer(request: Request) -> dict[str, Any]:
    """Parse and normalise: ``{"notices": [...], "refused": [[key, reason]], "notes": [...]}`` or ``{"error": {}}``."""
    try:
        return _work(request)
    except SourceError as error:
        return _failure(type(error).__name__, str(error), error.subject)
    except MemoryError:
        return _failure("SourceTooLarge", "Reading the answer needs more memory than a source may use.")
    except RecursionError:
        return _failure("SourceRefused", "The answer is nested too deeply.")
    except Exception as error:  # noqa: BLE001 - the parsing libraries' types are no promise
        return _failure("SourceRefused", f"The answer could not be read ({type(error).__name__}).")


def _work(request: Request) -> dict[str, Any]:
    import feeds

    kind = feeds.load(request.kind, [Path(one) for one in request.plugins])
    items = kind.parse(request.fetched)
    if len(items) > MOST_ITEMS:
        raise SourceTooLarge(f"The answer holds more than {MOST_ITEMS} items.")
    notices: list[Any] = []
    refused: list[list[str]] = []
    size = 0
    notes = [_clean(item.note) for item in items if item.note][:_MOST_NOTES]
    for item in items:
        if item.note:
            continue
        found, reason = _one(kind.normalise, item, request.fetched.source)
        if reason:
            refused.append([_clean(item.key), _clean(reason) or str(SourceRefused())])
            continue
        size += len(found)
        if size > LONGEST_ANSWER // 2:
            raise SourceTooLarge("The items are too large altogether.")
        notices.append(json.loads(found))
    return {"notices": notices, "refused": refused, "notes": notes}


def _one(normalise: Any, item: Item, source: Source) -> tuple[str, str]:
    """Return one notice as JSON text, or why this item is refused; nothing that it raises stops the others."""
    if item.fault:
        return "", item.fault
    try:
        text = _text(normalise(item, source))
    except SourceError as error:
        return "", str(error)
    except Exception as error:  # noqa: BLE001 - libraries' types are no promise
        return "", f"The item could not be understood ({type(error).__name__}: {str(error)[:200]})."
    return text, ""


def _text(notice: Any) -> str:
    """Return ``notice`` as JSON that can be stored and sent. Raises ``SourceRefused`` or ``ValueError`` (NaN)."""
    if not isinstance(notice, Notice):
        raise SourceRefused("The item did not become a notice.")
    text = json.dumps(to_json(notice), ensure_ascii=False, allow_nan=False)
    if _UNSTORABLE.search(text):
        raise SourceRefused("The item contains characters that cannot be stored.")
    if len(text) > _LARGEST_NOTICE:
        raise SourceTooLarge("The item is too large.")
    return text


def _failure(name: str, message: str, subject: str = "") -> dict[str, Any]:
    return {"error": {"class": name, "message": _clean(message) or str(SourceRefused()), "subject": _clean(subject)}}


def _clean(text: str) -> str:
    """Return ``text`` on one line, short and storable: it may quote the source."""
    return " ".join(str(text).replace("\0", "").encode("utf-8", "replace").decode().split())[:500]


def answer_on(handle: int) -> None:
    """Read one request from the socket ``handle``, within its limits, and write the answer to it."""
    with os.fdopen(handle, "rb", closefd=False) as stream:
        request = read_request(stream)
    limit(request.limits)
    with os.fdopen(handle, "wb", closefd=False) as out:
        out.write(frame(answer(request)))
