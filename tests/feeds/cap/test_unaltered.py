"""Warnings are shown in their publisher's words: whole on the page and in mails; what a push cuts is marked and linked.

MoWaS allows only unaltered texts; the DWD's source note must not stand at an altered one.
"""

from __future__ import annotations

import json
from email import message_from_bytes
from email.policy import default

import pytest

from hub.core.message import Change
from push.mail.render import render as mail
from push.webpush.render import render as push
from tests.push.samples import BASE, SITE, entry, message, recipient

SENTENCE = "Im Stadtgebiet tritt {} Rauch auf, der Reizungen der Atemwege auslösen kann. "


@pytest.fixture
def long_warning(corpus, read):
    """A warning of MoWaS whose text is far longer than a push may be."""
    data = json.loads((corpus / "nina/mow.DE-HE-KS-SE106-20250313-106-001.json").read_text(encoding="utf-8"))
    data |= {"msgType": "Alert", "references": ""}
    data["info"] = [data["info"][0] | {"responseType": ["Shelter"]}]
    data["info"][0]["description"] = "".join(SENTENCE.format(number) for number in range(200)).strip()
    (notice,), _ = read(json.dumps(data).encode())
    return notice


def test_no_word_is_lost_between_the_source_and_the_notice(long_warning) -> None:
    body = long_warning.texts[0].body
    assert body == "".join(SENTENCE.format(number) for number in range(200)).strip()
    assert "MoWaS" in long_warning.attribution


def test_a_push_that_is_cut_says_so_and_leads_to_the_whole_text(long_warning) -> None:
    told = message(Change.NEW, entry(long_warning, Change.NEW))
    shown = json.loads(push(told, recipient("de"), SITE).body)["notification"]
    lines = shown["body"].split("\n")
    assert lines[-2].endswith("…"), "the last line names topic and source"
    cut = lines[-2].removesuffix("…").rstrip()
    assert len(cut) > 500
    assert long_warning.texts[0].body.startswith(cut), "what is left are the publisher's own words in their order"
    assert shown["navigate"] == f"{BASE}/bannewitz/n/{long_warning.id}"
    assert long_warning.attribution not in shown["body"], "the note stands at whole texts only"


def test_a_mail_has_the_whole_text_with_its_source(long_warning) -> None:
    told = message(Change.NEW, entry(long_warning, Change.NEW))
    letter = message_from_bytes(mail(told, recipient("de"), SITE).body, policy=default)
    plain = " ".join(letter.get_body(("plain",)).get_content().split())
    assert " ".join(long_warning.texts[0].body.split()) in plain
    assert "Modulares Warnsystem" in plain


@pytest.mark.parametrize(("given", "shown"), [
    ("a<br/>b<BR>c", "a\nb\nc"), ("<p>a</p><p>b</p>", "a\n\nb"), ("<b>a</b> &lt;3", "a <3"),
    ('Mehr <a href="https://a.example/x">hier</a>.', "Mehr hier (https://a.example/x)."),
    ('<a href="https://a.example">https://a.example</a>', "https://a.example"), ("1 < 2 und 3 > 2", "1 < 2 und 3 > 2"),
    ("&quot;Nord&quot; &amp; Süd", '"Nord" & Süd'),
])  # fmt: skip
def test_markup_of_nina_becomes_plain_text_without_losing_a_word(given, shown, corpus, read) -> None:
    data = json.loads((corpus / "synthetic/nina_lhp.json").read_text(encoding="utf-8"))
    data["info"][0]["description"] = given
    assert read(json.dumps(data).encode())[0][0].texts[0].body == shown
