"""What a feed's readers get: bytes, compressed or not, or the word that they have it."""

import gzip
import zlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.ical import Settings
from push.ical.answer import answer
from push.ical.assemble import Body, assemble, feed
from push.ical.render import write_piece
from tests.foreign.samples import CHANGED, SITE, golden_entries, golden_feed

URL = "https://ortsruf.example/k/token.ics"


def shared(entries=None, **more):
    pieces = [write_piece(one, SITE, "de", alarms_on=True) for one in entries or golden_entries()]
    given = {"name": "Mein Kalender – Nümbrecht", "language": "de", "changed": CHANGED, "settings": Settings()}
    return assemble(pieces, site=SITE, **(given | more))


def asked(one, none_match=None, since=None, accept_encoding=""):
    status, headers, body = answer(one, none_match=none_match, since=since, accept_encoding=accept_encoding)
    assert len(dict(headers)) == len(headers)
    return status, dict(headers), body


def test_put_together_it_is_what_rendering_at_once_gives():
    status, headers, body = asked(feed(shared(), URL))
    whole = golden_feed()
    assert (status, body) == (200, whole.body)
    assert headers == {**whole.headers, "Content-Length": str(len(body))}


def test_people_with_one_choice_share_all_but_their_line():
    body = shared()
    mine, yours = feed(body, URL), feed(body, "https://ortsruf.example/k/other.ics")
    assert mine.tag != yours.tag
    assert mine.plain().replace(b"token", b"other") == yours.plain()
    assert feed(shared(), URL).tag == mine.tag


def test_compressed_it_says_the_same_and_its_tag_is_another():
    one = feed(shared(), URL)
    status, headers, body = asked(one, accept_encoding="gzip, br")
    assert (status, gzip.decompress(body)) == (200, one.plain())
    assert (headers["Content-Encoding"], headers["Vary"]) == ("gzip", "Accept-Encoding")
    assert headers["ETag"] == f'{one.tag[:-1]}-gzip"'
    assert len(body) < len(one.plain()) / 2


def test_the_secret_is_never_compressed():
    assert b"/k/token.ics" in feed(shared(), URL).packed()


@given(st.binary(max_size=300), st.binary(max_size=300), st.binary(max_size=3000))
def test_any_parts_make_one_gzip_member(head, source, tail):
    one = type(feed(shared([golden_entries()[0]]), URL))(Body(head, tail, b"", ()), source, '"a"')
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    assert reader.decompress(one.packed()) == head + source + tail
    assert (reader.eof, reader.unused_data) == (True, b"")


@pytest.mark.parametrize("packed", [False, True])
def test_either_tag_is_known_again(packed):
    one = feed(shared(), URL)
    tag = one.packed_tag if packed else one.tag
    for none_match in (tag, f"W/{tag}", f'"x", {tag}'):
        status, headers, body = asked(one, none_match, accept_encoding="gzip")
        assert (status, body) == (304, b"")
        assert headers == {
            "ETag": tag, "Cache-Control": "private, max-age=300, must-revalidate", "Vary": "Accept-Encoding",
        }  # fmt: skip
    assert asked(one, '"x"')[0] == 200


def test_a_date_is_believed_only_where_it_tells_all():
    body = shared(changed=CHANGED + timedelta(hours=1))
    then = dict(body.headers)["Last-Modified"]
    assert asked(feed(body, URL), since=then)[0] == 304
    assert asked(feed(body, URL, dated=False), since=then)[0] == 200
