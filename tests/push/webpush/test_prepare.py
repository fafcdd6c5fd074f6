"""Written once and filled is the same as rendered for each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.errors import PayloadTooLarge
from hub.core.message import Change, Reason
from hub.core.notice import NoticeText, PlaceRef
from push import load
from push.webpush.prepare import prepare
from push.webpush.render import render
from tests.push.samples import MESSAGES, ROAD, SITE, entry, message, recipient

SERIALS = ("", "0", "a" * 32, "f" * 64, "x" * 200, 'quote " and \\', "ümlaut", "\0\n\u2028", "👩" * 80)


def rendered(told, person, serial):
    return render(replace(told, serial=serial), person, SITE)


@pytest.mark.parametrize("language", ["de", "en", "ar", ""])
@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_every_golden_message(name, language):
    template = prepare(MESSAGES[name], language, SITE)
    for serial in SERIALS:
        for number in range(2):
            person = replace(recipient(language), confirm_url=f"{SITE.base_url}/c/token-{number}")
            assert template.fill(person, serial) == rendered(MESSAGES[name], person, serial)


anything = st.text(st.characters(codec="utf-8"), max_size=3000)


@settings(max_examples=150, deadline=None)
@given(
    title=anything, body=anything, place=anything, serials=st.lists(anything, min_size=1, max_size=4),
    change=st.sampled_from(Change), count=st.integers(1, 40),
)  # fmt: skip
def test_any_message(title, body, place, serials, change, count):
    notice = replace(ROAD, texts=(NoticeText("de", title, body * 2),), places=(PlaceRef("district", "x", place),))
    one = entry(notice, change, reason=Reason(title, place, (body,)))
    told = message(change, *([one] * (count if change is Change.DIGEST else 1)))
    template = prepare(told, "de", SITE)
    for serial in serials:
        assert template.fill(recipient(), serial) == rendered(told, recipient(), serial)


def test_all_recipients_share_the_headers():
    template = load("webpush").prepare(MESSAGES["new"], "de", SITE)
    assert template.fill(recipient(), "a").headers is template.fill(recipient(), "b").headers


def test_what_does_not_fit_is_said_as_rendering_says_it():
    told = replace(MESSAGES["new"], entries=(replace(MESSAGES["new"].entries[0], url=""),))
    site = replace(SITE, base_url="https://" + "a" * 2000 + ".example")
    with pytest.raises(PayloadTooLarge):
        render(told, recipient(), site)
    with pytest.raises(PayloadTooLarge):
        prepare(told, "de", site).fill(recipient(), "s")
