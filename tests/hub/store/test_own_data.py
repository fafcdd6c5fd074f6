"""The export reads the same on both databases."""

from __future__ import annotations

from fakes.house import PLACE, Town, news

from hub.core.subscription import Criteria
from hub.store import own_data, subscribers


def test_whom_a_packed_list_names_is_found_on_both_databases(town: Town) -> None:
    town.source()
    ids = [town.person(Criteria(topics=("news",), places=(PLACE,))) for _ in range(300)]
    town.poll("s1", news("a", "Markt"))
    with town.store.read() as session:
        for one in (ids[0], ids[255], ids[-1]):  # also where an id's bytes stand across two others
            person = subscribers.endpoint_row(session, one)["subscriber_id"]
            told = own_data.own_data(session, person)["messages"]
            assert [(message["title"], message["way_number"]) for message in told] == [("Markt", one)]
        assert own_data.own_data(session, 10_000) == {}
