"""What a notification says and how long it lives."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.message import Change, Reason
from hub.core.notice import Geometry, NoticeText, Occurrence, PlaceRef, Severity
from push import load
from push.webpush import crypto
from push.webpush.render import LONGEST, render
from tests.push.samples import (
    BASE,
    FEW,
    IN_MANY,
    MANY_LANGUAGES,
    MESSAGES,
    NOW,
    ROAD,
    SITE,
    STORM,
    WASTE,
    agrees_with_golden,
    entry,
    message,
    recipient,
)

ONLY_BY_MAIL = {Change.RESCUE, Change.MONTHLY, Change.LINK, Change.ADDRESS}


def parsed(told, language="de", site=SITE):
    return json.loads(render(told, recipient(language), site).body)


def notification(told, language="de", site=SITE):
    return parsed(told, language, site)["notification"]


def webkit_accepts(content):
    """The rules of WebKit's NotificationJSONParser: one broken field rejects the whole message."""
    inner = content["notification"]
    absolute = all(
        urlsplit(inner[name]).scheme == "https" and urlsplit(inner[name]).netloc for name in ("navigate", "icon")
    )
    typed = all(isinstance(inner.get(name, ""), str) for name in ("lang", "dir", "body", "tag"))
    flags = all(isinstance(inner.get(name, False), bool) for name in ("silent", "mutable"))
    badge = isinstance(inner.get("app_badge", 0), int)
    directed = inner["dir"] in {"ltr", "rtl", "auto"}
    return (
        content["web_push"] == 8030
        and bool(inner["title"].strip())
        and absolute
        and typed
        and flags
        and badge
        and directed
    )


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", sorted(name for name, told in MESSAGES.items() if told.change not in ONLY_BY_MAIL))
def test_golden(name, language):
    payload = render(MESSAGES[name], recipient(language), SITE)
    shown = {"headers": dict(payload.headers), "payload": json.loads(payload.body)}
    text = json.dumps(shown, ensure_ascii=False, indent=1) + "\n"
    agrees_with_golden(f"webpush/{name}.{language}.json", text.encode())


SPOT = Geometry(points=((13.66, 50.99),))


def test_where_there_is_a_place_two_buttons_lead_to_the_notice_and_its_map():
    there = notification(message(Change.NEW, entry(replace(ROAD, geometry=SPOT), Change.NEW)))
    assert there["actions"] == [
        {"action": "open", "title": "Öffnen", "navigate": there["navigate"]},
        {"action": "map", "title": "Auf der Karte", "navigate": f"{there['navigate']}#spot"},
    ]
    english = notification(message(Change.NEW, entry(replace(ROAD, geometry=SPOT), Change.NEW)), "en")
    assert [one["title"] for one in english["actions"]] == ["Open", "On the map"]


def test_without_a_place_or_with_many_notices_there_are_no_buttons():
    placed = entry(replace(ROAD, geometry=SPOT), Change.NEW)
    assert "actions" not in notification(message(Change.NEW, entry(ROAD, Change.NEW)))
    assert "actions" not in notification(message(Change.DIGEST, placed))
    assert "actions" not in notification(message(Change.NEW, placed, placed))
    foreign = replace(placed, url="https://elsewhere.example/n/1")
    assert "actions" not in notification(message(Change.NEW, foreign)), "every button leads to our own pages"


def test_the_limit_is_that_of_the_encryption():
    assert LONGEST == crypto.LONGEST


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("new", "Possendorf – B 170 gesperrt"),
        ("revised", "Geändert: Possendorf – B 170 gesperrt"),
        ("withdrawn", "Wieder frei: Possendorf – B 170"),
        ("elsewhere", "Betrifft Sie nicht mehr: Possendorf – B 170 gespe…"),
        ("reminder", "Morgen: Restmüll"),
        ("deadline", "Frist in 3 Tagen: Erneuerung der Heizung im Ratha…"),
        ("correction", "Verschoben: Restmüll statt Do 24.12. am Mi 23.12."),
        ("dropped", "Fällt aus: Restmüll am Do 24.12."),
        ("digest", "Bannewitz: 3 neue Meldungen"),
    ],
)
def test_titles(name, title):
    assert notification(MESSAGES[name])["title"] == title


