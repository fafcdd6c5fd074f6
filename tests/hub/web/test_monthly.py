"""The monthly mail on one's own page: chosen there, ended there or by one click, and only offered to a mailbox."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.store import subscribers


def resident(pages):
    """Sign somebody up with a confirmed mailbox; returns token and person."""
    token = pages.sign_up(news="1", news__mail="now", email="a@example.org")
    person = pages.town.house.links.parts("manage", token)[0]
    with pages.town.store.begin() as session:
        (way,) = subscribers.endpoints_of(session, person)
        subscribers.confirm(session, way["id"], pages.town.clock())
    pages.town.engine.run_all()
    pages.town.mail.forget()
    return token, person, way["id"]


def row(pages, person):
    with pages.town.store.read() as session:
        return subscribers.get(session, person)


HABITS = {"digest_at": "07:00", "language": "de"}


def test_it_is_off_until_it_is_chosen_and_then_comes_in_a_month(pages):
    token, person, _ = resident(pages)
    page, habits = f"/m/{token}/settings?lang=de", f"/m/{token}/habits"
    assert "Schreiben Sie mir einmal im Monat" in pages.get(page).text
    assert row(pages, person)["monthly_day"] is None
    pages.send(page, habits, **HABITS, monthly_shown="1", monthly="1")
    assert "Das nächste Mal: Mittwoch, 23. Dezember 2026." in pages.get(page).text
    due = row(pages, person)["next_monthly_at"]
    pages.send(page, habits, **{**HABITS, "digest_at": "18:00"}, monthly_shown="1", monthly="1")
    assert row(pages, person)["next_monthly_at"] == due + timedelta(hours=11)
    pages.send(page, habits, **HABITS)  # a form without the box leaves it alone
    assert row(pages, person)["next_monthly_at"] == due
    pages.send(page, habits, **HABITS, monthly_shown="1")
    assert (row(pages, person)["monthly_day"], row(pages, person)["next_monthly_at"]) == (None, None)


def test_it_is_not_offered_to_who_has_no_mailbox(pages):
    token = pages.sign_up()
    assert "einmal im Monat" not in pages.get(f"/m/{token}/settings?lang=de").text


@pytest.mark.parametrize("again", [False, True])
def test_one_click_ends_it_alone(pages, again):
    token, person, way = resident(pages)
    pages.send(f"/m/{token}/settings", f"/m/{token}/habits", **HABITS, monthly_shown="1", monthly="1")
    link = pages.town.house.links.end_monthly(way, 1)
    assert "Keine Monatsmail mehr?" in pages.get(f"{link}?lang=de").text
    assert row(pages, person)["monthly_day"] == 23, "opening the link ends nothing"
    answer = pages.post(link, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    if again:
        assert pages.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert "Das ist schon beendet" in pages.get(f"{link}?lang=de").text
    assert row(pages, person)["monthly_day"] is None
    assert "wieder" in pages.post(f"{link}/undo", {}).text
    assert row(pages, person)["monthly_day"] == 23
    with pages.town.store.read() as session:
        assert [one["state"] for one in subscribers.endpoints_of(session, person)] == ["active"]
