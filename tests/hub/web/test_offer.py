"""A town's form offers what somebody gathers there, and keeps in view what was chosen before."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from hub.store.schema import source

OPTIONAL = ("events", "jobs", "lost")


def shown(page: str) -> list[str]:
    return [name for name in OPTIONAL if f'id="{name}"' in page]


def test_a_town_without_such_sources_has_a_short_form(pages) -> None:
    page = pages.get("/huertgenwald/start").text
    assert shown(page) == []
    assert 'id="news"' in page
    assert "/events.ics" not in page


@pytest.mark.parametrize("topic", ["events", "jobs", "lost", "events.clubs"])
def test_a_topic_is_offered_where_something_gathers_it(pages, topic) -> None:
    pages.town.source(topic=topic)
    page = pages.get("/huertgenwald/start").text
    assert shown(page) == [topic.partition(".")[0]]


def test_german_and_english(pages) -> None:
    for topic in OPTIONAL:
        pages.town.source(topic, topic=topic)
    german, english = (pages.get(f"/huertgenwald/start?lang={code}").text for code in ("de", "en"))
    for one, other in (
        ("Veranstaltungen", "Events"),
        ("Stellenangebote", "Job offers"),
        ("Fundsachen", "Lost and found"),
    ):
        assert one in german
        assert other in english
    assert "Was gefunden wurde und wo man es abholt." in german


def test_what_was_chosen_stays_in_view_when_its_source_is_gone(pages) -> None:
    pages.town.source(topic="jobs")
    token = pages.sign_up(jobs="1", jobs__push="1", jobs__remind="1")
    with pages.town.store.begin() as session:
        session.execute(update(source).values(enabled=False))
    assert shown(pages.get("/huertgenwald/start").text) == []
    page = pages.get(f"/m/{token}/settings").text
    assert shown(page) == ["jobs"]
    assert 'id="jobs-remind" name="jobs.remind" value="1" checked' in page


def test_lost_property_has_no_calendar(pages) -> None:
    pages.town.source(topic="lost")
    page = pages.get("/huertgenwald/start").text
    assert 'id="lost-push"' in page
    assert 'id="lost-calendar"' not in page
