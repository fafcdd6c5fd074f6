"""The mail as a mail program reads it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.core.message import Change, Reason
from hub.core.notice import NoticeText, PlaceRef
from push import channels, load
from push.mail.render import render
from tests.push.samples import (
    BASE,
    FEW,
    IN_MANY,
    MANY_LANGUAGES,
    MESSAGES,
    NOW,
    ROAD,
    SITE,
    TENDER,
    agrees_with_golden,
    entry,
    message,
    monthly,
    recipient,
)

DIRTY = "Titel\r\nBcc: evil@example.org\r\n\r\n<script>alert(1)</script> \u2028 \x00 \x85 \ud800 end"


def read(told, language="de", site=SITE, **more):
    return message_from_bytes(render(told, recipient(language, **more), site).body, policy=default)


def parts(mail):
    return [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_golden(name, language):
    mail = read(MESSAGES[name], language)
    head = "".join(f"{key}: {value}\n" for key, value in mail.items())
    text, html = parts(mail)
    agrees_with_golden(f"mail/{name}.{language}.txt", f"{head}\n{text}".encode())
    agrees_with_golden(f"mail/{name}.{language}.html", html.encode())


@pytest.mark.parametrize("language", MANY_LANGUAGES)
@pytest.mark.parametrize("name", FEW)
def test_golden_in_the_other_languages(name, language):
    mail = read((MESSAGES | IN_MANY)[name], language)
    text, html = parts(mail)
    agrees_with_golden(f"mail/{name}.{language}.txt", f"Subject: {mail['Subject']}\n\n{text}".encode())
    agrees_with_golden(f"mail/{name}.{language}.html", html.encode())
    assert mail["Content-Language"] == language


def test_a_mail_in_arabic_runs_from_right_to_left_and_its_german_text_does_not():
    html = parts(read(MESSAGES["new-storm"], "ar"))[1]
    assert '<html lang="ar" dir="rtl"' in html
    assert re.search(r'<div class="sheet" dir="rtl" lang="ar" style="[^"]*text-align: right', html)
    assert re.search(r'<div lang="de" dir="ltr"[^>]*>\s*<p[^>]*>Böen bis 130', html)
    spoken = parts(read(IN_MANY["storm-in-many-languages"], "ar"))[1]
    assert re.search(r'<div lang="ar" dir="rtl"[^>]*>\s*<p[^>]*>سرعة الرياح', spoken)


@pytest.mark.parametrize("language", ["de", "en", *MANY_LANGUAGES])
def test_a_text_in_the_readers_language_is_told_without_remark(language):
    remark = {
        "de": "nur auf",
        "en": "exists in",
        "tr": "duyurunun dili",
        "uk": "Мова цього",
        "ar": "لغة هذه",
        "de-simple": "nicht in Leichter",
    }
    assert remark[language] not in parts(read(IN_MANY["storm-in-many-languages"], language))[0] or language == "en"
    foreign = parts(read(MESSAGES["new-storm"], language))[0]
    assert (remark[language] in foreign) == (language != "de")


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_text_first_then_html_and_the_same_bytes_again(name):
    mail = read(MESSAGES[name])
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    again = render(MESSAGES[name], recipient(), SITE).body
    assert again == render(MESSAGES[name], recipient(), SITE).body
    assert not mail.defects


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_lines_are_as_smtp_wants_them(name):
    body = render(MESSAGES[name], recipient(), SITE).body
    assert body.isascii()
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert b"\r" not in body.replace(b"\r\n", b"")
    assert max(map(len, body.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("name", sorted(set(MESSAGES) - {"confirm"}))
def test_one_click_unsubscribe_is_plain_on_the_wire(name):
    head = render(MESSAGES[name], recipient(), SITE).body.partition(b"\r\n\r\n")[0]
    link, monthly = f"{BASE}/u/{'t' * 120}", name.startswith("monthly")
    letter_box = "" if monthly else f", <mailto:{SITE.sender}?subject=unsubscribe>"  # there it would end all mail
    assert f"\r\nList-Unsubscribe: <{link}>{letter_box}\r\n".encode() in head
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in head
    assert b"\r\nAuto-Submitted: auto-generated\r\n" in head
    assert f"\r\nList-Id: <{'monthly.' * monthly}bannewitz.bannewitz.example>\r\n".encode() in head


def test_encoded_words_keep_to_their_length():
    site = replace(SITE, name="Verwaltungsgemeinschaft Bännewitz-Possendörf mit allen Örtsteilen")
    head = render(MESSAGES["confirm"], recipient(), site).body.partition(b"\r\n\r\n")[0].decode()
    words = re.findall(r"=\?[^?]+\?[qb]\?[^?]*\?=", head)
    assert words
    assert max(map(len, words)) <= 75
    mail = read(MESSAGES["confirm"], site=site)
    assert site.name in mail["Subject"]
    assert mail["From"].addresses[0].display_name == site.name


def test_the_same_message_has_the_same_id_and_another_has_another():
    told = MESSAGES["revised"]
    first = read(told)["Message-ID"]
    assert read(replace(told, now=NOW + timedelta(hours=1)))["Message-ID"] == first
    assert read(replace(told, serial="1" * 32))["Message-ID"] != first
    assert read(told, endpoint="8")["Message-ID"] != first
    assert re.fullmatch(r"<[a-z0-9]+\.[a-f0-9]{16}@bannewitz\.example>", first)


def test_messages_about_one_notice_thread():
    ids = {read(MESSAGES[name])["References"] for name in ("new", "revised", "withdrawn")}
    assert len(ids) == 1
    assert read(MESSAGES["digest"])["References"] is None
    assert read(MESSAGES["new"])["Content-Language"] == "de"


def test_a_confirmation_carries_no_text_but_ours():
    mail = read(MESSAGES["confirm"])
    text, html = parts(mail)
    assert mail["List-Unsubscribe"] is None
    for part in (text, html):
        assert f"{BASE}/c/{'t' * 120}" in part
        assert "48 Stunden" in part
        assert "/u/" not in part
        assert "/m/" not in part


@pytest.mark.parametrize("name", sorted(MESSAGES))
@pytest.mark.parametrize("language", ["de", "en"])
def test_nothing_is_loaded_from_anywhere(name, language):
    html = parts(read(MESSAGES[name], language))[1]
    assert set(re.findall(r"https?://[^/\"'\s<]+", html)) <= {BASE}
    assert not re.search(
        r"<(img|script|link|iframe|object|form|video|audio|svg)\b|url\(|@import|srcset|background=", html, re.IGNORECASE
    )


def test_both_parts_say_the_same():
    for name in ("new", "new-storm", "correction", "digest"):
        text, html = parts(read(MESSAGES[name]))
        for told in MESSAGES[name].entries:
            source = told.notice.publisher
            for part in (text, html):
                assert source in part
                assert told.url in part
                assert "Warum Sie das bekommen" in part
                assert f"{BASE}/m/" in part
                assert f"{BASE}/u/" in part
    assert "dl-de/by-2-0" in parts(read(MESSAGES["new"]))[0]
    assert "Gültig bis: Freitag, 8. Januar 2027, 17:00 Uhr" in parts(read(MESSAGES["new"]))[0]


def test_a_digest_lists_every_entry():
    entries = [
        entry(replace(ROAD, id=f"n{number}", texts=(NoticeText("de", f"Meldung Nr. {number}."),)), Change.NEW)
        for number in range(300)
    ]
    text, html = parts(read(message(Change.DIGEST, *entries)))
    for number in range(300):
        assert f"Meldung Nr. {number}." in text
        assert f"Meldung Nr. {number}." in html


def test_a_digest_begins_with_what_closes_this_week_and_groups_by_topic():
    text = parts(read(MESSAGES["digest"]))[0]
    assert text.count("## Straßen und Sperrungen") == 1
    assert text.index("## Diese Woche endet die Frist") < text.index("## Straßen")
    later = replace(TENDER, deadline=NOW + timedelta(days=8))
    text = parts(read(message(Change.DIGEST, entry(ROAD, Change.NEW), entry(later, Change.NEW))))[0]
    assert text.index("## Straßen") < text.index("## Ausschreibungen")


def test_hostile_texts_stay_texts():
    notice = replace(
        ROAD, texts=(NoticeText("de", DIRTY, DIRTY, html="<b>no</b>", instruction=DIRTY),), publisher=DIRTY, attribution=DIRTY,
        places=(PlaceRef("district", "x", DIRTY),),
    )  # fmt: skip
    told = message(Change.NEW, entry(notice, Change.NEW, reason=Reason(DIRTY, DIRTY, (DIRTY,))))
    mail = read(told, site=replace(SITE, name=DIRTY, colour="red;background:url(https://evil.example/x)"))
    assert "bcc" not in {name.lower() for name in mail.keys()}  # noqa: SIM118 - a mail has no plain keys
    assert len(mail["To"].addresses) == 1
    html = parts(mail)[1]
    assert "<script" not in html
    assert "evil.example/x" not in html
    assert not mail.defects


@pytest.mark.parametrize("address", ["a@b.de, x@y.z", "a@b.de\r\nBcc: x@y.z", ""])
def test_an_odd_recipient_is_not_written_to(address):
    with pytest.raises((ValueError, IndexError)):
        render(MESSAGES["new"], recipient(address=address), SITE)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None), max_size=400), st.sampled_from(Change))
@example("\ud800", Change.DIGEST)  # half of a surrogate pair
def test_any_text_makes_a_sound_mail(text, change):
    notice = replace(ROAD, texts=(NoticeText("de", text, text, instruction=text),), publisher=text)
    payload = render(message(change, entry(notice, change, reason=Reason(text, text))), recipient(), SITE)
    mail = message_from_bytes(payload.body, policy=default)
    assert not mail.defects
    assert mail["Subject"].strip()
    assert payload.body.isascii()
    assert b"\r" not in payload.body.replace(b"\r\n", b"")


def test_after_its_end_a_warning_gives_no_advice():
    text, html = parts(read(MESSAGES["all-clear"]))
    for part in (text, html):
        assert "Diese Meldung gilt nicht mehr." in part
        assert "Bleiben Sie im Haus" not in part
        assert "Wann:" not in part


@pytest.mark.parametrize("channel", [name for name in channels() if not load(name).PULL])
@pytest.mark.parametrize(("language", "other"), [("de", "en"), ("en", "de")])
def test_the_monthly_mail_names_every_way_in_words(channel, language, other):
    text, _ = parts(read(monthly(received=((channel, 3),)), language))
    (line,) = [line for line in text.splitlines() if line.endswith(": 3")]
    assert line.strip() != f"{channel}: 3"
    assert line not in parts(read(monthly(received=((channel, 3),)), other))[0]


def test_a_town_has_a_sender_of_its_own_and_bounces_return_to_the_installation():
    site = replace(
        SITE, sender="rathaus@wald.example", sender_name="Rathaus\r\nBcc: x@evil.example", reply_to="amt@wald.example",
        returns_to="ruf@kreis.example", dkim_domain="wald.example",
    )  # fmt: skip
    payload = render(MESSAGES["new"], recipient("de"), site)
    mail = message_from_bytes(payload.body, policy=default)
    (sender,) = mail["From"].addresses
    assert (sender.addr_spec, mail["Reply-To"], mail["Bcc"]) == ("rathaus@wald.example", "amt@wald.example", None)
    assert "<mailto:ruf@kreis.example?subject=unsubscribe>" in mail["List-Unsubscribe"]
    assert payload.headers["Return-Path"] == "ruf@kreis.example"
    assert payload.headers["DKIM-Domain"] == "wald.example"
    plain = render(MESSAGES["new"], recipient("de"), SITE)
    assert (plain.headers["Return-Path"], "DKIM-Domain" in plain.headers) == (SITE.sender, False)
