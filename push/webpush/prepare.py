"""A push written once for all who share its language; per recipient only the serial is put in. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace

from hub.core.message import OWN_PAGE, Message, Payload, Recipient, Site
from push.webpush.render import SERIAL, headers, render, target, written

_PLAIN = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_MARK = b'"serial":"'  # a key; inside a text its quotes would be escaped


def prepare(message: Message, language: str, site: Site) -> PushTemplate | WholePush:
    """Return the template of ``message`` for readers of ``language``.

    A confirmation and its like carry a link of its own for everybody, so they are rendered whole.
    """
    if message.change in OWN_PAGE:
        return WholePush(message, language, site)
    return PushTemplate(message, language, site)


@dataclass(slots=True)
class PushTemplate:
    """The JSON before and after the serial, for each length a serial has: what a text may take depends on it."""

    message: Message
    language: str
    site: Site
    _headers: dict[str, str] = field(init=False)
    _halves: dict[int, tuple[bytes, bytes]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Write the headers, which all recipients share."""
        self._headers = headers(self.message)

    def fill(self, recipient: Recipient, serial: str) -> Payload:
        """Return what ``render`` would write. Raises ``PayloadTooLarge``."""
        del recipient  # nothing in a push is the recipient's own but the serial
        told = serial[:SERIAL]
        told_bytes = told.encode() if _PLAIN.fullmatch(told) else json.dumps(told, ensure_ascii=False).encode()[1:-1]
        halves = self._halves.get(len(told_bytes))
        if halves is None:
            halves = self._halves[len(told_bytes)] = self._split(len(told_bytes))
        return Payload(halves[0] + told_bytes + halves[1], self._headers)

    def _split(self, length: int) -> tuple[bytes, bytes]:
        language = self.language or self.site.language
        nobody = Recipient("", "", language)
        whole = written(
            self.message, language, self.site, navigate=target(self.message, nobody, self.site), serial="0" * length
        )
        start = whole.index(_MARK) + len(_MARK)
        return whole[:start], whole[start + length :]


@dataclass(frozen=True, slots=True)
class WholePush:
    """A push that is rendered anew for each recipient."""

    message: Message
    language: str
    site: Site

    def fill(self, recipient: Recipient, serial: str) -> Payload:
        """Render."""
        return render(replace(self.message, serial=serial), replace(recipient, language=self.language), self.site)
