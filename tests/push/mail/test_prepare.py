"""Written once and filled in, a mail is byte for byte the one that would have been rendered whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.core.message import Change, Payload, Reason, Recipient
from hub.core.notice import NoticeText
from hub.links import Links
from push import load
from push.mail.data import lines, transparent
from push.mail.filled import Filled
from push.mail.prepare import prepare
from push.mail.render import LINE, render
from tests.push.samples import BASE, MESSAGES, NOW, ROAD, SITE, entry, message, recipient

TOKEN = st.text("abcXYZ019_-.", max_size=200)
LOCAL = st.text("abcxyzABC019._+-'!", min_size=1, max_size=80)


def same(told, to, serial, language="de", site=SITE):
    whole = render(replace(told, serial=serial), to, site)
    assert prepare(told, language, site).fill(to, serial) == whole
    return whole.body


@pytest.mark.parametrize("language", ["de", "en", "ar"])
@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_every_kind_of_mail(name, language):
    written = prepare(MESSAGES[name], language, SITE)
    for number in (1, 10, 123, 45678):
        to = recipient(language, str(number), f"a{number}@example.org", "t" * (number % 97 + 20))
        serial = f"{number:032}"
        assert written.fill(to, serial) == render(replace(MESSAGES[name], serial=serial), to, SITE)


def test_every_length_of_a_link():
    written = prepare(MESSAGES["new"], "de", SITE)
    for length in range(1, 240, 3):
        to = recipient(token="t" * length)
        assert written.fill(to, "s") == render(replace(MESSAGES["new"], serial="s"), to, SITE)


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_the_links_that_people_have_fit_into_gaps(name):
    links = Links(BASE, "a key")
    for number, notice in ((7, "n1"), (12_345, "a-b_c~d/e ä"), (99, "x" * 70), (100, "n=1"), (8, "")):
        taps = {"confirm": links.confirm(number, NOW), "lapse": links.keep(number, 1)}
        own = links.manage(number, 1, notice), links.unsubscribe(number, 1), taps.get(name, "")
        to = Recipient(str(number), "anna@example.org", "de", {}, *own)
        filled = prepare(MESSAGES[name], "de", SITE).fill(to, "5" * 32)
        assert isinstance(filled, Filled)
        assert filled == render(replace(MESSAGES[name], serial="5" * 32), to, SITE)


@given(st.text("nN1_-=.%~/&", max_size=90), st.integers(1, 90))
def test_any_query_of_a_link(query, length):
    to = replace(recipient(), manage_url=f"{BASE}/m/{'t' * length}?{query}")
    same(MESSAGES["new"], to, "1")


@settings(max_examples=60, deadline=None)
@given(
    st.text(st.characters(codec=None), max_size=300), st.text(max_size=40), TOKEN, TOKEN, LOCAL,
    st.text(max_size=70), st.sampled_from([Change.NEW, Change.DIGEST, Change.CONFIRM, Change.WITHDRAWN]),
)  # fmt: skip
@example(" " * 77, "x", "t" * 60, "t" * 61, "a", "0", Change.NEW)
@example("x" * 75 + " \n" + "y" * 76 + "\t\n=\n.", "x", "a", "b", "a", "0", Change.NEW)
@example("Titel", "x", "a&b", "<", "o'neill", "ä\r\n", Change.DIGEST)
def test_any_text_and_any_recipient(text, name, manage, unsubscribe, local, serial, change):
    notice = replace(ROAD, texts=(NoticeText("de", text, text, instruction=text),), publisher=name)
    told = message(change, entry(notice, change, reason=Reason(name, text)))
    to = replace(
        recipient(), address=f"{local}@example.org", endpoint=serial, manage_url=manage, unsubscribe_url=unsubscribe
    )
    try:
        body = same(told, to, serial, site=replace(SITE, name=name or "Bannewitz"))
    except (ValueError, IndexError):  # no address: both doors say so
        with pytest.raises((ValueError, IndexError)):
            prepare(told, "de", SITE).fill(to, serial)
        return
    lines = body.partition(b"\r\n\r\n")[2].split(b"\r\n")
    assert max(map(len, lines)) <= LINE
    assert b"\n" not in b"".join(lines)


@pytest.mark.parametrize(
    "odd",
    [
        {"address": "o'neill@example.org"}, {"address": "a" * 64 + "@" + "b" * 60 + ".example"}, {"language": "en"}, {"language": "pl"},
        {"manage_url": ""}, {"unsubscribe_url": ""}, {"confirm_url": ""}, {"manage_url": "https://a.example/m/x?y=1&z=<2>\"'"},
        {"unsubscribe_url": "https://ä.example/u/ü"}, {"endpoint": "ä\0b"}, {"unsubscribe_url": "https://a.example/" + "u" * 900},
    ],
)  # fmt: skip
def test_an_odd_recipient_gets_the_whole_mail_all_the_same(odd):
    same(MESSAGES["new"], replace(recipient(), **odd), "5" * 32)


@pytest.mark.parametrize("address", ["a@b.de, x@y.z", "a@b.de\r\nBcc: x@y.z", "", "a..b@example.org\n"])
def test_an_odd_address_is_not_written_to(address):
    with pytest.raises((ValueError, IndexError)):
        prepare(MESSAGES["new"], "de", SITE).fill(recipient(address=address), "1")


def test_the_channel_has_this_door():
    kind = load("mail")
    written = kind.prepare(MESSAGES["new"], "de", SITE)
    assert written.fill(recipient(), MESSAGES["new"].serial) == kind.render(MESSAGES["new"], recipient(), SITE)


def test_what_may_not_wait_says_so():
    urgent = {name for name, told in MESSAGES.items() if prepare(told, "de", SITE).hints.get("Urgency") == "high"}
    assert urgent >= {"confirm", "test", "new-storm"}
    assert not urgent & {"new", "digest", "reminder"}


def test_batches_of_one_notice_share_the_mail_for_a_minute():
    told = MESSAGES["new"]
    later = replace(told, now=told.now + timedelta(seconds=59))
    written = prepare(told, "de", SITE)
    assert prepare(later, "de", SITE) is written
    assert written.fill(recipient(), "1") == render(replace(later, serial="1"), recipient(), SITE)


@pytest.mark.parametrize(
    "other",
    [
        {"now": MESSAGES["new"].now + timedelta(minutes=1)},
        {"thread": "u" * 26},
        {"entries": (replace(MESSAGES["new"].entries[0], revision=2),)},
        {"entries": (replace(MESSAGES["new"].entries[0], reason=Reason("roads", "Hänichen")),)},
        {"entries": (replace(MESSAGES["new"].entries[0], notice=replace(ROAD, attribution="CC BY 4.0")),)},
    ],
    ids=lambda one: next(iter(one)),
)
def test_whatever_differs_is_another_mail(other):
    told = replace(MESSAGES["new"], **other)
    assert prepare(told, "de", SITE) is not prepare(MESSAGES["new"], "de", SITE)
    same(told, recipient(), "1")


@pytest.mark.parametrize("other", [{"name": "Kreischa"}, {"colour": "#004400"}, {"sender": "a@kreischa.example"}])
def test_another_town_is_another_mail(other):
    site = replace(SITE, **other)
    assert prepare(MESSAGES["new"], "de", site) is not prepare(MESSAGES["new"], "de", SITE)
    same(MESSAGES["new"], recipient(), "1", site=site)


def test_the_pieces_are_the_whole_mail_in_both_forms():
    text = "eins\n.\n..zwei\n.drei"
    notice = replace(ROAD, texts=(NoticeText("de", "Titel", text),))
    filled = prepare(message(Change.NEW, entry(notice, Change.NEW)), "de", SITE).fill(recipient(), "7")
    assert isinstance(filled, Filled)
    assert b"".join(filled.plain()) == filled.body == lines(filled.body)
    assert b"".join(filled.stuffed()) == transparent(filled.body)
    assert transparent(filled.body) != filled.body
    assert filled != replace(Payload(filled.body, filled.headers), body=b"")
