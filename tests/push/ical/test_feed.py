from email.utils import format_datetime

import pytest

from hub.core.message import Payload
from push.ical.feed import conditional
from tests.foreign.samples import CHANGED, golden_feed

THEN = "Fri, 20 Nov 2026 08:30:00 GMT"
PAYLOAD = Payload(b"x", {"ETag": '"abc"', "Last-Modified": THEN})


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
    assert conditional(PAYLOAD, none_match, since) == status


@pytest.mark.parametrize(("none_match", "since"), [('"abc"', None), ('""', None), (None, THEN)])
def test_without_validators_nobody_has_it(none_match, since):
    assert conditional(Payload(b"x"), none_match, since) == 200


def test_a_reader_that_comes_back_gets_304():
    feed = golden_feed()
    assert feed.headers["Last-Modified"] == format_datetime(CHANGED, usegmt=True)
    assert conditional(feed, feed.headers["ETag"], None) == 304
    assert conditional(feed, None, feed.headers["Last-Modified"]) == 304
