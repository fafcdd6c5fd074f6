"""What a clerk sees before a provider's source goes live: no database, the parser in its child process."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fakes.waste import SERVERS, Town

from hub.core.errors import SourceConfigError
from hub.preview import preview

NOW = datetime(2026, 6, 10, tzinfo=UTC)


@pytest.mark.parametrize("family", sorted(SERVERS))
def test_a_street_is_previewed(family):
    make, url = SERVERS[family]
    result = preview(
        "waste", url, {"town": "Musterdorf", "street": "Lange Straße", "house": "12"}, http=make(Town()), now=NOW
    )
    assert result["refused"] is None
    assert sorted(one["title"] for one in result["items"]) == ["Altpapier", "Biotonne", "Gelber Sack", "Restmüll"]
    assert {one["places"][0]["value"] for one in result["items"]} == {"Lange Straße/1-57"}


def test_a_town_says_how_far_it_was_read():
    make, url = SERVERS["awido"]
    town = Town(streets={f"Straße {at}": {"": "A"} for at in range(60)})
    result = preview("waste", url, {"town": "Musterdorf"}, http=make(town), now=NOW)
    assert len(result["items"]) == 4
    assert any("follow with next polls" in one for one in result["notes"])


def test_a_name_that_is_not_there_is_a_question_to_the_clerk():
    with pytest.raises(SourceConfigError, match="Landkreis Rosenheim"):
        preview("waste", "provider:Rosenheim", {}, http=SERVERS["awido"][0](Town()), now=NOW)


def test_a_provider_that_refuses_is_quoted():
    make, url = SERVERS["abfallio"]
    server = make(Town())
    server.refuses(401)
    result = preview("waste", url, {"town": "Musterdorf"}, http=server, now=NOW)
    assert "abfallio-graphql" in result["refused"]
