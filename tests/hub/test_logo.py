"""Logos: what is drawn stays, and nothing else."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.errors import SettingsError
from hub.logo import MOST_BYTES, cleaned

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">%s</svg>'
ICON = Path(__file__).parents[2] / "hub/web/static/icons/icon-192.png"


def svg(inside: str) -> str:
    return cleaned((SVG % inside).encode())[1].decode()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width=2, height=2, pixels=b"\0\0\0\0\0\0\0" * 2, colour=2, interlaced=0, extra=b"") -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, interlaced)
    body = chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_a_drawing_stays_as_it_is() -> None:
    drawn = (
        '<g transform="scale(2)"><path d="M0 0h4v4z" fill="#1d4f91"/><circle cx="4" cy="4" r="1" fill="url(#a)"/></g>'
    )
    assert svg(drawn) == SVG % drawn


def test_styles_become_attributes() -> None:
    assert svg('<path d="M0 0" style="fill:#abc; -inkscape-font: x;stroke : none"/>') == SVG % (
        '<path fill="#abc" stroke="none" d="M0 0"/>'
    )


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>", '<a href="https://evil.example/"><path d="M0 0"/></a>', "<foreignObject><b/></foreignObject>",
        '<animate attributeName="x"/>', '<x:path xmlns:x="urn:x" d="M0"/>', "<!-- a --><?php b ?>",
        "<metadata>x</metadata>",
    ],
)  # fmt: skip
def test_what_is_not_drawn_is_dropped(inside) -> None:
    assert svg(inside) in {SVG % "", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"/>'}


@pytest.mark.parametrize(
    "attribute",
    ['onload="x()"', 'fill="url(https://evil.example/a)"', 'style="fill:url(//evil.example)"', 'href="#a"', 'class="a"',
     'mask="URL( &quot;data:image/svg+xml,&quot; )"', 'fill="\\75rl(x)"'],
)  # fmt: skip
def test_attributes_that_do_or_ask_are_dropped(attribute) -> None:
    assert svg(f'<path d="M0 0" {attribute}/>') == SVG % '<path d="M0 0"/>'


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (SVG % "<style>path{fill:red}</style>", "style"), (SVG % "<text>Ort</text>", "paths"), (SVG % '<image href="a"/>', "PNG"),
        (SVG % '<use href="#a"/>', "clones"), ("<html/>", "no plain SVG"), ("GIF89a", "neither"), ("", "neither"),
        ('<svg xmlns="http://www.w3.org/2000/svg"/>', "how large"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG % "", "document type"), ("x" * (MOST_BYTES + 1), "64 KB"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_says_why(data, word) -> None:
    with pytest.raises(SettingsError, match=word):
        cleaned(data.encode())


def test_a_png_keeps_its_pixels_only() -> None:
    noted = png(extra=chunk(b"tEXt", b"Comment\0secret") + chunk(b"tRNS", b"\0\0\0\0\0\0"))
    assert cleaned(noted + b"behind") == ("png", png(extra=chunk(b"tRNS", b"\0\0\0\0\0\0")))
    assert cleaned(ICON.read_bytes())[0] == "png"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (png()[:-6], "damaged"), (png(pixels=b"\0" * 5), "pixels"), (png(pixels=b"\0" * 15), "pixels"),
        (png(5000, 1), "5000"), (png(0, 1), "allowed"), (png(interlaced=1), "interlaced"), (png(colour=5), "head"),
        (png().replace(b"IHDR", b"IHDX"), "checksum"), (png()[:8], "head"),
    ],
)  # fmt: skip
def test_a_png_that_is_damaged_or_too_large_is_refused(data, word) -> None:
    with pytest.raises(SettingsError, match=word):
        cleaned(data)


@given(st.binary(max_size=300), st.integers(0, 80))
def test_nothing_else_ever_comes_out(junk, at) -> None:
    for data in (junk, png()[:at] + junk, (SVG % "<g/>").encode()[:at] + junk):
        try:
            kind, content = cleaned(data)
        except SettingsError:
            continue
        assert cleaned(content) == (kind, content)
