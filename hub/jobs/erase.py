"""Erase: delete everything known of a person at once, and their ids from what was delivered right after."""

from __future__ import annotations

from sqlalchemy import RowMapping

from hub.core.fanout import Lane
from hub.failpoints import reached
from hub.jobs.house import House
from hub.store import erasing


def erase(house: House, person: RowMapping) -> None:
    """Delete everything known of a person, now."""
    with house.store.begin() as session:
        for town in erasing.erase(session, [person["id"]], house.now()):
            house.engine.defer(session, "erase", town, lane=Lane.DIGEST)
        reached("erase.erased")
    house.erased(person["id"], person["created_at"])


def clean(house: House, municipality: str) -> bool:
    """Take the ids of people who are gone out of deliveries, a page in each transaction; whether it came to the end.

    ``municipality``: only its deliveries; empty: all.
    """
    position: int | None = 0
    while position is not None:
        if house.stopping():
            return False  # the day's round begins anew
        with house.store.begin() as session:
            position = erasing.clean(session, municipality, position)
    return True


def forget(house: House) -> None:
    """Clean what was under way when somebody left, and delete interests that nobody has any more; once a day."""
    with house.store.read() as session:
        until = erasing.settled(session, house.now())
    if clean(house, ""):
        with house.store.begin() as session:
            erasing.cleaned(session, until)
    position: int | None = 0
    while position is not None and not house.stopping():
        with house.store.begin() as session:
            position = erasing.forget_interests(session, position)
