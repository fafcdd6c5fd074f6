"""CPV and NUTS labels and the CPV tree."""

from __future__ import annotations

import pytest

from hub.reference import cpv_children, cpv_code, cpv_label, nuts_label, tables


@pytest.mark.parametrize("code", ["45233120", "45233120-6", " 45233120 ", "45233120.0"])
def test_cpv_as_sources_write_it(code: str) -> None:
    """The check digit and a number's tail are tolerated."""
    assert cpv_label(code) == "Straßenbauarbeiten"


@pytest.mark.parametrize("code", ["", "4523", "45233120-66", "abcdefgh", "99999999", "٤٥٢٣٣١٢٠"])
def test_unknown_cpv(code: str) -> None:
    """What is no code has no label."""
    assert cpv_label(code) == ""
    assert cpv_code(code) in ("", "99999999")


def test_cpv_tree_reaches_every_code_once() -> None:
    """Walking down from the 45 divisions visits each of the 9,454 codes exactly once."""
    waiting = cpv_children()
    assert len(waiting) == 45
    seen: list[str] = []
    while waiting:
        seen.append(waiting.pop())
        waiting += cpv_children(seen[-1])
    assert sorted(seen) == list(tables.cpv())


def test_children_of_a_code() -> None:
    """One level down; a leaf and nonsense have none."""
    assert cpv_children("45230000")[:2] == ["45231000", "45232000"]
    assert cpv_children("45233120") == ["45233121", "45233122", "45233123", "45233124", "45233125", "45233126",
                                        "45233127", "45233128", "45233129"]  # fmt: skip
    assert cpv_children("nonsense") == []


def test_nuts_labels() -> None:
    """German regions have German names, others none."""
    assert (nuts_label("dea29"), nuts_label("DE3"), nuts_label("FR1")) == (
        "Heinsberg",
        "Berlin",
        "",
    )
