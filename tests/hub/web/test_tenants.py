"""What is one municipality's own turns up in no other's pages, mails, pushes, feeds or exports (T-01).

Every route that can be read is asked for, with the ids of both municipalities in every argument, by a resident, by
everybody with a role there and by nobody in particular; so a route that is new is tried without a line here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from fakes.canaries import Filled, filled
from fakes.house import PLACE, Town
from fakes.people import session_of
from flask import Flask
from werkzeug.routing import Rule

from hub.core.clubs import Bounds
from hub.core.permission import Grant, Role
from hub.store import grants, subscribers, towns
from tests.hub.web.conftest import ORIGIN

OWN, OTHER = ("huertgenwald", PLACE), ("nachbar", "053580020020")
MINE, THEIRS = "Zaunkoenig", "Wiedehopf"
_OPEN_TO_ALL_TOWNS = {"federation.installation"}  # names every municipality, and nothing of it


@pytest.fixture
def both(village: Town) -> tuple[Filled, Filled]:
    values = {"id": OTHER[0], "name": "Nachbar", "path": OTHER[1], "language": "de", "zone": "Europe/Berlin",
              "colour": "#1d4f91"}  # fmt: skip
    with village.store.begin() as session:
        towns.add(session, values, village.clock())
    return filled(village, *OWN, MINE), filled(village, *OTHER, THEIRS)


def tokens(village: Town, one: Filled) -> list[str]:
    """Return every secret link's token that the municipality's resident holds."""
    links = village.house.links
    with village.store.read() as session:
        row = subscribers.get(session, one.person)
    made = [links.manage(one.person, row["generation"])]
    made += [links.unsubscribe(endpoint, row["generation"]) for endpoint in one.endpoints]
    made += [links.calendar(endpoint, row["generation"]) for endpoint in one.endpoints]
    return [link.partition("?")[0].rstrip("/").rpartition("/")[2].removesuffix(".ics") for link in made]


def paths(app: Flask, rule: Rule, one: Filled, other: Filled, secrets: list[str]) -> Iterator[str]:
    """Yield the addresses of a route in the municipality ``one``, ids of both in each argument."""
    known = {name: [*one.arguments[name], *other.arguments[name][:2]] for name in one.arguments}
    choices = {
        "slug": [one.slug], "token": secrets, "kind": ["atom", "json", "csv", "rss"], "revision": ["1"],
        "zone": ["alle"], "colour": ["1d4f91"], "name": ["x"], "filename": ["site.css"], "code": ["ABCD"],
        "mark": ["x"], **known,
    }  # fmt: skip
    names = sorted(rule.arguments)
    for values in itertools.product(*(choices.get(name, ["1"]) for name in names)):
        given = dict(zip(names, values, strict=True))
        try:
            yield app.url_map.bind("ortsruf.example").build(rule.endpoint, given, method=None)
        except Exception:  # noqa: BLE001 - a value that this route's argument does not take
            continue


def visitors(village: Town, one: Filled) -> dict[str, str]:
    """Return the sign-ins of everybody with a role there, and of nobody."""
    found = {"": ""}
    for role, account_id in one.accounts.items():
        found[role] = session_of(village, account_id)
    with village.store.begin() as session:
        grants.add(
            session, one.accounts[Role.AUTHOR], Grant(Role.CLUB, one.slug, Bounds("events")), village.clock()
        )  # fmt: skip
    return found


@pytest.mark.parametrize("turned", [False, True], ids=["own", "other"])
def test_no_page_feed_or_export_holds_anything_of_another_municipality(pages, village, both, turned: bool) -> None:
    one, other = both[::-1] if turned else both
    app, secrets = pages.client.application, tokens(village, one)
    read, told = 0, set()
    for visitor, token in visitors(village, one).items():
        client = app.test_client()
        if token:
            client.set_cookie("__Host-ortsruf-session", token, domain="ortsruf.example", secure=True)
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint in _OPEN_TO_ALL_TOWNS:
                continue
            for path in paths(app, rule, one, other, secrets):
                answer = client.get(path, base_url=ORIGIN, buffered=True)
                text = answer.get_data().decode("utf-8", "replace")
                assert other.word.lower() not in text.lower(), f"{visitor} {path}"
                assert answer.status_code < 500, f"{visitor} {path}"
                read += 1
                if one.word.lower() in text.lower():
                    told.add(rule.endpoint)
    assert read > 1_000
    # And the word is really there, or nothing would have been proved.
    assert {
        "public.town_page", "public.notice", "listing.feed", "mine.home", "export.download", "keeping.desk",
        "office.persons", "record.page", "releasing.page", "previewing.page", "reports.listed", "dates.private",
    } <= told  # fmt: skip


def test_no_mail_or_push_holds_anything_of_another_municipality(village: Town, both) -> None:
    one, other = both
    for channel in (village.push, village.mail):
        words: dict[str, set[str]] = {one.word: set(), other.word: set()}
        for recipient, message in channel.sent:
            whose = next((word for word in words if word.lower() in recipient.address.lower()), "")
            said = {word for word in words if word.lower() in repr(message).lower()}
            assert whose, recipient.address
            words[whose] |= said
        assert words == {one.word: {one.word}, other.word: {other.word}}
