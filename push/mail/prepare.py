"""A mail written once for all who share its language; each recipient's own parts are laid into the encoded bytes. Pure.

``render`` writes the mail once, with placeholders for what is one recipient's own. Where quoted-printable breaks a line
depends on how long the links in it are, so the lines with links are encoded once per length of the links; all else is
copied. A recipient whose address or links could change anything else (escaping, folding) is rendered whole, so that
``fill`` gives the bytes of ``render`` for everybody.
"""

from __future__ import annotations

import quopri
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email import quoprimime
from functools import lru_cache

from hub.core.message import Message, Payload, Recipient, Site
from push.mail.data import lines, transparent
from push.mail.filled import Part, Shape
from push.mail.render import LINE, atom, digest, of_the_minute, render

# Letters that neither HTML nor quoted-printable nor a header would write in another way.
_LINK = re.compile(r"[A-Za-z0-9:/._~-]{1,400}", re.ASCII)
_ABOUT = re.compile(r"[A-Za-z0-9=/._~%-]{0,400}", re.ASCII)  # the query of a person's own page: which notice
_ADDRESS = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.ASCII)
_LONGEST = 64  # characters of an address that surely stand on one line with "To: "
_KEPT = 128  # mails; one reason to get a notice, one language makes one
_SHAPES = 8  # lengths of links that are remembered; ids of one more digit make another
# Nobody who writes a notice can know it.
_MARK = secrets.token_hex(12)
_ADDRESSED, _SERIAL, _ENDPOINT = f"a{_MARK}@a.example", f"s{_MARK}", f"e{_MARK}"
_MANAGE, _UNSUBSCRIBE, _CONFIRM = (f"https://{_MARK}.example/{one}" for one in "muc")
# What is one recipient's own, in the order in which ``fill`` gives it.
_SLOTS = tuple(
    one.encode()
    for one in (
        _ADDRESSED, atom(_SERIAL), digest(_ENDPOINT), digest(_SERIAL, _ENDPOINT), _MANAGE, _UNSUBSCRIBE, _CONFIRM
    )
)  # fmt: skip
_FIRST_LINK = 4
_ANY = re.compile(b"|".join(map(re.escape, _SLOTS)))
_ANY_LINK = re.compile(b"|".join(map(re.escape, _SLOTS[_FIRST_LINK:])))
_SOFT = b"=\r\n"
_Form = tuple[int, int, int, str]  # lengths of the three links, and what follows a "?" in the first
_Gap = tuple[int, int, int, int | None]


def prepare(message: Message, language: str, site: Site) -> Written:
    """Write the mail for everybody of ``language``. Raises ``ValueError`` if the sender is no address.

    The same message in the same minute is written once: batches of one notice share it. Whatever could change a byte
    (every word of the notice, reason, name and colour of the site) is compared, so another revision is another mail.
    """
    return _written(of_the_minute(message), language, site)


@lru_cache(maxsize=_KEPT)
def _written(message: Message, language: str, site: Site) -> Written:
    nobody = Recipient(_ENDPOINT, _ADDRESSED, language, {}, _MANAGE, _UNSUBSCRIBE, _CONFIRM)
    payload = render(replace(message, serial=_SERIAL), nobody, site)
    head, gap, body = payload.body.partition(b"\r\n\r\n")
    pieces: list[bytes] = [b""]
    for line in _logical(body):
        whole = line.replace(_SOFT, b"")  # without its soft breaks a placeholder stands whole in it
        if _ANY_LINK.search(whole):
            pieces += [whole.removesuffix(b"\r\n"), b""]
        else:
            pieces[-1] += line
    return Written(message, language, site, head + gap, tuple(pieces), payload.headers)


def _logical(body: bytes) -> Iterator[bytes]:
    """Give back the lines as they were before quoted-printable broke them, soft breaks and line ends included."""
    start = at = 0
    while (end := body.find(b"\r\n", at)) >= 0:
        at = end + 2
        if body[end - 1 : end] != b"=":
            yield body[start:at]
            start = at
    yield body[start:]


def _fold(line: bytes) -> bytes:
    """Return one quoted-printable line, free of soft breaks, as the mail library breaks it."""
    raw = quopri.decodestring(line)
    return quoprimime.body_encode(raw.decode("latin-1"), LINE, "\r\n").encode()


