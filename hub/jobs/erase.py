"""Erase: delete everything known of a person at once, and their ids from what was delivered right after."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping

from hub.core.fanout import Lane
from hub.failpoints import reached
from hub.jobs.house import House
from hub.jobs.record import record
from hub.store import erasing


def erase(house: House, person: RowMapping) -> None:
    """Delete everything known of a person, now."""
    with house.store.begin() as session:
        for town in erasing.erase(session, [person["id"]], house.now()):
            house.engine.defer(session, "erase", town, lane=Lane.DIGEST)
        reached("erase.erased")
    house.erased(person["id"], person["created_at"])


def erase_on_request(house: House, actor: str, municipality: str, people: Sequence[RowMapping], how: str) -> None:
    """Delete everything known of people who asked an operator for it (GDPR Art. 17); the log learns no address.

    ``how``: by which way they asked.
    """
    with house.store.begin() as session:
        for town in erasing.erase(session, [one["id"] for one in people], house.now()):
            house.engine.defer(session, "erase", town, lane=Lane.DIGEST)
        for one in people:
            record(
                house, session, actor, "resident.erase", municipality=municipality, subject=f"resident:{one['id']}",
                how=how,
            )  # fmt: skip
        reached("erase.erased")
    for one in people:
        house.erased(one["id"], one["created_at"])


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
