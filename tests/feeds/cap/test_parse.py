"""Which messages become items: real, public, readable, and only for the areas that were asked for."""

import io
import zipfile
from itertools import product

import pytest

from feeds.cap.alert import SCOPES, STATUSES
from feeds.cap.parse import parse
from hub.core.errors import SourceConfigError, SourceRefused


@pytest.mark.parametrize(("status", "scope"), list(product(STATUSES, SCOPES)))
@pytest.mark.parametrize("message", ["Alert", "Update", "Cancel"])
def test_only_actual_and_public_reaches_anybody(status, scope, message, make_alert, read) -> None:
    body = make_alert(status=status, scope=scope, message=message, references="s,a0,2030-03-17T17:00:00+01:00")
    notices, faults = read(body)
    assert faults == []
    assert len(notices) == ((status, scope) == ("Actual", "Public"))


@pytest.mark.parametrize(("part", "words"), [
    ({"status": "actual"}, "status 'actual'"), ({"status": ""}, "does not say its status"),
    ({"scope": "Everybody"}, "scope 'Everybody'"), ({"scope": ""}, "does not say its scope"),
    ({"message": "Shout"}, "msgType 'Shout'"), ({"identifier": ""}, "no usable identifier"),
    ({"area": ""}, "no area"), ({"area": "<area><areaDesc>Germany</areaDesc></area>"}, "no area"),
    ({"message": "Cancel", "infos": []}, "names neither an earlier alert nor an area"),
])  # fmt: skip
def test_in_doubt_nobody_is_told_and_the_operator_sees_why(part, words, make_alert, read) -> None:
    notices, faults = read(make_alert(**part))
    assert notices == []
    assert len(faults) == 1
    assert words in faults[0]


@pytest.mark.parametrize("message", ["Ack", "Error"])
def test_messages_between_systems_are_left_out(message, make_alert, read) -> None:
    assert read(make_alert(message=message)) == ([], [])


def test_one_broken_alert_in_a_bundle_loses_no_other(make_alert, read) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(20):
            archive.writestr(f"../../etc/{number}.xml", make_alert(f"a{number}") if number != 7 else b"<alert><broken>")
    notices, faults = read(memory.getvalue())
    assert [one.key for one in notices] == [f"a{number}" for number in range(20) if number != 7]
    assert len(faults) == 1


def test_an_empty_bundle_means_no_warnings(read) -> None:
    memory = io.BytesIO()
    zipfile.ZipFile(memory, "w").close()
    assert read(memory.getvalue()) == ([], [])


def test_language_products_of_one_dwd_alert_are_one_item(make_alert, read) -> None:
    name = "2.49.0.0.276.0.DWD.PVW.1900.uuid-1"
    notices, _ = read(make_alert(f"{name}.DEU"), make_alert(f"{name}.MUL"))
    assert [one.key for one in notices] == [name]
    foreign, _ = read(make_alert("2.49.0.1.643.0.00.RU"))
    assert foreign[0].key == "2.49.0.1.643.0.00.RU"


def test_of_two_messages_with_one_identifier_the_later_stands(make_alert, read) -> None:
    early = make_alert(sent="2030-03-17T18:00:00+01:00")
    late = make_alert(sent="2030-03-17T19:00:00+01:00", infos=[("de", "<headline>Neu</headline>")])
    for bodies in ((early, late), (late, early)):
        assert [one.title for one in read(*bodies)[0]] == ["Neu"]


def test_references_are_keys_without_suffix_without_itself_and_without_rubbish(make_alert, read) -> None:
    text = "s,2.49.0.0.276.0.DWD.X.1.MUL,2030-01-01T00:00:00+01:00 s,a1,2030-01-01T00:00:00+01:00 ,, s,b,t s,b,t"
    notices, _ = read(make_alert("a1", message="Update", references=text))
    assert notices[0].references == ("2.49.0.0.276.0.DWD.X.1", "b")


def test_alerts_embedded_in_a_feed_are_read(corpus, make_alert, read) -> None:
    alert = make_alert().split(b"?>")[1]
    feed = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><content>' + alert + b"</content></entry></feed>"
    assert [one.key for one in read(feed)[0]] == ["a1"]
    assert read(b'<feed xmlns="http://www.w3.org/2005/Atom"/>') == ([], [])
    with pytest.raises(SourceRefused, match="index"):
        read((corpus / "cap-google/weather_index.atom").read_bytes())
    with pytest.raises(SourceRefused, match="index"):
        read((corpus / "cap-google/ny_index.rss").read_bytes())


@pytest.mark.parametrize(("body", "words"), [
    (b'{"identifier": "x"}', "JSON"), (b"<html><body/></html>", "<html>"), (b"", "broken"), (b"PK\x03\x04x", "broken"),
    (b'<alert xmlns="urn:oasis:names:tc:emergency:alerts:1.2"/>', "namespace"),
])  # fmt: skip
def test_what_is_no_alert_is_refused_by_name(body, words, make_fetched) -> None:
    with pytest.raises(SourceRefused, match=words):
        parse(make_fetched(body))


HAVELSEE = ["812069270", "12069270", "120695902270", "12069", "112069000", "12", "812069"]


@pytest.mark.parametrize("areas", HAVELSEE)
def test_a_town_keeps_what_touches_it_with_only_its_places(areas, corpus, read) -> None:
    body = (corpus / "synthetic/dwd_1_alert.xml").read_bytes()
    notices, _ = read(body, areas=areas)
    assert len(notices) == 1
    assert "812069270" in [one.value for one in notices[0].places]
    assert read(body, areas="05334, 814628") == ([], [])


def test_a_warning_for_the_whole_district_touches_its_towns(make_alert, read) -> None:
    district = "<area><areaDesc>Kreis</areaDesc><geocode><valueName>WARNCELLID</valueName><value>112069000</value></geocode></area>"
    assert len(read(make_alert(area=district), areas="812069270")[0]) == 1
    assert len(read(make_alert(area=district), areas="812063189")[0]) == 0
    sea = district.replace("112069000", "501000001")
    assert read(make_alert(area=sea), areas="812069270") == ([], [])


def test_what_ends_an_earlier_alert_is_kept_whatever_it_touches(make_alert, read) -> None:
    cancel = make_alert("c1", message="Cancel", references="s,a1,t", infos=[])
    elsewhere = make_alert("u1", message="Update", references="s,a1,t")
    notices, _ = read(cancel, elsewhere, areas="05334002")
    assert [(one.key, len(one.places)) for one in notices] == [("c1", 0), ("u1", 1)]


def test_an_outline_alone_is_left_to_the_hub(make_alert, read) -> None:
    ring = "<area><areaDesc>x</areaDesc><polygon>50,8 51,8 51,9 50,8</polygon></area>"
    assert len(read(make_alert(area=ring), areas="05334002")[0]) == 1


def test_a_setting_that_is_no_code_is_named(make_fetched, make_alert) -> None:
    with pytest.raises(SourceConfigError, match="Aachen"):
        parse(make_fetched(make_alert(), areas="05334, Aachen"))
