from email.utils import format_datetime

import pytest

from push.ical.feed import is_current, takes_gzip
from tests.foreign.samples import CHANGED, golden_feed

THEN = "Fri, 20 Nov 2026 08:30:00 GMT"


@pytest.mark.parametrize(
    ("none_match", "since", "status"),
    [
        (None, None, 200),
        ('"abc"', None, 304),
        ('W/"abc"', None, 304),  # a proxy that compresses weakens the tag
        ('"x", W/"abc"', None, 304),
        ('"x,y" ,"abc"', None, 304),
        ("*", None, 304),
        (" * ", None, 304),
        ('"x"', None, 200),
        ('"x"', THEN, 200),  # If-None-Match wins
        ("", THEN, 200),
        ("abc", None, 200),
        ('"abc', None, 200),
        ('"x\\"abc"', None, 200),
        ('"ABC"', None, 200),
        (None, THEN, 304),
        (None, "Fri, 20 Nov 2026 08:30:01 GMT", 304),
        (None, "Fri, 20 Nov 2026 08:29:59 GMT", 200),
        (None, "Friday, 20-Nov-26 08:30:00 GMT", 304),
        (None, "Fri Nov 20 08:30:00 2026", 304),
        (None, "yesterday", 200),
        (None, "", 200),
        (None, "Fri, 99 Nov 2026 08:30:00 GMT", 200),
        (None, "Fri, 20 Nov 99999999999999999999 08:30:00 GMT", 200),
    ],
)
def test_rfc_9110_13_2_2(none_match, since, status):
    assert is_current(('"abc"',), THEN, none_match, since) is (status == 304)


@pytest.mark.parametrize(("none_match", "since"), [('"abc"', None), ('""', None), (None, THEN)])
def test_without_validators_nobody_has_it(none_match, since):
    assert not is_current((), "", none_match, since)


def test_a_reader_that_comes_back_has_it():
    headers = golden_feed().headers
    assert headers["Last-Modified"] == format_datetime(CHANGED, usegmt=True)
    assert is_current((headers["ETag"],), "", headers["ETag"], None)
    assert is_current((), headers["Last-Modified"], None, headers["Last-Modified"])


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        ("", False), ("gzip", True), ("gzip, deflate, br", True), ("br;q=1.0, GZIP;q=0.8", True), ("*", True),
        ("gzip;q=0", False), ("gzip;q=0.000", False), ("*;q=0, gzip", True), ("gzip;q=0, *", False),
        ("identity", False), ("x-gzip", True), ("gzip; q=0.001", True), ("gzip;level=9", False), ("gzipped", False),
    ],
)  # fmt: skip
def test_who_is_sent_gzip(header, takes):
    assert takes_gzip(header) is takes