@pytest.mark.parametrize(
    ("start", "title"),
    [
        (NOW, "Jetzt: Sitzung"),
        (NOW + timedelta(minutes=45), "In 45 Minuten: Sitzung"),
        (NOW + timedelta(minutes=59, seconds=40), "In 1 Stunde: Sitzung"),
        (NOW + timedelta(hours=3), "Heute, 21:00 Uhr: Sitzung"),
        (NOW + timedelta(hours=25), "Morgen, 19:00 Uhr: Sitzung"),
        (NOW + timedelta(days=3), "In 3 Tagen: Sitzung"),
        (date(2026, 12, 23), "Heute: Sitzung"),
    ],
)
def test_reminders_say_how_far_away(start, title):
    told = message(Change.REMINDER, entry(WASTE, Change.REMINDER, occurrence=Occurrence("x", start, summary="Sitzung")))
    assert notification(told)["title"] == title


def test_a_long_name_is_cut_and_the_dates_stay():
    notice = replace(WASTE, texts=(NoticeText("de", "Gelber Sack und Sperrmüll mit Anmeldung"),))
    moved = entry(
        notice,
        Change.CORRECTION,
        before=Occurrence("1", date(2026, 12, 24)),
        occurrence=Occurrence("1", date(2026, 12, 23)),
    )
    found = notification(message(Change.CORRECTION, moved))
    assert found["title"].endswith("… statt Do 24.12. am Mi 23.12.")
    assert "Gelber Sack und Sperrmüll mit Anmeldung" in found["body"]


def test_a_date_that_ends_otherwise_has_not_moved():
    began, ends = datetime(2026, 12, 24, 8, tzinfo=UTC), datetime(2026, 12, 24, 12, tzinfo=UTC)
    before, after = Occurrence("1", began, ends), Occurrence("1", began, ends + timedelta(hours=1))
    changed = entry(replace(WASTE, series=False), Change.REVISED, 2, before=before, occurrence=after)
    assert notification(message(Change.REVISED, changed))["title"] == "Geändert: Bannewitz – Restmüll"
    one = entry(WASTE, Change.CORRECTION, 2, before=before, occurrence=after)
    assert notification(message(Change.CORRECTION, one))["title"] == "Geändert: Restmüll am Do 24.12., 09:00 Uhr"


def test_a_severe_warning_says_its_level_and_what_to_do_first():
    rows = notification(MESSAGES["new-storm"])["body"].split("\n")
    assert rows[0].startswith("Extreme Gefahr")
    assert rows.index("Bleiben Sie im Haus.") < rows.index("Böen bis 130 km/h.")
    assert rows[-1] == "Wetter · Bannewitz · DWD"


def test_every_payload_passes_webkits_rules():
    for language in ("de", "en", "ar"):
        for told in MESSAGES.values():
            assert webkit_accepts(parsed(told, language))


def test_a_foreign_or_relative_link_leads_to_our_own_page():
    for url in ("https://evil.example/x", "/n/1", "javascript:alert(1)", "https://meldungen.example.evil.example/", ""):
        told = message(Change.NEW, replace(entry(ROAD, Change.NEW), url=url))
        assert notification(told)["navigate"] == f"{BASE}/bannewitz/"


def test_direction_follows_the_notice():
    arabic = replace(ROAD, texts=(NoticeText("ar", "طريق مغلق", "نص"),))
    found = notification(message(Change.NEW, entry(arabic, Change.NEW)), "ar")
    assert (found["lang"], found["dir"]) == ("ar", "rtl")


def test_an_arabic_frame_runs_from_right_to_left_and_a_german_line_in_it_does_not():
    found = notification(MESSAGES["new-storm"], "ar")
    assert (found["lang"], found["dir"]) == ("de", "rtl")
    assert "\u2068Böen bis 130 km/h.\u2069" in found["body"].split("\n")
    assert notification(MESSAGES["new-storm"], "tr")["dir"] == "ltr"


@pytest.mark.parametrize("language", MANY_LANGUAGES)
@pytest.mark.parametrize("name", FEW)
def test_golden_in_the_other_languages(name, language):
    told = (MESSAGES | IN_MANY)[name]
    body = json.dumps(json.loads(render(told, recipient(language), SITE).body), ensure_ascii=False, indent=1)
    agrees_with_golden(f"webpush/{name}.{language}.json", f"{body}\n".encode())


@pytest.mark.parametrize(
    ("name", "urgency"),
    [
        ("new", "normal"),
        ("new-storm", "high"),
        ("all-clear", "high"),
        ("reminder", "normal"),
        ("digest", "low"),
        ("test", "normal"),
    ],
)
def test_urgency(name, urgency):
    assert render(MESSAGES[name], recipient(), SITE).headers["Urgency"] == urgency


