"""What an alert says, to whom, and until when."""

from datetime import timedelta

import pytest

from feeds.cap.texts import tag
from hub.core.errors import SourceRefused
from hub.core.notice import Severity, Status
from hub.core.place import nearest_km

SENT = "<headline>Sturm</headline>"


def test_texts_are_the_sources_own_with_blanks_stripped(make_alert, read) -> None:
    inner = "<event>STURM </event><headline> Amtliche WARNUNG  vor STURM </headline><description>a\n b &lt;br/&gt;c </description><instruction> Bleiben Sie drinnen! </instruction>"
    text = read(make_alert(infos=[("de-DE", inner)]))[0][0].texts[0]
    assert (text.lang, text.title, text.body, text.instruction) == (
        "de-DE", "Amtliche WARNUNG  vor STURM", "a\n b\nc", "Bleiben Sie drinnen!",
    )  # fmt: skip


def test_several_infos_of_a_language_are_one_text_led_by_the_most_severe(make_alert, read) -> None:
    infos = [
        ("de", "<headline>Regen</headline><severity>Minor</severity><description>Es regnet.</description>"),
        (
            "de",
            "<headline>Orkan</headline><severity>Extreme</severity><description>Es stürmt.</description><instruction>Halt!</instruction>",
        ),
        ("en", "<headline>Hurricane</headline><severity>Severe</severity>"),
    ]
    notice = read(make_alert(infos=infos))[0][0]
    assert [(one.lang, one.title, one.body) for one in notice.texts] == [
        ("de", "Orkan", "Es stürmt.\n\nRegen\nEs regnet."), ("en", "Hurricane", ""),
    ]  # fmt: skip
    assert notice.severity is Severity.EXTREME


@pytest.mark.parametrize(("setting", "order"), [
    ({}, ["de-DE", "de-simple", "en", "pl"]), ({"language": "pl"}, ["pl", "en", "de-simple", "de-DE"]),
    ({"language": "en-GB"}, ["en", "de-simple", "pl", "de-DE"]),
])  # fmt: skip
def test_the_wanted_language_comes_first(setting, order, make_alert, read) -> None:
    infos = [(lang, SENT) for lang in ("en", "DE-LS", "pl", "de-DE")]
    assert [one.lang for one in read(make_alert(infos=infos), **setting)[0][0].texts] == order


@pytest.mark.parametrize(("given", "written"), [
    ("de_DE", "de-DE"), ("DE-LS", "de-simple"), ("de-DE-x-ls", "de-DE-x-ls"), ("", "en-US"), ("<script>", "en-US"), ("zh-Hant", "zh-Hant"),
])  # fmt: skip
def test_language_tags(given, written) -> None:
    assert tag(given) == written


def test_a_bare_cancel_ends_what_it_names_and_speaks_for_itself(make_alert, read) -> None:
    notice = read(make_alert("c1", message="Cancel", references="s,a1,t s,a2,t", infos=[]))[0][0]
    assert (notice.status, notice.references, notice.places) == (Status.CANCELLED, ("a1", "a2"), ())
    assert {one.lang: one.title for one in notice.texts} == {
        "de": "Entwarnung", "en": "All clear", "de-simple": "Gefahr vorbei", "tr": "Tehlike geçti",
        "uk": "Відбій", "ar": "زوال الخطر",
    }  # fmt: skip


@pytest.mark.parametrize(("inner", "status"), [
    ("<headline>x</headline><responseType>AllClear</responseType>", Status.CANCELLED),
    ("<headline>AUFHEBUNG der WARNUNG</headline>", Status.CANCELLED),
    ("<headline>Warnung: Aufhebung der Sperre</headline><responseType>Prepare</responseType>", Status.ACTIVE),
])  # fmt: skip
def test_an_update_that_is_an_all_clear_cancels(inner, status, make_alert, read) -> None:
    notice = read(make_alert("u1", message="Update", references="s,a1,t", infos=[("de", inner)]))[0][0]
    assert (notice.status, notice.references) == (status, ("a1",))


def test_an_alert_of_which_only_a_part_is_over_still_stands(make_alert, read) -> None:
    infos = [("de", "<headline>a</headline><responseType>AllClear</responseType>"), ("de", "<headline>b</headline>")]
    assert read(make_alert(infos=infos))[0][0].status is Status.ACTIVE


@pytest.mark.parametrize(("times", "begin", "hours"), [
    ("", "18:00", 24), ("<onset>2030-03-17T20:00:00+01:00</onset>", "20:00", 24),
    ("<effective>2030-03-17T19:00:00+01:00</effective><expires>2030-03-17T22:00:00+01:00</expires>", "19:00", 3),
])  # fmt: skip
def test_validity(times, begin, hours, make_alert, read) -> None:
    notice = read(make_alert(infos=[("de", SENT + times)]))[0][0]
    assert notice.valid_from is not None
    assert f"{notice.valid_from:%H:%M}" == begin
    assert notice.expires == notice.valid_from + timedelta(hours=hours)
    assert [(one.key, one.start, one.end) for one in notice.occurrences] == [
        ("validity", notice.valid_from, notice.expires)
    ]


def test_a_span_that_ends_before_it_begins_is_no_date(make_alert, read) -> None:
    times = "<onset>2030-03-17T20:00:00+01:00</onset><expires>2030-03-17T19:00:00+01:00</expires>"
    assert read(make_alert(infos=[("de", SENT + times)]))[0][0].occurrences == ()


def test_a_time_without_offset_is_local(make_alert, read) -> None:
    notice = read(make_alert(sent="2030-07-01T12:00:00"))[0][0]
    assert notice.sent is not None
    assert notice.sent.utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize("sent", ["", "yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_is_none_is_refused(sent, make_alert, read) -> None:
    with pytest.raises(SourceRefused, match="sent"):
        read(make_alert(sent=sent))


def test_severity_words_that_do_not_exist_are_unknown(make_alert, read) -> None:
    assert (
        read(make_alert(infos=[("de", SENT + "<severity>Apocalyptic</severity>")]))[0][0].severity is Severity.UNKNOWN
    )


@pytest.mark.parametrize(("web", "url"), [
    ("https://www.wettergefahren.de", "https://www.wettergefahren.de"), ("javascript:alert(1)", ""), ("data:text/html,x", ""),
    ("//evil.example", ""), ("https://a b", ""), ("https://[", ""),
])  # fmt: skip
def test_only_web_addresses_become_links(web, url, make_alert, read) -> None:
    inner = f"{SENT}<web>{web}</web><resource><resourceDesc>Karte</resourceDesc><uri>{web}</uri></resource>"
    notice = read(make_alert(infos=[("de", inner)]))[0][0]
    assert (notice.url, [one.href for one in notice.links]) == (url, [url] if url else [])


def test_hostile_words_stay_plain_text(make_alert, read) -> None:
    inner = "<headline>&lt;img src=x onerror=alert(1)&gt;</headline>"
    text = read(make_alert(infos=[("de", inner)]))[0][0].texts[0]
    assert (text.title, text.html) == ("<img src=x onerror=alert(1)>", "")


def test_an_outline_lies_where_the_source_means_it(make_alert, read) -> None:
    area = "<area><areaDesc>x</areaDesc><polygon>52.4,12.1 52.7,12.1 52.7,12.6 52.4,12.6 52.4,12.1</polygon><circle>50.0,8.0 10</circle></area>"
    geometry = read(make_alert(area=area))[0][0].geometry
    assert nearest_km((12.3, 52.5), geometry) == 0
    assert nearest_km((8.1, 50.0), geometry) == 0
    assert nearest_km((52.5, 12.3), geometry) > 1000
