"""The vocabulary of a sequence: what a server makes of what it should say, one word per poll."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from replay.dialects import Thing

HTML = b"<!DOCTYPE html><html><head><title>Wartung</title></head><body><h1>Wartungsarbeiten</h1></body></html>"
LOGIN = b"<html><body><form action=/login><input name=user><input type=password name=password></form></body></html>"


@dataclass(frozen=True)
class Word:
    """One poll's answer: ``things`` changes what is listed, ``body`` the bytes; ``status`` 0 means no answer at all.

    ``absent``: it lacks things that are really there. ``tagged`` lets the server know ETags, so that it may answer 304.
    """

    name: str
    things: Callable[[Sequence[Thing], int], Sequence[Thing]] = lambda things, _poll: things
    body: Callable[[bytes], bytes] = lambda body: body
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    absent: bool = False
    tagged: bool = True


def _half(things: Sequence[Thing], _poll: int) -> Sequence[Thing]:
    return things[: len(things) // 2]


def _without_one(things: Sequence[Thing], poll: int) -> Sequence[Thing]:
    return [one for index, one in enumerate(things) if index != poll % len(things)] if things else things


def _noisy(things: Sequence[Thing], poll: int) -> Sequence[Thing]:
    """What feeds do to addresses and ids between two polls (S-06)."""
    scheme, mark = ("http", "?utm_source=feed&amp;utm_medium=x") if poll % 2 else ("https", f"?fbclid={poll}")
    return [
        replace(one, guid=f"{poll}-{one.number}", link=f"{scheme}://town.example/n/{one.number}{mark}")
        for one in things
    ]


def _skewed(things: Sequence[Thing], _poll: int) -> Sequence[Thing]:
    return [replace(one, sent=one.sent + timedelta(days=400)) for one in things]


WORDS = {
    one.name: one
    for one in (
        Word("good"),
        Word("untagged", tagged=False),
        Word("empty", lambda _things, _poll: (), absent=True),
        Word("nothing", body=lambda _body: b""),
        Word("html", body=lambda _body: HTML),
        Word("login", body=lambda _body: LOGIN),
        Word("half", _half, absent=True),
        Word("without-one", _without_one, absent=True),
        Word("reordered", lambda things, _poll: things[::-1]),
        Word("doubled", lambda things, _poll: [*things, *things]),
        Word("noisy", _noisy),
        Word("skewed", _skewed),
        Word("cut-off", body=lambda body: body[: len(body) // 2], absent=True),
        Word("garbage", body=lambda body: bytes(255 - one for one in body)),
        Word("truncated-at-one-byte", body=lambda body: body[:1]),
        Word("gone", status=404),
        Word("busy", status=429, headers={"retry-after": "120"}),
        Word("out-of-service", status=503, headers={"retry-after": "60"}),
        Word("fault", status=500),
        Word("silent", status=0),
        Word("moved", status=301),
    )
}
