"""What is kept in a bounded memory."""

from __future__ import annotations

import threading

from hypothesis import given
from hypothesis import strategies as st

from hub.web.shelf import Shelf, Turns


def test_what_nobody_asks_for_goes_first() -> None:
    shelf = Shelf(100)
    for name in "abcd":
        shelf.put(name, name.upper(), 25)
    assert shelf.get("a") == "A"
    shelf.put("e", "E", 30)
    assert [name for name in "abcde" if shelf.get(name)] == ["a", "d", "e"]
    assert shelf.size == 80


def test_what_is_larger_than_the_shelf_is_not_kept() -> None:
    shelf = Shelf(100)
    shelf.put("a", "A", 101)
    assert (shelf.get("a"), shelf.size) == (None, 0)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-30, 60))))
def test_its_size_is_what_lies_on_it(steps) -> None:
    shelf, lying = Shelf(100), {}
    for key, size in steps:
        if size < 0:
            shelf.drop(key)
        elif size < 5:
            shelf.get(key)
        else:
            shelf.put(key, size, size)
        lying = {key: size for key in range(10) if (size := shelf.get(key)) is not None}
        assert shelf.size == sum(lying.values()) <= 100


def test_one_works_while_the_others_wait() -> None:
    turns, shelf, made = Turns(), Shelf(1000), []
    begin = threading.Barrier(8)

    def ask() -> None:
        begin.wait()
        with turns.alone("a"):
            if shelf.get("a") is None:
                made.append(1)
                shelf.put("a", "A", 1)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert made == [1]
    assert turns._turns == {}
