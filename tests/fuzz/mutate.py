"""Mutations of recorded answers, each reproducible by its seed and number."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any

LONGEST = 120_000  # bytes of one input: enough for every dialect, small enough for a hundred thousand of them

_TOKENS = (
    b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r", b"\r\n", b"\n ", b"&#0;", b"&#xD800;", b"&lt;",
    b"<![CDATA[", b"]]>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"<?xml version='1.0' encoding='utf-7'?>",
    b"<!--", b"-->", b"{", b"}", b"[", b"]", b"null", b"true", b"NaN", b"Infinity", b"-1", b"0", b"1e999",
    b"99999999999999999999", b"-0", b"''", b'""', b"\\u0000", b"\\ud800", b"://", b"javascript:alert(1)", b"file:///etc/passwd",
    b"http://[::1", b"//", b"?", b"#", b"%00", b"2026-02-30", b"0000-00-00", b"9999-12-31T23:59:60Z", b"0001-01-01T00:00:00+14:00",
    b"24:00", b"31.02.2027", b"00.00.0000", b"29.02.2027", b"TZID=../../etc/passwd", b"TZID=/", b"RRULE:FREQ=SECONDLY",
    b"RRULE:FREQ=YEARLY;INTERVAL=0", b"RRULE:FREQ=DAILY;COUNT=999999999", b"DTSTART:00000000", b"BEGIN:VEVENT", b"END:VEVENT",
    b"BEGIN:VALARM", b"X-WR-TIMEZONE:Mars/Base", b"DURATION:P99999999W", b"GEO:nan;nan", b";", b",", b"\t", b"|", b'"',
    b"1,2 3,4 5,6 1,2", b"999,999 0,0", b"nan,nan", b"urn:", b"\xe2\x80\xae", b"\xf0\x9f\x97\x91", b"a" * 3000, b"<a>" * 300, b"(" * 300, b"[" * 600,
)  # fmt: skip
_ENCODINGS = ("latin-1", "cp1252", "utf-16", "utf-16-le", "utf-32", "utf-7", "cp437", "shift-jis", "utf-8-sig")

Mutation = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


def _flip(dice: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    out = bytearray(data)
    for _ in range(dice.randint(1, 8)):
        out[dice.randrange(len(out))] = dice.randrange(256)
    return bytes(out)


def _span(dice: random.Random, data: bytes) -> tuple[int, int]:
    start = dice.randrange(len(data))
    return start, min(len(data), start + dice.choice((1, 4, 16, 64, 256, 2048)))


def _drop(dice: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    start, end = _span(dice, data)
    return data[:start] + data[end:]


def _repeat(dice: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    start, end = _span(dice, data)
    return data[:end] + data[start:end] * dice.choice((1, 2, 20)) + data[end:]


def _cut(dice: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def _token(dice: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    start, end = _span(dice, data)
    return data[:start] + dice.choice(_TOKENS) + data[dice.choice((start, end)) :]


def _value(dice: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Put a token where a value stood: between two marks that a format sets around values."""
    mark = dice.choice((b'"', b">", b":", b";", b"=", b","))
    places = [at for at in range(len(data)) if data[at : at + 1] == mark][:4000]
    if not places:
        return _token(dice, data, _others)
    start = dice.choice(places) + 1
    end = min(
        (at for at in (data.find(one, start) for one in (b'"', b"<", b"\n", b",", b";")) if at > 0), default=start
    )
    return data[:start] + dice.choice(_TOKENS) + data[end:]


def _lines(dice: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    lines = data.splitlines(keepends=True)
    if len(lines) < 2:
        return _flip(dice, data, _others)
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    if dice.random() < 0.5:
        del lines[dice.randrange(len(lines))]
    return b"".join(lines)


def _splice(dice: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    other = dice.choice(others) or b"x"
    start, end = _span(dice, other)
    at = dice.randrange(len(data))
    return data[:at] + other[start:end] + data[at:]


def _recode(dice: random.Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    return data.decode("utf-8", "replace").encode(dice.choice(_ENCODINGS), "replace")


def _pack(dice: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    packed = gzip.compress(data, 1, mtime=0)
    return _flip(dice, packed, others) if dice.random() < 0.5 else packed


_ODD: tuple[Any, ...] = (
    None, True, -1, 0, 10**30, 1e308, "", " ", "x", "null", "2026-02-30", "31.02.2027", "24:00", "1e999", "nan", [], {}, [[]],
    {"": ""}, "\ud800", "\0", "a" * 2000, ["a", 1, None], "javascript:alert(1)", "http://[::1", -181.0, 91, "2027-01-01T00:00:00+99:00",
)  # fmt: skip


def _structure(dice: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Change one node and keep the form: of JSON a value, of XML an element's text or an attribute."""
    if data[:1] in b"[{":
        try:
            tree = json.loads(data)
        except (ValueError, RecursionError):
            return _value(dice, data, others)
        _change(dice, tree)
        return json.dumps(tree).encode()
    spans = [found.span(1) for found in re.finditer(rb">([^<>]+)<|=\"([^\"]*)\"", data) if found[1]][:4000]
    if not spans:
        return _value(dice, data, others)
    start, end = dice.choice(spans)
    odd = dice.choice(_ODD)
    text = odd if isinstance(odd, str) else json.dumps(odd)
    return data[:start] + text.encode("utf-8", "replace").replace(b"<", b"&lt;") + data[end:]


def _change(dice: random.Random, node: Any) -> None:
    """Walk down ``node`` at random and change where the walk ends."""
    for _ in range(12):
        if not isinstance(node, dict | list) or not node:
            return
        key = dice.choice(list(node)) if isinstance(node, dict) else dice.randrange(len(node))
        if not isinstance(node[key], dict | list) or dice.random() < 0.15:
            if dice.random() < 0.2:
                del node[key]
            else:
                node[key] = dice.choice(_ODD)
            return
        node = node[key]


_MUTATIONS: tuple[Mutation, ...] = (
    _flip, _drop, _repeat, _cut, _token, _value, _value, _lines, _splice, _recode, _structure, _structure, _structure, _structure,
)  # fmt: skip
_RARE = 0.01  # a packed answer never reaches a parser's inside


def mutate(dice: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Return ``data`` after one to four mutations; ``others`` are answers to splice from."""
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 4))):
        mutation = _pack if dice.random() < _RARE else dice.choice(_MUTATIONS)
        data = mutation(dice, data or b"x", others)[:LONGEST]
    return data
