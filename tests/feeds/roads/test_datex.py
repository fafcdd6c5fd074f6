"""DATEX II v2 and v3: what is shown and what never is, ends, versions, periods, places, hostile XML."""

import pytest

from feeds.roads.parse import parse
from hub.core.codec import content_hash
from hub.core.errors import SourceRefused, SourceTooLarge
from hub.core.notice import Severity, Status

HEAD = (
    '<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    '<payloadPublication xsi:type="SituationPublication" lang="de">'
)
FOOT = "</payloadPublication></d2LogicalModel>"
TIMES = (
    "<validityTimeSpecification><overallStartTime>2030-03-04T06:00:00Z</overallStartTime>"
    "<overallEndTime>2030-03-08T16:00:00Z</overallEndTime>{}</validityTimeSpecification>"
)
POINT = (
    '<groupOfLocations xsi:type="Point"><pointByCoordinates><pointCoordinates><latitude>50.9</latitude>'
    "<longitude>13.7</longitude></pointCoordinates></pointByCoordinates></groupOfLocations>"
)
CLOSED = "<roadOrCarriagewayOrLaneManagementType>roadClosed</roadOrCarriagewayOrLaneManagementType>"


def record(
    ident="R1", *, version="2030-03-01T06:00:00Z", probability="certain", status="active", periods="", more=CLOSED, place=POINT
):  # fmt: skip
    return (
        f'<situationRecord xsi:type="RoadOrCarriagewayOrLaneManagement" id="{ident}" version="1">'
        f"<situationRecordVersionTime>{version}</situationRecordVersionTime>"
        f"<probabilityOfOccurrence>{probability}</probabilityOfOccurrence>"
        f"<validity><validityStatus>{status}</validityStatus>{TIMES.format(periods)}</validity>{place}{more}</situationRecord>"
    )


def situation(*records, ident="S1", confidentiality="noRestriction", real="real"):
    return (
        f'<situation id="{ident}" version="1"><headerInformation><confidentiality>{confidentiality}</confidentiality>'
        f"<informationStatus>{real}</informationStatus></headerInformation>{''.join(records)}</situation>"
    )


def document(*situations):
    return (HEAD + "".join(situations) + FOOT).encode()


def comment(text, lang="de"):
    values = f'<values><value lang="{lang}">{text}</value></values>'
    return f"<generalPublicComment><comment>{values}</comment></generalPublicComment>"


def test_several_records_are_one_notice_and_their_order_changes_nothing(roads):
    works = record("R2", more="<roadMaintenanceType>resurfacingWork</roadMaintenanceType>")
    (one,) = roads.notices(document(situation(record("R1"), works)))
    (other,) = roads.notices(document(situation(works, record("R1"))))
    assert content_hash(one) == content_hash(other)
    assert one.title == "Deckenerneuerung, Straße gesperrt"
    assert one.text("en").title == "Resurfacing, road closed"
    assert one.severity is Severity.MODERATE


def test_a_new_version_without_a_visible_change_is_later_but_the_same(roads):
    (one,) = roads.notices(document(situation(record())))
    (other,) = roads.notices(document(situation(record(version="2030-03-02T06:00:00Z"))))
    assert content_hash(one) == content_hash(other)
    assert one.sent < other.sent


@pytest.mark.parametrize(
    "confidentiality",
    ["internalUse", "restrictedToAuthorities", "restrictedToAuthoritiesAndTrafficOperators",
     "restrictedToAuthoritiesTrafficOperatorsAndPublishers", "somethingNew"],
)  # fmt: skip
def test_what_is_restricted_is_never_shown(roads, confidentiality):
    body = document(situation(record(), confidentiality=confidentiality))
    assert roads.notices(body) == []
    assert "restricted to authorities" in roads.notes(body)[0]
    override = f"<confidentialityOverride>{confidentiality}</confidentialityOverride>"
    assert roads.notices(document(situation(record(more=override)))) == []


def test_publishers_may_be_shown_what_the_provider_lets_them(roads):
    body = document(situation(record(), confidentiality="restrictedToAuthoritiesTrafficOperatorsAndPublishers"))
    assert len(roads.notices(body, restricted="publishers")) == 1
    body = document(situation(record(), confidentiality="restrictedToAuthorities"))
    assert roads.notices(body, restricted="publishers") == []


@pytest.mark.parametrize("real", ["test", "securityExercise", "technicalExercise", "exercise"])
def test_tests_and_exercises_are_never_shown(roads, real):
    assert roads.notices(document(situation(record(), real=real))) == []


def test_a_mere_risk_is_not_told_but_something_probable_is(roads):
    assert roads.notices(document(situation(record(probability="riskOf")))) == []
    assert len(roads.notices(document(situation(record(probability="probable"))))) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"more": f"<management><lifeCycleManagement><end>true</end></lifeCycleManagement></management>{CLOSED}"},
        {"more": f"<management><lifeCycleManagement><cancel>1</cancel></lifeCycleManagement></management>{CLOSED}"},
        {"status": "suspended"},
        {"version": "2030-03-08T16:00:00Z"},  # the end lies before the last change: it was set into the past
    ],
)
def test_the_sources_own_word_reopens(roads, change):
    (notice,) = roads.notices(document(situation(record(**change))))
    assert (notice.status, notice.category) == (Status.CANCELLED, "reopened")


def test_one_ended_record_does_not_reopen_the_others(roads):
    ended = record("R2", status="suspended", more="<temporarySpeedLimit>30</temporarySpeedLimit>")
    (notice,) = roads.notices(document(situation(record(), ended)))
    assert notice.status is Status.ACTIVE
    assert "speed_limit" not in {fact.name for fact in notice.facts}


