"""Which messages become items: real, public, readable, and only for the areas that were asked for."""

import io
import zipfile
from dataclasses import replace
from itertools import product

import pytest

from feeds.cap.alert import SCOPES, STATUSES
from feeds.cap.parse import parse
from hub.core.errors import SourceConfigError, SourceRefused
from hub.core.notice import PlaceRef


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
    ({"area": "<area><areaDesc>x</areaDesc><geocode><valueName>SAME</valueName><value>006037</value></geocode></area>"}, "only by SAME codes"),
    ({"area": "<area><areaDesc>x</areaDesc><polygon>-90,-180 90,-180 90,180 -90,180 -90,-180</polygon></area>"}, "half the world"),
    ({"area": "<area><areaDesc>x</areaDesc><polygon>kaputt</polygon></area>"}, "outline is broken"),
    ({"infos": []}, "says nothing"),
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
    early = make_alert(sent="2030-03-17T19:30:00+02:00")
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
    with pytest.raises(SourceRefused, match="points to 2 alerts"):
        read((corpus / "cap-google/ny_index.rss").read_bytes())
    with pytest.raises(SourceRefused, match="news feed without any alert"):
        read(b"<rss><channel><item><title>Fest</title><link>https://a.example/1</link></item></channel></rss>")


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
    assert [(one.key, one.status.value, one.references, one.places) for one in notices] == [
        ("c1", "cancelled", ("a1",), ()), ("u1", "cancelled", ("a1",), ()),
    ]  # fmt: skip
    assert notices[1].texts == (), "what was told before keeps its words, and who was told nothing hears nothing"


def test_the_places_of_the_source_are_the_areas_unless_others_are_set(corpus, make_fetched) -> None:
    body = (corpus / "synthetic/dwd_1_alert.xml").read_bytes()
    fetched = make_fetched(body)
    for ars, kept in (("120695902270", 1), ("053580016016", 0)):
        own = replace(fetched, source=replace(fetched.source, places=(PlaceRef("ars", ars),)))
        assert sum(not one.note for one in parse(own)) == kept
        wider = replace(own.source, config={"areas": "12"})
        assert sum(not one.note for one in parse(replace(own, source=wider))) == 1


def test_in_an_alert_of_several_groups_a_town_reads_only_its_own(corpus, read) -> None:
    body = (corpus / "synthetic/dwd_4_groups.xml").read_bytes()
    (goslar,), _ = read(body, areas="03153017")
    assert [(one.lang, one.title) for one in goslar.texts] == [
        ("de-DE", "Amtliche WARNUNG vor STURMBÖEN"), ("en", "Official WARNING of GALE-FORCE GUSTS"),
    ]  # fmt: skip
    assert (goslar.severity.name, goslar.attribution) == ("MODERATE", "Quelle: Deutscher Wetterdienst")
    (braunlage,), _ = read(body, areas="03153016")
    assert (braunlage.title, braunlage.severity.name) == ("Amtliche UNWETTERWARNUNG vor ORKANBÖEN", "EXTREME")
    (both,), _ = read(body, areas="03153")
    assert both.texts[0].body.startswith("Braunlage\nAuf dem Brocken")
    assert both.attribution == "", "a text that we put together is not the DWD's own any more"


def test_an_alert_that_is_over_for_a_town_and_stands_for_another(make_alert, read) -> None:
    def area(cell: str) -> str:
        return f"<area><areaDesc>x</areaDesc><geocode><valueName>WARNCELLID</valueName><value>{cell}</value></geocode></area>"

    infos = [
        ("de", f"<headline>AUFHEBUNG</headline><responseType>AllClear</responseType>{area('803153017')}"),
        ("de", f"<headline>Sturm</headline>{area('803153016')}"),
    ]
    body = make_alert("u1", message="Update", references="s,a1,t", infos=infos, area="")
    assert [read(body, areas=one)[0][0].status.value for one in ("03153017", "03153016", "03153")] == [
        "cancelled", "active", "active",
    ]  # fmt: skip


def test_what_was_left_out_or_put_right_is_said(make_alert, notes) -> None:
    swapped = "<area><areaDesc>x</areaDesc><geocode><valueName>ARS</valueName><value>12</value></geocode><polygon>13.3,52.5 13.5,52.5 13.5,52.6 13.3,52.5</polygon></area>"
    said = notes(make_alert("t1", status="Test"), make_alert("t2", status="Test"), make_alert("a1", area=swapped))
    assert said == [
        "2 × an alert is not meant for residents (status Test); it was left out",
        "1 × the outline's latitudes and longitudes were swapped",
    ]  # fmt: skip
    assert notes(make_alert(), areas="05334002") == ["1 × an alert concerns other places only; it was left out"]
    assert notes(make_alert().replace(b' xmlns="urn:oasis:names:tc:emergency:cap:1.2"', b"")) == [
        "1 × an alert has no namespace; it was read as CAP 1.2"
    ]


def test_elements_in_another_order_and_without_a_namespace_say_the_same(make_alert, read) -> None:
    body = make_alert().replace(b' xmlns="urn:oasis:names:tc:emergency:cap:1.2"', b"")
    start, end = body.index(b"<identifier>"), body.index(b"<info>")
    turned = body[:start] + body[end:].replace(b"</alert>", b"") + body[start:end] + b"</alert>"
    assert read(turned)[0] == read(make_alert())[0]


@pytest.mark.parametrize(("text", "keys"), [
    ("Leitstelle Kassel,mow.DE-1,2025-03-13T09:15:06-00:00", ("mow.DE-1",)),
    ("LS Kassel, Land HE,mow.DE-1,2025-03-13T09:15:06-00:00", ("mow.DE-1",)),
    ("biw.BIWAPP-1_a biw.BIWAPP-1_b", ("biw.BIWAPP-1_a", "biw.BIWAPP-1_b")), ("keine", ()), ("", ()), (",,,", ()),
    ("A B C,x1,t Leit D,x2,t", ("x1", "x2")),
])  # fmt: skip
def test_malformed_references_tie_no_strangers_together(text, keys, make_alert, read) -> None:
    assert read(make_alert("a9", message="Update", references=text))[0][0].references == keys


def test_a_channel_of_nina_that_another_source_brings_is_left_out(make_alert, read, notes) -> None:
    bodies = make_alert("dwd.2.49.0.0.276.0.DWD.PVW.1"), make_alert("mow.DE-1"), make_alert("2.49.0.0")
    assert [one.key for one in read(*bodies, without="dwd, lhp")[0]] == ["mow.DE-1", "2.49.0.0"]
    assert "channel dwd" in notes(*bodies, without="DWD")[0]


def test_a_foreign_sender_is_refused_by_name(make_alert, read) -> None:
    assert len(read(make_alert(), sender="other@x.example, WARN@town.example")[0]) == 1
    notices, faults = read(make_alert(), sender="other@x.example")
    assert (notices, "'warn@town.example'" in faults[0]) == ([], True)


def test_an_outline_alone_is_left_to_the_hub(make_alert, read) -> None:
    ring = "<area><areaDesc>x</areaDesc><polygon>50,8 51,8 51,9 50,8</polygon></area>"
    assert len(read(make_alert(area=ring), areas="05334002")[0]) == 1


def test_a_setting_that_is_no_code_is_named(make_fetched, make_alert) -> None:
    with pytest.raises(SourceConfigError, match="Aachen"):
        parse(make_fetched(make_alert(), areas="05334, Aachen"))
