"""A mail in the form that follows DATA (RFC 5321, 4.5.2): whole lines, each ended by CR LF, dots doubled. Pure."""

from __future__ import annotations

import re
from typing import Self

END = b".\r\n"
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Canonical(bytes):
    """A mail whose form on the wire is known already, so that nobody needs to look through it again."""

    wire: bytes

    def __new__(cls, body: bytes, wire: bytes) -> Self:
        """Keep ``wire`` = ``transparent(body)`` beside the mail."""
        made = super().__new__(cls, body)
        made.wire = wire
        return made


def lines(body: bytes) -> bytes:
    """Return ``body`` in lines that end with CR LF.

    A bare CR or LF becomes CR LF: servers disagree on what such a line is, which smuggles mails (CVE-2023-51764).
    """
    if isinstance(body, Canonical):
        return body
    if not body.count(b"\n") == body.count(b"\r") == body.count(b"\r\n"):
        body = _LINE_END.sub(b"\r\n", body)
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def transparent(body: bytes) -> bytes:
    """Return ``body`` as lines that no server can take for the end of the mail, without the end itself."""
    if isinstance(body, Canonical):
        return body.wire
    body = lines(body)
    if body.startswith(b"."):
        body = b"." + body
    return body.replace(b"\r\n.", b"\r\n..")
