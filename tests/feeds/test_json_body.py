"""Strict JSON, clean text and web addresses out of strangers' answers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds._json_body import finite, one_line, plain_text, read_json, web_address
from hub.core.errors import SourceRefused
from hub.core.source import Document


def read(body):
    return read_json(Document("https://x.example/", "", body))


@given(st.text(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_any_unicode_encoding_is_read(text, encoding):
    encodable = text.encode("utf-8", "ignore").decode()
    assert read(json.dumps({"a": encodable}, ensure_ascii=False).encode(encoding)) == {"a": encodable}


@given(st.binary())
def test_any_bytes_give_a_value_or_a_refusal(body):
    try:
        read(body)
    except SourceRefused as error:
        assert error.subject == "https://x.example/"  # noqa: PT017


def test_huge_numbers_are_no_numbers():
    value = read(b'{"a": ' + b"9" * 10_000 + b', "b": 1e999}')
    assert [finite(one) for one in value.values()] == [None, None]
    assert [plain_text(one) for one in value.values()] == ["", ""]


@pytest.mark.parametrize(
    ("value", "number"),
    [(1, 1.0), ("1,5", 1.5), (" 2.5 ", 2.5), (True, None), ("nan", None), ("inf", None), (None, None), ([], None)],
)
def test_finite(value, number):
    assert finite(value) == number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a <b>b</b><br/>c", "a b\nc"),
        ("5 < 6 &amp; 7 > 6", "5 < 6 & 7 > 6"),
        ("<script>x()</script><!-- y <b> -->ok", "ok"),
        ("a<p class=x>b</p>c", "a\nb\nc"),
        ("vor <style>nie beendet", "vor"),
        ("a <3 b --> c", "a <3 b c"),
        ("a\x00b\ud800c\u202ed", "abcd"),
        ("a \t b\r\n\n\n\nc", "a b\n\nc"),
        ("x" * 3_000, "x" * 2_000),
        (7, "7"),
        (True, ""),
        (None, ""),
        ({"a": 1}, ""),
    ],
)
def test_plain_text(value, text):
    assert plain_text(value) == text


@given(st.text())
def test_a_line_is_one_line_that_any_channel_can_encode(text):
    found = one_line(text)
    assert len(found.splitlines()) <= 1
    assert found.encode().decode() == found
    assert "\x00" not in found


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://x.example/a?b=c", True),
        ("HTTP://x.example", True),
        ("javascript:alert(1)", False),
        ("//x.example", False),
        ("https://", False),
        ("https://x.example/a b", False),
        ('https://x.example/"onload=', False),
        ("https://[x", False),
        ("https://x.example/" + "a" * 3_000, False),
        (None, False),
        (7, False),
    ],
)
def test_web_address(value, kept):
    assert web_address(value) == (value if kept else "")


@pytest.mark.parametrize(("piece", "text"), [("<!--", ""), ("<script>", ""), ("<b>x", "xxx"), ("<b ", "<b <b <b")])
def test_markup_that_never_ends(piece, text):
    assert plain_text(piece * 3) == text
