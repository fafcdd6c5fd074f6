"""Umlauts survive whatever header, declaration and bytes claim."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds._syndication.charset import clean, decode

FEED = '<?xml version="1.0" encoding="{}"?><rss><title>Müllabfuhr – „Größe“</title></rss>'
PLAIN = FEED.replace("–", "-").replace("„", '"').replace("“", '"')


@pytest.mark.parametrize(("declared", "real", "header"), [
    ("utf-8", "utf-8", ""), ("iso-8859-1", "cp1252", ""), ("iso-8859-1", "utf-8", ""), ("utf-8", "cp1252", ""),
    ("utf-8", "cp1252", "text/xml; charset=utf-8"), ("iso-8859-1", "utf-8", "text/xml; charset=iso-8859-1"),
    ("windows-1252", "cp1252", "application/rss+xml"), ("utf-16", "utf-16", ""), ("utf-16", "utf-16-le", ""), ("utf-16", "utf-16-be", ""),
    ("utf-16", "utf-8", ""), ("us-ascii", "cp1252", ""), ("klingon", "cp1252", "text/xml; charset=klingon"), ("zlib", "cp1252", ""),
    ("utf-8", "utf-8-sig", ""), ("utf-32", "utf-32", ""),
])  # fmt: skip
def test_german_text_is_read(declared, real, header) -> None:
    assert "Müllabfuhr – „Größe“" in decode(FEED.format(declared).encode(real), header)


def test_the_header_decides_between_single_byte_encodings() -> None:
    assert "ł" in decode("<rss>ł ó ź</rss>".encode("iso-8859-2"), "text/xml; charset=iso-8859-2")
    assert "Müll" in decode(PLAIN.format("iso-8859-15").encode("iso-8859-15"), "")


def test_a_few_broken_bytes_do_not_spoil_utf8() -> None:
    assert "Müllabfuhr – „Größe“" in decode(FEED.format("utf-8").encode() + b"\xff", "")


def test_characters_that_no_document_may_hold_fall_away() -> None:
    assert clean("a\0b\x1f\ud800c\ufffe\td\n") == "abc\td\n"


@given(st.binary(max_size=300), st.text(max_size=40))
def test_any_bytes_become_clean_text(body, header) -> None:
    text = decode(body, header)
    assert text == clean(text)
    text.encode()
