"""The chain of a thousand events: whatever is changed in whichever of them is found, in the database's order or a file."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.audit import BEGINNING, Event, Sealed, from_line, seal, to_line, verify

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
COUNT = 1000


def chain(count: int) -> list[Sealed]:
    found, previous = [], BEGINNING
    for number in range(1, count + 1):
        town = "abc"[number % 3]
        at = NOW + timedelta(seconds=number, microseconds=number)
        event = Event(at, f"account:{number % 7}", "invited", town, f"invitation:{number}", {"role": "editor"})
        found.append(Sealed(number, event, previous, seal(event, previous)))
        previous = found[-1].hash
    return found


WHOLE = chain(COUNT)
LINES = [to_line(one) for one in WHOLE]


def changed(line: str, field: str) -> str:
    """Change one field of a line as somebody with an editor would."""
    plain = json.loads(line)
    other = {"number": plain["number"] + 1, "at": NOW.isoformat(), "detail": {"role": "author"}}
    return json.dumps(plain | {field: other.get(field, "0" * 64 if field in {"previous", "hash"} else "other")})


def read(lines: list[str], *, extract: bool = False) -> int:
    """Return the line at which the verifier stops; 0 if it finds nothing."""
    found = verify((from_line(one) for one in lines), extract=extract)
    return found.count + 1 if found.broken else 0


FIELDS = ("at", "actor", "act", "municipality", "subject", "detail", "hash")


def test_each_of_a_thousand_rows_is_found_when_it_is_changed() -> None:
    """A-07: every row in turn, a field in turn, with the rest of the log behind it; also where nothing stands before."""
    assert read(LINES) == read(LINES, extract=True) == 0
    for place, one in enumerate(WHOLE):
        field = FIELDS[place % len(FIELDS)]
        wrong = from_line(changed(LINES[place], field))
        assert verify([*WHOLE[max(0, place - 3) : place], wrong], extract=True).broken == one.number, (place, field)
        lines = verify([*WHOLE[:place], wrong, *WHOLE[place + 1 : place + 3]])
        assert (lines.broken, lines.count) == (one.number, place), (place, field)


@given(st.integers(0, COUNT - 1), st.sampled_from(FIELDS))
def test_any_field_of_any_row_is_found_in_the_whole_log(place: int, field: str) -> None:
    lines = [*LINES[:place], changed(LINES[place], field), *LINES[place + 1 :]]
    assert read(lines) == place + 1


@given(st.integers(0, COUNT - 2))
def test_a_row_that_is_missing_from_the_whole_log_is_found(place: int) -> None:
    assert read([*LINES[:place], *LINES[place + 1 :]]) == place + 1


@given(st.integers(0, COUNT - 2))
def test_rows_that_changed_places_are_found(place: int) -> None:
    lines = [*LINES[:place], LINES[place + 1], LINES[place], *LINES[place + 2 :]]
    assert read(lines) == place + 1


def test_an_extract_counts_where_others_stood_between() -> None:
    own = [one for one in WHOLE if one.event.municipality == "b"]
    found = verify(own, own[10].hash, extract=True)
    assert (found.count, found.broken, found.passed, found.gaps) == (len(own), 0, True, len(own) - 1)
    assert verify(own).broken == own[1].number
    assert not verify(own, "f" * 64, extract=True).passed


def test_a_line_says_what_the_event_was() -> None:
    assert [from_line(one) for one in LINES[:50]] == WHOLE[:50]


@pytest.mark.parametrize("line", ["", "[]", "{}", "null", "what?", '{"number": 1}', LINES[0].replace("2026", "wann")])
def test_what_is_no_line_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="no line"):
        from_line(line)
