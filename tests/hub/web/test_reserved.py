"""No municipality can take an address of the installation itself."""

from __future__ import annotations

from hub.jobs.found import RESERVED


def test_every_first_part_of_an_address_is_kept_from_municipalities(pages) -> None:
    rules = [rule.rule.split("/")[1] for rule in pages.client.application.url_map.iter_rules()]
    first = {part for part in rules if part and "<" not in part and "." not in part}
    assert first - RESERVED == set(), "add it to RESERVED"
    assert RESERVED - first == {"demo"}, "the demo adds its own"
