"""The pictures that README shows are there, small, and no others."""

from __future__ import annotations

from tests.browser.screenshots import FOLDER, LARGEST, README, name


def test_the_pictures_are_those_that_the_command_takes() -> None:
    found = {one.name: one.stat().st_size for one in FOLDER.glob("*.webp")}
    assert set(found) == {name(*one) for one in README}
    assert max(found.values()) < LARGEST
    assert all(one.read_bytes()[8:12] == b"WEBP" for one in FOLDER.glob("*.webp"))