def test_a_recurring_period_becomes_dates_and_exceptions_are_left_out(roads):
    periods = (
        "<validPeriod><recurringTimePeriodOfDay><startTimeOfPeriod>08:00:00</startTimeOfPeriod>"
        "<endTimeOfPeriod>09:30:00</endTimeOfPeriod></recurringTimePeriodOfDay></validPeriod>"
        "<exceptionPeriod><startOfPeriod>2030-03-06T00:00:00+01:00</startOfPeriod>"
        "<endOfPeriod>2030-03-07T00:00:00+01:00</endOfPeriod></exceptionPeriod>"
    )
    (notice,) = roads.notices(document(situation(record(periods=periods))))
    assert [one.key for one in notice.occurrences] == ["2030-03-04", "2030-03-05", "2030-03-07", "2030-03-08"]
    assert notice.occurrences[0].end.isoformat() == "2030-03-04T08:30:00+00:00"
    assert "täglich 08:00–09:30" in notice.texts[0].body


def test_an_endless_period_stays_words(roads):
    body = document(situation(record(periods="<validPeriod><recurringDayWeekMonthPeriod><applicableDay>monday</applicableDay>"
                    "</recurringDayWeekMonthPeriod></validPeriod>"))).replace(b"2030-03-08", b"2999-03-08")  # fmt: skip
    (notice,) = roads.notices(body)
    assert notice.occurrences == ()
    assert notice.texts[0].body.endswith("Mo")


def test_comments_are_kept_per_language_and_codes_fill_the_gap(roads):
    body = document(
        situation(record(more=CLOSED + comment("Tie suljettu.", "fi") + comment("Road closed at the mill.", "en")))
    )
    (notice,) = roads.notices(body)
    assert {one.lang: one.title for one in notice.texts} == {
        "de": "Straße gesperrt – Tie suljettu", "fi": "Tie suljettu", "en": "Road closed at the mill",
    }  # fmt: skip


def test_streets_come_from_names_else_from_german_prose(roads):
    (notice,) = roads.notices(document(situation(record(more=comment("Hauptstraße in OT Possendorf gesperrt.")))))
    assert [(one.scheme, one.value) for one in notice.places] == [("district", "Possendorf"), ("street", "Hauptstraße")]


def test_a_place_that_is_only_a_code_concerns_nobody(roads):
    code = (
        '<groupOfLocations xsi:type="Point"><alertCPoint><alertCLocationCountryCode>D</alertCLocationCountryCode>'
        "<alertCLocationTableNumber>1</alertCLocationTableNumber><alertCMethod2PrimaryPointLocation><alertCLocation>"
        "<specificLocation>12345</specificLocation></alertCLocation></alertCMethod2PrimaryPointLocation></alertCPoint>"
        "</groupOfLocations>"
    )
    for place in (code, ""):
        body = document(situation(record(place=place)))
        (notice,) = roads.notices(body)
        assert [one.scheme for one in notice.places] == ["alertc"]
        assert "nobody is told" in roads.notes(body)[0]


def test_swapped_coordinates_are_put_right_and_named(roads):
    body = document(situation(record())).replace(b"50.9", b"X").replace(b"13.7", b"50.9").replace(b"X", b"13.7")
    (notice,) = roads.notices(body)
    assert notice.geometry.points == ((13.7, 50.9),)
    assert roads.notes(body) == ["swapped-coordinates: 1 × latitude and longitude were swapped."]


@pytest.mark.parametrize("root", ["situation", "payload", "messageContainer"])
def test_roots_of_version_3(roads, root):
    inner = situation(record())
    space = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://datex2.eu/schema/3/situation"'
    if root == "situation":
        body = inner.replace("<situation ", f"<situation {space} ", 1)
    elif root == "payload":
        body = f'<payload {space} xsi:type="s:SituationPublication" lang="de">{inner}</payload>'
    else:
        other = '<payload xsi:type="s:VmsPublication"/>'
        body = f'<messageContainer {space}>{other}<payload xsi:type="s:SituationPublication">{inner}</payload></messageContainer>'
    assert len(roads.notices(body.encode())) == 1


@pytest.mark.parametrize(
    "kind", ["MeasuredDataPublication", "VmsPublication", "ParkingTablePublication", "ElaboratedDataPublication"]
)
def test_other_publications_are_refused_by_name(roads, kind):
    with pytest.raises(SourceRefused, match=kind):
        roads.items(document().replace(b"SituationPublication", kind.encode()))


def test_one_broken_situation_keeps_the_others(roads):
    broken = '<situation id="S0"><headerInformation/></situation>'
    items = roads.items(document(broken, situation(record())))
    assert [(item.key, item.fault) for item in items] == [("S1", ""), ("entry-1", "The situation has no record.")]


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + HEAD.encode() + b"&b;" + FOOT.encode(),
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + document(situation(record())),
        document(situation(record()))[:-30],
        HEAD.encode() + b"&unknown;" + FOOT.encode(),
        HEAD.encode() + b"<a>" * 5_000 + b"</a>" * 5_000 + FOOT.encode(),
        HEAD.encode() + b"\x00\xff" + FOOT.encode(),
    ],
)
def test_hostile_xml_is_refused(roads, body):
    with pytest.raises(SourceRefused):
        roads.items(body)


def test_100000_situations_are_too_many_and_end_early(roads):
    body = HEAD.encode() + b'<situation id="S"><headerInformation/></situation>' * 100_000 + FOOT.encode()
    with pytest.raises(SourceTooLarge, match="20000"):
        parse(roads.fetched(body))
