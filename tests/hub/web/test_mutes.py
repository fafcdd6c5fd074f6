"""Muting on one's own page: shown by GET, done by POST, taken back again; and the days of the digest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fakes.house import PLACE, news

from hub.store import mutes, subscribers


def stored(pages, token):
    person = pages.town.house.links.parts("manage", token)[0]
    with pages.town.store.read() as session:
        return person, mutes.of(session, [person]).get(person, []), subscribers.get(session, person)


def test_a_topic_is_muted_listed_and_taken_back(pages):
    token = pages.sign_up()
    page = f"/m/{token}/settings?lang=de"
    assert "Sie haben nichts stummgeschaltet." in pages.get(page).text
    assert pages.send(page, f"/m/{token}/mutes", what="topic:news", days="7").status_code == 303
    ((mute,),) = (stored(pages, token)[1],)
    assert (mute.sort, mute.value, mute.until) == ("topic", "news", pages.town.clock() + timedelta(days=7))
    shown = pages.get(page).text
    assert "Zurücknehmen" in shown
    assert "bis Montag, 30. November 2026" in shown
    assert pages.send(page, f"/m/{token}/mutes/end", what="topic:news").status_code == 303
    assert stored(pages, token)[1] == []
    assert pages.send(page, f"/m/{token}/mutes/end", what="topic:news").status_code == 404


def test_the_link_of_a_message_offers_to_mute_it_and_get_changes_nothing(pages):
    token = pages.sign_up()
    person = stored(pages, token)[0]
    with pages.town.store.begin() as session:
        subscribers.add_endpoint(
            session, "huertgenwald", person, channel="webpush", address="https://push.example/1",
            service="s", keys={}, active=True, now=pages.town.clock(),
        )  # fmt: skip
    pages.town.source()
    pages.town.poll("s1", news("n1", "Baustelle <Markt>"))
    manage = pages.town.push.sent[-1][0].manage_url
    assert manage == f"https://ortsruf.example/m/{token}?notice={news('n1').id}"
    shown = pages.get(f"{manage}&lang=en").text
    assert "Hear no more of this?" in shown
    assert "Baustelle &lt;Markt&gt;" in shown
    assert stored(pages, token)[1] == []
    pages.send(manage, f"/m/{token}/mutes", what=f"notice:{news('n1').id}", days="")
    assert [(one.value, one.until) for one in stored(pages, token)[1]] == [(news("n1").id, None)]
    assert "Hear no more of this?" not in pages.get(f"{manage}&lang=en").text
    pages.town.poll("s1", news("n1", "Baustelle verlegt"))
    assert len(pages.town.push.sent) == 1


@pytest.mark.parametrize(
    ("what", "days"),
    [
        ("topic:nonsense", "1"),
        ("place:99", "1"),
        ("notice:unknown", ""),
        ("person:1", "1"),
        ("topic:news", "99"),
        ("", ""),
    ],
)
def test_what_nobody_offered_is_refused(pages, what, days):
    token = pages.sign_up()
    assert pages.send(f"/m/{token}/settings", f"/m/{token}/mutes", what=what, days=days).status_code == 400
    assert stored(pages, token)[1] == []
    assert pages.send(f"/m/{token}/settings", f"/m/{token}/mutes", what=f"place:{PLACE}", days="1").status_code == 303


def test_the_days_of_the_digest(pages):
    token = pages.sign_up()
    page, habits = f"/m/{token}/settings", {"quiet_from": "", "quiet_to": "", "digest_at": "07:00", "language": "de"}
    assert pages.get(page).text.count('name="digest_day_') == 7
    chosen = {**habits, "digest_days": "1", "digest_day_3": "1", "digest_day_6": "1"}
    assert pages.send(page, f"/m/{token}/habits", **chosen).status_code == 303
    row = stored(pages, token)[2]
    assert (row["digest_days"], row["next_digest_at"].isoformat()) == ("36", "2026-11-25T06:00:00+00:00")
    answer = pages.send(page, f"/m/{token}/habits", **habits, digest_days="1")
    assert (answer.status_code, "mindestens einen Tag" in answer.text) == (400, True)
    assert pages.send(page, f"/m/{token}/habits", **habits).status_code == 303
    assert stored(pages, token)[2]["digest_days"] == "36"
