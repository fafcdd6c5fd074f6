"""The HTTP answer of a feed: status, headers and bytes; pure, so that every server in front of it says the same."""

from __future__ import annotations

from push.ical.assemble import Feed
from push.ical.feed import is_current, takes_gzip

Answer = tuple[int, list[tuple[str, str]], bytes]
OK, NOT_MODIFIED = 200, 304


def answer(feed: Feed, *, none_match: str | None, since: str | None, accept_encoding: str) -> Answer:
    """Return what a reader with these request headers (``None`` or empty: not sent) gets for GET.

    HEAD is the same without the bytes. 304 repeats what RFC 9110, 15.4.5 asks for and no more.
    """
    body = feed.body
    if none_match == feed.tag:  # almost all that ever comes
        return NOT_MODIFIED, [*body.lean, ("ETag", feed.tag)], b""
    tags = (feed.tag, feed.packed_tag)
    if is_current(tags, body.modified if feed.dated else "", none_match, since):
        packed = none_match is not None and feed.packed_tag in none_match
        return NOT_MODIFIED, [*body.lean, ("ETag", tags[packed])], b""
    if takes_gzip(accept_encoding):
        data, own = feed.packed(), [("ETag", feed.packed_tag), ("Content-Encoding", "gzip")]
    else:
        data, own = feed.plain(), [("ETag", feed.tag)]
    return OK, [*body.headers, *own, ("Content-Length", str(len(data)))], data
