"""Codes, outlines and circles, as far as they can be believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.cap.outline import MAX_POINTS, Outlines

SQUARE = "50,8 51,8 51,9 50,8"


def ring(text: str, *, german: bool = False) -> tuple[list, list[str]]:
    read = Outlines(german=german)
    return next(iter(read.polygons([text])), []), read.repairs


def test_an_outline_is_closed_and_without_repeats() -> None:
    assert ring("50,8 51,8\n\t51,9 51,9 50, 8 50,8") == ([[8, 50], [8, 51], [9, 51], [8, 50]], [])


@pytest.mark.parametrize(("text", "why"), [
    ("", []), ("50,8", ["broken-outline"]), ("50,8 51,8 50,8", ["broken-outline"]), ("95,181 51,8 51,9 95,181", ["broken-outline"]),
    ("nan,8 51,8 51,9 nan,8", ["broken-outline"]), ("50;8 51;8", ["broken-outline"]), ("1_0,8 51,8 51,9 1_0,8", ["broken-outline"]),
    ("-90,-180 90,-180 90,180 -90,180 -90,-180", ["too-wide"]), ("1e1,8 51,8 51,9 1e1,8", ["broken-outline"]),
])  # fmt: skip
def test_what_is_no_outline_or_spans_the_world_is_left_out_by_name(text, why) -> None:
    assert ring(text) == ([], why)


def test_an_open_outline_is_closed_by_name() -> None:
    assert ring("50,8 51,8 51,9") == ([[8, 50], [8, 51], [9, 51], [8, 50]], ["open-outline"])


def test_positions_the_wrong_way_round_are_turned_if_nothing_else_can_be_meant() -> None:
    manila = "121.0,14.5 121.1,14.5 121.1,14.6 121.0,14.5"
    assert ring(manila) == ([[121.0, 14.5], [121.1, 14.5], [121.1, 14.6], [121.0, 14.5]], ["swapped-coordinates"])
    berlin = "13.3,52.5 13.5,52.5 13.5,52.6 13.3,52.5"
    assert ring(berlin, german=True) == (
        [[13.3, 52.5], [13.5, 52.5], [13.5, 52.6], [13.3, 52.5]],
        ["swapped-coordinates"],
    )
    assert ring(berlin) == ([[52.5, 13.3], [52.5, 13.5], [52.6, 13.5], [52.5, 13.3]], []), (
        "the sea off Somalia is there"
    )


@pytest.mark.parametrize(("text", "circle"), [
    ("50.5,8.25 12.5", [[8.25, 50.5], 12.5]), ("50,8 0", [[8, 50], 0]), ("50,8 -1", []), ("50,8 20000", []), ("50,8", []), ("x,y 3", []),
])  # fmt: skip
def test_circles(text, circle) -> None:
    assert next(iter(Outlines().circles([text])), []) == circle


@given(st.text(alphabet="0123456789.,- \n+en", max_size=80), st.booleans())
def test_any_text_is_an_outline_or_none(text, german) -> None:
    found, _ = ring(text, german=german)
    assert found == [] or (found[0] == found[-1] and all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in found))


def test_a_broken_outline_beside_a_code_does_not_lose_the_warning(make_alert, read) -> None:
    area = "<area><areaDesc>Ort</areaDesc><polygon>kaputt</polygon><geocode><valueName>WARNCELLID</valueName><value>812069270</value></geocode></area>"
    notice = read(make_alert(area=area))[0][0]
    assert (notice.geometry, [(one.scheme, one.value, one.name) for one in notice.places]) == (
        None, [("warncell", "812069270", "Ort")],
    )  # fmt: skip


@pytest.mark.parametrize(("name", "value", "refs"), [
    ("WARNCELLID", "812069270", [("warncell", "812069270")]), ("ARS", "120695902270", [("ars", "120695902270")]),
    ("AGS", "12069270", [("ags", "12069270")]), ("EMMA_ID", "DE356", [("emma", "DE356")]), ("NUTS3", "DE40E", [("nuts", "DE40E")]),
    ("SAME", "006037", []), ("WARNCELLID", "12", []), ("EXCLUDE_POLYGON", SQUARE, []), ("AGS", "12069270 12069018", [("ags", "12069270"), ("ags", "12069018")]),
])  # fmt: skip
def test_known_codes_are_places(name, value, refs, make_alert, read) -> None:
    area = f"<area><areaDesc>x</areaDesc><polygon>{SQUARE}</polygon><geocode><valueName>{name}</valueName><value>{value}</value></geocode></area>"
    notice = read(make_alert(area=area))[0][0]
    assert [(one.scheme, one.value) for one in notice.places] == refs
    assert len(notice.geometry.polygons) == 1


@pytest.mark.parametrize(("points", "fine"), [(MAX_POINTS, True), (MAX_POINTS + 1, False)])
def test_the_number_of_points_is_bounded(points, fine, make_alert, read) -> None:
    inner = " ".join(f"50.{number:06},8" for number in range(points - 2))
    area = f"<area><areaDesc>x</areaDesc><polygon>50,8 {inner} 50,8</polygon></area>"
    notices, faults = read(make_alert(area=area))
    assert (len(notices), len(faults)) == ((1, 0) if fine else (0, 1))
