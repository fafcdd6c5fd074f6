"""A feed put together from written events: pure, and the same bytes and tag for the same events.

People with the same choice get the same feed but for one line, SOURCE, which holds their secret. So a feed is a
:class:`Body` that all of them share and that line; compressed, the shared part is compressed once.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from operator import itemgetter
from typing import NamedTuple

from calendars.write import END, digest, etag, write_head, write_source, write_zones
from hub.core.message import Site
from hub.core.place import slug
from push._wording import frame
from push.ical import Settings
from push.ical.texts import said

_GZIP = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # RFC 1952, 2.3: deflate, no name, no time, unknown system
_STORED = 65_535  # the longest stored block (RFC 1951, 3.2.4)
_LEAN = frozenset({"Cache-Control", "Vary"})
Headers = tuple[tuple[str, str], ...]


class Piece(NamedTuple):
    """One written event: where it stands in its feed (start in UTC, UID), its bytes, and what stands for them."""

    order: tuple[datetime, str]
    body: bytes
    digest: bytes


@dataclass(slots=True, eq=False)
class Body:
    """What the feeds of one choice share: all before SOURCE, all after it, the latter's digest, and the headers."""

    head: bytes
    tail: bytes
    digest: bytes
    headers: Headers
    lean: Headers = ()  # those of a 304
    modified: str = ""  # Last-Modified
    _deflated: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        """Look up once what every answer needs."""
        self.lean = tuple(one for one in self.headers if one[0] in _LEAN)
        self.modified = dict(self.headers).get("Last-Modified", "")

    def deflated(self) -> bytes:
        """Return the tail compressed (RFC 1951), kept from the first time on; two threads at once only waste time."""
        if not self._deflated:
            packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
            self._deflated = packer.compress(self.tail) + packer.flush()
        return self._deflated


@dataclass(frozen=True, slots=True, eq=False)
class Feed:
    """One feed as it goes out: the shared ``body``, its own SOURCE line, its strong tag (quotes included).

    ``dated``: Last-Modified tells of every change, so that If-Modified-Since may be believed.
    """

    body: Body
    source: bytes
    tag: str
    dated: bool = True

    @property
    def packed_tag(self) -> str:
        """The tag of the compressed form, which is another representation (RFC 9110, 8.8.3.3)."""
        return f'{self.tag[:-1]}-gzip"'

    def plain(self) -> bytes:
        """Return the iCalendar text."""
        return b"".join((self.body.head, self.source, self.body.tail))

    def packed(self) -> bytes:
        """Return it as one gzip member (RFC 1952): the own part stored as it is, the shared part compressed once.

        The secret is never compressed together with what others wrote, so lengths tell nothing of it (BREACH).
        """
        own = self.body.head + self.source
        if len(own) > _STORED:
            raise ValueError("A calendar's head is too long.")
        stored = b"\0" + struct.pack("<HH", len(own), len(own) ^ _STORED) + own
        check = zlib.crc32(self.body.tail, zlib.crc32(own))
        size = (len(own) + len(self.body.tail)) & 0xFFFFFFFF
        return b"".join((_GZIP, stored, self.body.deflated(), struct.pack("<II", check, size)))


def assemble(
    pieces: Iterable[Piece], *, site: Site, name: str, language: str, changed: datetime | None, settings: Settings
) -> Body:  # fmt: skip
    """Return the body of the calendar called ``name``; ``changed`` is when it last changed (none: nobody knows).

    Raises ``ValueError`` for a zone or colour that does not exist.
    """
    events = sorted(pieces, key=itemgetter(0))
    description = said("description", frame(language), site=site.name)
    head = write_head(name=name, colour=site.colour, refresh=settings.refresh, description=description)
    zones = write_zones((site.zone,))
    return Body(
        head=head,
        tail=b"".join((zones, *[one.body for one in events], END)),
        digest=digest(b"".join((zones, *[one.digest for one in events]))),
        headers=_headers(site, changed, settings),
    )


def feed(body: Body, source_url: str, *, dated: bool = True) -> Feed:
    """Return the feed of ``body`` that lies at ``source_url``; ``dated`` as in :class:`Feed`."""
    source = write_source(source_url)
    return Feed(body, source, etag(body.head + source + body.digest), dated)


def _headers(site: Site, changed: datetime | None, settings: Settings) -> Headers:
    headers = (
        ("Content-Type", "text/calendar; charset=utf-8"),
        ("Content-Disposition", f'inline; filename="{site.slug or slug(site.name) or "ortsruf"}.ics"'),
        ("Cache-Control", f"private, max-age={int(settings.max_age.total_seconds())}, must-revalidate"),
        ("Vary", "Accept-Encoding"),
        ("X-Robots-Tag", "noindex"),
    )
    if changed is None:  # an empty feed has no date, and none is made up
        return headers
    modified = format_datetime(changed.astimezone(UTC).replace(microsecond=0), usegmt=True)
    return (*headers, ("Last-Modified", modified))
