"""Encodings by declaration only, and names for what is no calendar."""

from __future__ import annotations

import pytest

from calendars.text import decode, foreign

WORD = "Müll – Straße"


@pytest.mark.parametrize(
    ("body", "content_type", "encoding"),
    [
        (WORD.encode(), "", "utf-8"),
        (WORD.encode(), "text/calendar; charset=utf-8", "utf-8"),
        (b"\xef\xbb\xbf" + WORD.encode(), "text/calendar; charset=iso-8859-1", "utf-8"),
        (WORD.encode("utf-16"), "", "utf-16-le"),
        (WORD.encode("cp1252"), "", "cp1252"),
        (WORD.encode("cp1252"), "text/csv; charset=ISO-8859-1", "cp1252"),
        (WORD.encode("cp1252"), "text/csv; charset=utf-8", "cp1252"),
        (WORD.encode("cp1252"), "text/csv; charset=no-such-thing", "cp1252"),
        (WORD.encode(), "text/csv; charset=rot13", "utf-8"),
        (WORD.encode(), "text/csv; charset=zlib", "utf-8"),
    ],
)
def test_the_word_muell_is_read_right(body, content_type, encoding):
    assert decode(body, content_type) == (WORD, encoding)


def test_a_fold_inside_a_character_is_healed():
    text, encoding = decode(b"SUMMARY:Restm\xc3\r\n \xbcll\r\n", "")
    assert (text, encoding) == ("SUMMARY:Restmüll\r\n", "utf-8")


def test_any_byte_decodes():
    text, _ = decode(bytes(range(256)) * 2, "")
    assert len(text) == 512


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "nothing at all"),
        (b" \r\n\t", "nothing at all"),
        (b"\n<!doctype HTML>\n<title>x", "a web page (HTML)"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"PK\x03\x04...", "a ZIP archive or an office document"),
        (b'{"error": 1}', "JSON data"),
        (b"[]", "JSON data"),
        (b"<?xml version='1.0'?><rss/>", "an XML document"),
        (b"Datum;Art", ""),
    ],
)
def test_wrong_answers_get_a_name(body, what):
    assert foreign(body, decode(body, "")[0]) == what