def test_urgency_is_high_for_nothing_less_than_severe():
    for level in Severity:
        told = message(Change.NEW, entry(replace(STORM, severity=level), Change.NEW))
        assert (render(told, recipient(), SITE).headers["Urgency"] == "high") is (level >= Severity.SEVERE)


@given(st.integers(-10, 60 * 24 * 3600))
def test_a_message_lives_as_long_as_it_is_of_use(seconds):
    told = replace(MESSAGES["new"], valid_until=NOW + timedelta(seconds=seconds))
    ttl = int(render(told, recipient(), SITE).headers["TTL"])
    assert ttl == max(1, min(seconds, 28 * 24 * 3600))


@given(st.text(max_size=60))
def test_topic_is_always_one_that_push_services_take(thread):
    payload = render(replace(MESSAGES["new"], thread=thread), recipient(), SITE)
    topic = payload.headers["Topic"]
    assert 1 <= len(topic) <= 32
    assert topic.replace("-", "a").replace("_", "a").isalnum()
    assert json.loads(payload.body)["notification"]["tag"] == topic


anything = st.text(st.characters(codec=None), max_size=3000)


@settings(max_examples=1000, deadline=None)
@given(
    title=anything,
    body=anything,
    place=anything,
    source=anything,
    change=st.sampled_from(Change),
    count=st.integers(1, 60),
)
def test_random_texts_fit(title, body, place, source, change, count):
    notice = replace(
        ROAD, texts=(NoticeText("de", title, body * 3, instruction=body),), publisher=source,
        places=(PlaceRef("district", "x", place),),
    )  # fmt: skip
    one = entry(notice, change, reason=Reason(title, place, (body,)))
    told = message(change, *([one] * (count if change is Change.DIGEST else 1)))
    payload = render(told, recipient(), SITE)
    assert len(payload.body) <= 2500
    found = json.loads(payload.body)
    assert 0 < len(found["notification"]["title"]) <= 50
    assert webkit_accepts(found)


def test_a_long_text_ends_in_an_ellipsis_before_its_source():
    long = replace(ROAD, texts=(NoticeText("de", "Titel", "Grüße " * 2000),))
    payload = render(message(Change.NEW, entry(long, Change.NEW)), recipient(), SITE)
    assert 2450 < len(payload.body) <= 2500
    rows = json.loads(payload.body)["notification"]["body"].split("\n")
    assert rows[-2].endswith("…")
    assert rows[-1] == "Straßen und Sperrungen · Possendorf · Straßenbauamt"


def test_a_sign_of_several_characters_is_never_cut_in_two():
    family = "👩\u200d👩\u200d👧"
    for lead in range(8):
        notice = replace(ROAD, texts=(NoticeText("de", "a" * lead + family * 20),), places=())
        title = notification(message(Change.NEW, entry(notice, Change.NEW, reason=Reason("roads"))))["title"]
        assert title[lead:].removesuffix("…").replace(family, "") == ""


def test_a_digest_says_how_many_are_not_listed():
    told = message(Change.DIGEST, *[entry(ROAD, Change.NEW)] * 200)
    found = parsed(told)
    rows = found["notification"]["body"].split("\n")
    assert rows[-1] == f"… und {200 - (len(rows) - 1)} weitere"
    assert found["app_badge"] == found["notification"]["app_badge"] == 200


def test_times_are_those_of_the_municipality():
    start = datetime(2026, 12, 24, 19, tzinfo=ZoneInfo("Europe/Berlin"))
    told = message(Change.NEW, entry(replace(ROAD, occurrences=(Occurrence("1", start),)), Change.NEW))
    assert "Do 24.12., 19:00 Uhr" in notification(told)["body"]
    assert "Do 24.12., 20:00 Uhr" in notification(told, site=replace(SITE, zone="Europe/Helsinki"))["body"]


def test_the_doors_of_the_channel():
    kind = load("webpush")
    assert (kind.CHANNEL, kind.PULL, kind.CHUNK) == ("webpush", False, 50)
    assert kind.render is render


def test_after_its_end_a_warning_gives_no_advice():
    body = notification(MESSAGES["all-clear"])["body"]
    assert "Diese Meldung gilt nicht mehr." in body
    assert "Bleiben Sie im Haus" not in body
