"""What passes between the hub and its parser child: frames of one JSON header and raw bodies.

No pickle: what comes back from the child is data from a stranger and may only ever become plain values.
A frame is four bytes (big-endian length), the JSON header, then the bodies whose sizes the header names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, BinaryIO

from hub.core.notice import PlaceRef
from hub.core.source import Document, Fetched, FetchState, Source

LENGTH = 4  # bytes before the header
LONGEST_ANSWER = 64_000_000  # bytes of the child's answer


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """Bounds of one child: seconds of computing, seconds by the clock, bytes of address space."""

    cpu_seconds: int = 4
    wall_seconds: float = 12.0
    memory: int = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One parsing job."""

    kind: str
    fetched: Fetched
    limits: ParseLimits
    plugins: Sequence[str] = ()


def frame(header: Mapping[str, Any], bodies: Sequence[bytes] = ()) -> bytes:
    """Return the bytes of one frame."""
    text = json.dumps(header, allow_nan=False).encode()
    return b"".join((len(text).to_bytes(LENGTH, "big"), text, *bodies))


def request_frame(request: Request) -> bytes:
    """Write ``request``."""
    fetched = request.fetched
    header = {
        "kind": request.kind,
        "plugins": list(request.plugins),
        "limits": asdict(request.limits),
        "at": fetched.at.isoformat(),
        "partial": fetched.partial,
        "snapshot": fetched.snapshot,
        "source": {**asdict(fetched.source), "config": dict(fetched.source.config)},
        "state": {
            "validators": {url: dict(one) for url, one in fetched.state.validators.items()},
            "body_hash": fetched.state.body_hash,
            "cursor": fetched.state.cursor,
            "at": fetched.state.at.isoformat() if fetched.state.at else None,
        },
        "documents": [[one.url, one.content_type, len(one.body)] for one in fetched.documents],
    }
    return frame(header, [one.body for one in fetched.documents])


def read_request(stream: BinaryIO) -> Request:
    """Read what :func:`request_frame` wrote. Raises ``EOFError`` when the stream ends before the frame does."""
    header = json.loads(_exactly(stream, int.from_bytes(_exactly(stream, LENGTH), "big")))
    source, state = header["source"], header["state"]
    places = tuple(PlaceRef(**one) for one in source.pop("places"))
    at = datetime.fromisoformat(state.pop("at")) if state["at"] else None
    fetched = Fetched(
        documents=tuple(Document(url, kind, _exactly(stream, size)) for url, kind, size in header["documents"]),
        at=datetime.fromisoformat(header["at"]),
        state=FetchState(**{name: value for name, value in state.items() if name != "at"}, at=at),
        source=Source(**source, places=places),
        partial=header["partial"],
        snapshot=header["snapshot"],
    )
    return Request(header["kind"], fetched, ParseLimits(**header["limits"]), header["plugins"])


def read_answer(data: bytes) -> dict[str, Any]:
    """Return the header of the child's answer. Raises ``ValueError`` on anything but one whole frame."""
    size = int.from_bytes(data[:LENGTH], "big")
    if len(data) < LENGTH or len(data) != LENGTH + size:
        raise ValueError("not a whole frame")
    header = json.loads(data[LENGTH:])
    if not isinstance(header, dict):
        raise ValueError("not an object")  # noqa: TRY004 - one type for one fault: a broken answer
    return header


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError(f"{size} bytes expected, {len(data)} read")
    return data
