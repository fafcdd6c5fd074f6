"""One address in several municipalities: a lost link from each of them, and an end that a newer sign-up outlives."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.house import PLACE, Town, make_town
from fakes.stores import hastened
from fakes.towns import OTHER, OTHER_PLACE, Gatherer, add_town, everywhere, resident

from hub.core.subscription import Action, Criteria
from hub.jobs.subscribe import SignUp, Wish, sign_up
from hub.store import subscribers
from tests.hub.web.test_addresses import mailed
from tests.hub.web.test_farewell import link, seal, state

MAIL = ("mail", Action.NOW, "")
HOME, THIRD, THIRD_PLACE = "huertgenwald", "nideggen", "053580036036"


@pytest.fixture
def village(empty: Path, tmp_path: Path) -> Iterator[Town]:
    store = hastened(f"sqlite:///{shutil.copy(empty, tmp_path / 'county.sqlite')}")
    town = make_town(store, gatherer=Gatherer())
    add_town(town)
    add_town(town, THIRD, "Nideggen", THIRD_PLACE)
    yield town
    store.close()


def address_of(pages, way: int) -> str:
    with pages.town.store.read() as session:
        return subscribers.endpoint_row(session, way)["address"]


def anew(pages, address: str, home: str, *places: tuple[str, str], confirmed: bool = True) -> int:
    """Sign up with an address that is known; returns the new endpoint."""
    wishes = tuple(Wish(Criteria(("council",), (path,)), (MAIL,), town) for town, path in places)
    person = sign_up(pages.town.house, home, SignUp(wishes, {"mail": (address, {}, "service")}))
    with pages.town.store.begin() as session:
        (row,) = subscribers.endpoints_of(session, person)
        if confirmed:
            subscribers.confirm(session, row["id"], pages.town.clock())
    return row["id"]


def lost(pages, slug: str, address: str) -> None:
    assert pages.send(f"/{slug}/link", f"/{slug}/link", email=address).location == f"/{slug}/link/sent"
    pages.town.engine.run_all()


@pytest.mark.parametrize("slug", [HOME, OTHER])
def test_a_lost_link_comes_from_each_town_in_which_somebody_has_a_place(pages, slug: str) -> None:
    person, ways = resident(pages.town, everywhere(MAIL), "mail")
    lost(pages, slug, address_of(pages, ways["mail"]))
    ((recipient, message),) = pages.town.mail.sent
    assert message.change == "link"
    assert recipient.manage_url.endswith(pages.town.house.links.token("manage", person, 1))


def test_asking_in_the_wrong_town_first_takes_nothing_away(pages) -> None:
    _person, ways = resident(pages.town, everywhere(MAIL), "mail")
    address = address_of(pages, ways["mail"])
    for slug in (THIRD, OTHER):
        lost(pages, slug, address)
    assert mailed(pages) == [(address, "link")]
    lost(pages, HOME, address)
    assert mailed(pages) == [], "the same page, an hour has not gone by"


def test_two_pages_at_one_address_are_both_found(pages) -> None:
    """Of who signed up in two towns apart."""
    ways = [anew(pages, "a@example.org", *town) for town in ((HOME, (HOME, PLACE)), (OTHER, (OTHER, OTHER_PLACE)))]
    for slug in (HOME, OTHER):
        lost(pages, slug, "a@example.org")
    assert [int(recipient.endpoint) for recipient, _ in pages.town.mail.sent] == ways


def test_an_active_page_goes_before_one_that_somebody_only_typed(pages) -> None:
    _person, ways = resident(pages.town, everywhere(MAIL), "mail")
    address = address_of(pages, ways["mail"])
    anew(pages, address, OTHER, (OTHER, OTHER_PLACE), confirmed=False)
    lost(pages, OTHER, address.title())
    assert [(int(one.endpoint), message.change.value) for one, message in pages.town.mail.sent] == [
        (ways["mail"], "link")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("home", "places"),
    [
        (OTHER, ((OTHER, OTHER_PLACE),)),  # at home where the other was a guest
        (THIRD, ((THIRD, THIRD_PLACE), (HOME, PLACE))),  # a guest where the other was at home
        (THIRD, ((THIRD, THIRD_PLACE), (OTHER, OTHER_PLACE))),  # both guests
    ],
)
def test_an_end_is_not_taken_back_where_the_address_is_a_newer_sign_ups(pages, home: str, places) -> None:
    _person, ways = resident(pages.town, everywhere(MAIL), "mail")
    address = address_of(pages, ways["mail"])
    sealed = seal(pages.post(link(pages, ways["mail"])).text)
    newer = anew(pages, address, home, *places)
    answer = pages.post(f"{link(pages, ways['mail'])}/undo", {"seal": sealed})
    assert answer.status_code == 410
    assert (state(pages, ways["mail"]), state(pages, newer)) == ("ended", "active")


def test_an_end_is_taken_back_where_the_address_is_known_elsewhere_only(pages) -> None:
    _person, ways = resident(pages.town, everywhere(MAIL), "mail")
    address = address_of(pages, ways["mail"])
    sealed = seal(pages.post(link(pages, ways["mail"])).text)
    newer = anew(pages, address, THIRD, (THIRD, THIRD_PLACE))
    assert pages.post(f"{link(pages, ways['mail'])}/undo", {"seal": sealed}).status_code == 200
    assert (state(pages, ways["mail"]), state(pages, newer)) == ("active", "active")