@dataclass(frozen=True)
class Written:
    """A mail that waits for its recipients."""

    message: Message
    language: str
    site: Site
    head: bytes
    body: tuple[bytes, ...]  # by turns: literal bytes, and one line that carries links
    hints: Mapping[str, str]
    _shapes: dict[_Form, Shape] = field(default_factory=dict)

    def fill(self, recipient: Recipient, serial: str) -> Payload:
        """Return the mail for one recipient, equal to ``render`` byte for byte. Raises as it does."""
        manage, mark, about = recipient.manage_url.partition("?")
        address, unsubscribe, confirm = recipient.address, recipient.unsubscribe_url, recipient.confirm_url
        if not (
            recipient.language == self.language and len(address) <= _LONGEST and _ADDRESS.fullmatch(address)
            and _LINK.fullmatch(manage) and _LINK.fullmatch(unsubscribe) and _LINK.fullmatch(confirm or "-")
            and (not mark or _ABOUT.fullmatch(about))
        ):  # fmt: skip
            return render(replace(self.message, serial=serial), recipient, self.site)
        form = (len(manage), len(unsubscribe), len(confirm), mark + about)
        shape = self._shapes.get(form) or self._shaped(form)
        endpoint = recipient.endpoint
        own = (address, atom(serial), digest(endpoint), digest(serial, endpoint), manage, unsubscribe, confirm)
        return shape.filled(own, self.hints)

    def _shaped(self, form: _Form) -> Shape:
        """Encode the lines with links for links of this form."""
        pieces: list[bytes] = []
        gaps: list[_Gap] = []
        _lay(self.head, pieces, gaps)
        for index, part in enumerate(self.body):
            if index % 2 == 0:
                _lay(part, pieces, gaps)
            else:
                _lay_linked(part, form, pieces, gaps)
        shape = _shape(pieces, gaps)
        if len(self._shapes) < _SHAPES:
            self._shapes[form] = shape
        return shape


def _shape(pieces: list[bytes], gaps: list[_Gap]) -> Shape:
    """Return the mail with literals and gaps by turns."""
    owners = {index: (slot, begin, end) for index, slot, begin, end in gaps}
    parts: dict[Part, int] = {}
    plain, order, leading = [b""], [], []
    for index, piece in enumerate(pieces):
        if index not in owners:
            plain[-1] += piece
            continue
        order.append(parts.setdefault(owners[index], len(parts)))
        if plain[-1].endswith(b"\r\n"):
            leading.append(order[-1])
        plain += [b"", b""]
    stuffed = [piece.replace(b"\r\n.", b"\r\n..") for piece in plain]
    whole = b"".join(plain)
    sound = whole == lines(whole) and b"".join(stuffed) == transparent(whole)
    return Shape(
        tuple(plain), tuple(stuffed) if sound else None, tuple(parts), tuple(order), tuple(dict.fromkeys(leading))
    )


def _lay(part: bytes, pieces: list[bytes], gaps: list[_Gap]) -> None:
    """Append ``part`` with a gap for every placeholder in it."""
    start = 0
    for found in _ANY.finditer(part):
        pieces += [part[start : found.start()], b""]
        gaps.append((len(pieces) - 1, _SLOTS.index(found.group()), 0, None))
        start = found.end()
    pieces.append(part[start:])


def _lay_linked(line: bytes, form: _Form, pieces: list[bytes], gaps: list[_Gap]) -> None:
    """Append one line, broken for links of ``form``; a link may be broken, too, and then fills several gaps."""
    *lengths, query = form
    about = query.replace("=", "=3D").encode()  # the same for all, so no gap but part of the line
    stand_in: list[bytes] = []  # the line with links of the right length
    owners: list[tuple[int, int, int]] = []  # where they stand in it, and whose they are
    at = start = 0
    for found in _ANY_LINK.finditer(line):
        slot = _SLOTS.index(found.group())
        before, length = line[start : found.start()], lengths[slot - _FIRST_LINK]
        after = about if slot == _FIRST_LINK else b""
        at += len(before)
        owners.append((at, at + length, slot))
        stand_in += [before, b"x" * length, after]
        at, start = at + length + len(after), found.end()
    folded = _fold(b"".join([*stand_in, line[start:]])) + b"\r\n"
    at = 0  # where we are in the line without its soft breaks
    for physical in folded.splitlines(keepends=True):
        text = physical.removesuffix(_SOFT) if physical.endswith(_SOFT) else physical
        done = 0
        for begin, end, slot in owners:
            first, last = max(begin, at), min(end, at + len(text))
            if first < last:
                pieces += [text[done : first - at], b""]
                gaps.append((len(pieces) - 1, slot, first - begin, last - begin))
                done = last - at
        pieces.append(physical[done:])
        at += len(text)
