"""A mail in the forms that travel: whole lines ended by CR LF (BDAT), and the same with dots doubled (DATA). Pure.

RFC 5321, 4.5.2; RFC 3030, 2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

END = b".\r\n"
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Content(Protocol):
    """A mail in pieces, which are joined only where they leave; both forms end with CR LF."""

    def plain(self) -> Sequence[bytes]:
        """Return the mail as it is."""
        ...

    def stuffed(self) -> Sequence[bytes]:
        """Return it so that no line can be taken for its end, without the end itself."""
        ...


@dataclass(frozen=True, slots=True)
class Whole:
    """A mail that is there as a whole, in lines as ``lines`` gives them; ``before``: headers to stand before it."""

    body: bytes
    before: bytes = b""

    def plain(self) -> Sequence[bytes]:
        """Return the mail as it is."""
        return self.before, self.body

    def stuffed(self) -> Sequence[bytes]:
        """Return the mail with dots doubled."""
        return self.before, transparent(self.body)


def lines(body: bytes) -> bytes:
    """Return ``body`` in lines that end with CR LF.

    A bare CR or LF becomes CR LF: servers disagree on what such a line is, which smuggles mails (CVE-2023-51764).
    """
    if not body.count(b"\n") == body.count(b"\r") == body.count(b"\r\n"):
        body = _LINE_END.sub(b"\r\n", body)
    return body if body.endswith(b"\r\n") else body + b"\r\n"


def transparent(body: bytes) -> bytes:
    """Return lines with a second dot where one begins with a dot."""
    if body.startswith(b"."):
        body = b"." + body
    return body.replace(b"\r\n.", b"\r\n..")
