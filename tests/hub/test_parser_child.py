"""What the child makes of a parser's exceptions, seen in this process: one plain sentence, and the other items (P-05)."""

from __future__ import annotations

from pathlib import Path

from hub.parser_child import answer
from hub.parser_wire import ParseLimits, Request
from tests.fakes.kinds import NORMALISE, fetched, plug_kind


def request(root: Path, body: bytes, **modules: str) -> Request:
    return Request("stub", fetched(body), ParseLimits(), [str(plug_kind(root, **modules))])


def test_an_exception_of_a_library_is_one_plain_sentence(tmp_path: Path) -> None:
    broken = "def parse(fetched):\n    return [1 / 0]\n"
    error = answer(request(tmp_path, b"a", parse=broken))["error"]
    assert (error["class"], error["message"]) == (
        "SourceRefused", "The answer could not be read (ZeroDivisionError).",
    )  # fmt: skip


def test_an_item_that_cannot_be_understood_does_not_lose_the_others(tmp_path: Path) -> None:
    fussy = NORMALISE.replace("    return Notice(", "    1 / len(item.key.strip('b'))\n    return Notice(")
    found = answer(request(tmp_path, b"a\nb\nc", normalise=fussy))
    assert [one["key"] for one in found["notices"]] == ["a", "c"]
    assert [key for key, _ in found["refused"]] == ["b"]
