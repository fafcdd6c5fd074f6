"""The form as its writers meet it: quick from a template, without a script, beside others, and nothing is ever lost."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from hub.core.draft import Area, Mode
from hub.core.notice import Geometry, PlaceRef, Severity
from hub.core.permission import Role
from hub.core.release import State
from hub.store import drafts, towns
from hub.store.schema import login_session
from tests.hub.web.writing.conftest import AT, Editor, draft_of, filled

EDIT = f"{AT}/1/schreiben"


def picture(size=(40, 30)) -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(file, "JPEG")
    file.seek(0)
    return file, "Baustelle.jpg"


@pytest.fixture
def anna(office) -> Editor:
    return office("anna", Role.EDITOR)


@pytest.fixture
def begun(anna: Editor) -> Editor:
    answer = anna.send(f"{AT}/neu?vorlage=burst-pipe", f"{AT}/neu", scope="all", de__title="Rohrbruch im Ahornweg",
                       de__body="Ein Rohr ist gebrochen.", de__instruction="Hähne zu.")  # fmt: skip
    assert (answer.status_code, answer.location) == (303, EDIT)
    return anna


def test_a_burst_pipe_is_written_in_two_pages(anna: Editor, village) -> None:
    shown = anna.get(f"{AT}/neu").text
    assert shown.index("Rohrbruch") < shown.index("Straßensperrung") < shown.index("Ohne Vorlage")
    page = f"{AT}/neu?vorlage=burst-pipe"
    assert "In [Straße, Hausnummern] ist eine Wasserleitung gebrochen." in anna.get(page).text
    answer = anna.send(page, f"{AT}/neu", do="check", scope="all")
    assert answer.location.startswith(f"{EDIT}?pruefen=1")
    asked = anna.get(answer.location).text
    assert 'id="faults"' in asked
    assert asked.count("Bitte füllen Sie [Straße") >= 2
    done = anna.send(EDIT, do="check", de__title="Rohrbruch im Ahornweg", de__body="Kein Wasser bis 18 Uhr.")
    assert done.location == f"{AT}/1"
    made = draft_of(village)
    assert (made.topic, made.severity, made.areas) == ("warnings", Severity.MODERATE, (Area("huertgenwald"),))
    assert made.texts[0].instruction.startswith("Drehen Sie offene Wasserhähne zu.")
    assert timedelta(hours=11) < made.expires - village.clock() < timedelta(hours=13)


def test_streets_are_picked_without_a_script_and_with_house_numbers(begun: Editor, village) -> None:
    answer = begun.send(EDIT, do="seek", seek="ahorn", scope="some")
    found = begun.get(answer.location).text
    assert answer.location.endswith("#where")
    path = re.search(r'name="place" value="([^"]+ahornweg)"\s+checked', found)
    assert path
    begun.send(answer.location.partition("#")[0], EDIT, do="draw")
    place = f"{draft_path(village)}/street:ahornweg"
    assert draft_of(village).areas == (Area("huertgenwald", (PlaceRef("street", "Ahornweg", "Ahornweg"),)),)
    begun.send(EDIT, **{f"houses:{place}": "1-57"})
    assert [one.value for one in draft_of(village).areas[0].places] == ["Ahornweg/1-57"]
    refused = begun.send(EDIT, de__title="Neuer Titel", **{f"houses:{place}": "vorne"})
    assert refused.status_code == 400
    assert 'value="vorne"' in refused.text
    assert "Neuer Titel" in refused.text
    begun.send(EDIT, do="take", pick=f"{draft_path(village)}/district:gey|")
    assert {one.scheme for one in draft_of(village).areas[0].places} == {"house", "district"}


def draft_path(village) -> str:
    with village.store.read() as session:
        return str(towns.get(session, "huertgenwald")["path"])


def test_what_is_drawn_is_kept_and_proposes_what_lies_inside(begun: Editor, village) -> None:
    with village.store.begin() as session:
        from hub.store.schema import place

        session.execute(place.update().where(place.c.path.endswith("ahornweg")).values(lat=50.71, lon=6.41))
    answer = begun.send(EDIT, do="draw", drawn="Kreis 50.71, 6.41; 300 m")
    assert draft_of(village).geometry == Geometry(circles=(((6.41, 50.71), 0.3),))
    shown = begun.get(answer.location).text
    assert "Liegt in Ihrer Zeichnung" in shown
    assert "Ahornweg" in shown.partition("Liegt in Ihrer Zeichnung")[2].partition("</fieldset>")[0]
    refused = begun.send(EDIT, drawn="Punkt Ahornweg\nFläche 50.7, 6.4")
    assert "Zeile 2: Eine Linie braucht zwei Punkte" in refused.text
    assert draft_of(village).geometry == Geometry(circles=(((6.41, 50.71), 0.3),))


def test_times_are_the_towns_and_odd_nights_are_said(begun: Editor, village) -> None:
    answer = begun.send(
        EDIT, from__date="2027-03-28", from__time="02:30", until__date="2027-03-29", until__time="18:00",
        d0__day="2027-03-28", d0__begin="08:00", d0__end="12:00", d0__weekly="2027-04-11",
    )  # fmt: skip
    made = draft_of(village)
    assert made.valid_from == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert made.expires == datetime(2027, 3, 29, 16, tzinfo=UTC)
    assert len(made.occurrences) == 3
    shown = begun.get(answer.location).text
    assert "02:30 Uhr gibt es in dieser Nacht nicht" in shown
    assert shown.count('value="2027-04-11"') == 1  # a week's dates are one line


def test_an_end_is_always_set(begun: Editor, village) -> None:
    begun.send(EDIT, until__date="", until__time="", severity="extreme")
    made = draft_of(village)
    assert made.expires - village.clock() < timedelta(hours=7)
    assert "Das muss eine zweite Person freigeben." in begun.get(EDIT).text


def test_languages_come_with_the_templates_words_and_who_gets_what_is_said(anna: Editor, village) -> None:
    anna.send(f"{AT}/neu?vorlage=heat", f"{AT}/neu")
    shown = anna.get(EDIT).text
    assert "Wer Türkçe liest, bekommt Deutsch." in shown
    page = anna.send(f"{AT}/neu?vorlage=heat", f"{AT}/neu", do="language", add="en")
    assert page.location.endswith("#lang-en")
    assert draft_of(village, 2).texts[1].title == "Great heat until [day]"
    empty = anna.send(f"{AT}/2/schreiben", do="language", add="de-simple")
    assert 'name="de-simple.title"' in anna.get(empty.location).text
    anna.send(empty.location.partition("#")[0], f"{AT}/2/schreiben", de_simple__title="Es wird heiß.",
              **{"de-simple.body": "Trinken Sie viel Wasser."})  # fmt: skip
    assert [one.lang for one in draft_of(village, 2).texts] == ["de", "en", "de-simple"]
    anna.send(f"{AT}/2/schreiben", do="drop-language:en")
    assert [one.lang for one in draft_of(village, 2).texts] == ["de", "de-simple"]


def test_how_easy_it_is_to_read_is_said_on_the_page_and_while_one_types(begun: Editor) -> None:
    hard = "Aufgrund notwendiger Trinkwasserversorgungshauptleitungsarbeiten wird die Wasserversorgung eingeschränkt."
    begun.send(EDIT, de__body=hard)
    shown = begun.get(EDIT).text
    assert "Langes Wort: „Trinkwasserversorgungshauptleitungsarbeiten“" in shown
    assert "Für viele schwer zu lesen." in shown
    data = {"csrf_token": filled(shown)["csrf_token"], "lang": "de", "text": hard}
    found = begun.post(f"{AT}/lesbarkeit", data).json
    assert len(found["hints"]) == 3
    assert found["level"].startswith("Für viele schwer zu lesen.")


def test_pictures_go_along_are_shown_to_editors_and_to_nobody_else_yet(begun: Editor, office, village) -> None:
    refused = begun.send(EDIT, upload=(io.BytesIO(b"MZ"), "a.exe"), de__title="Bleibt stehen")
    assert refused.status_code == 400
    assert "Mitgehen können nur Bilder" in refused.text
    assert "Bleibt stehen" in refused.text
    begun.send(EDIT, upload=picture(), upload__title="Die Baustelle", do="upload")
    (file,) = draft_of(village).attachments
    assert file.title == "Die Baustelle"
    shown = begun.get(EDIT).text
    assert f'src="{AT}/datei/{file.name}" alt="Die Baustelle"' in shown
    own = begun.get(f"{AT}/datei/{file.name}")
    assert (own.status_code, own.mimetype, own.headers["Cache-Control"]) == (200, "image/jpeg", "private, no-store")
    assert begun.get(f"/anhang/{file.name}").status_code == 404
    assert office("carl", Role.SOURCE_KEEPER).get(f"{AT}/datei/{file.name}").status_code == 403
    with village.store.begin() as session:
        row = drafts.by_id(session, 1)
        drafts.move(session, row, State.PUBLISHED, published=row["content"], revision=1)
    told = begun.get(f"/anhang/{file.name}")
    assert told.headers["Content-Security-Policy"].endswith("sandbox")
    assert told.headers["X-Content-Type-Options"] == "nosniff"
    assert told.headers["Content-Disposition"].startswith("inline")
    begun.send(EDIT, file0__drop="1")
    assert draft_of(village).attachments == ()
    assert begun.get(f"/anhang/{file.name}").status_code == 200  # what is published still names it


def test_a_large_form_is_for_those_who_write_only(begun: Editor, pages) -> None:
    def much() -> dict[str, object]:
        return {"upload": (io.BytesIO(b"\xff\xd8\xff" + b"x" * 200_000), "a.jpg")}

    assert pages.post(f"{AT}/neu", data=much()).status_code == 413
    assert begun.send(EDIT, **much()).status_code == 400  # read, and no picture
    assert begun.send(EDIT, de__body="x" * 300_000).status_code == 413


def test_who_saves_second_sees_both_and_loses_nothing(begun: Editor, office, village) -> None:
    berta = office("berta", Role.AUTHOR)
    mine = filled(begun.get(EDIT).text)
    berta.send(EDIT, de__body="Ein Rohr ist repariert.")
    mine["de.body"] = "Ein Rohr ist geplatzt."
    answer = begun.post(EDIT, mine)
    assert answer.status_code == 409
    assert "Berta hat das inzwischen gespeichert" in answer.text
    assert "<del>repariert</del><ins>geplatzt</ins>" in answer.text
    assert filled(answer.text)["de.body"] == "Ein Rohr ist geplatzt."
    assert draft_of(village).texts[0].body == "Ein Rohr ist repariert."
    assert begun.post(EDIT, filled(answer.text)).status_code == 303
    assert draft_of(village).texts[0].body == "Ein Rohr ist geplatzt."


def test_it_saves_by_itself_and_says_where_it_is_from_then_on(anna: Editor, village) -> None:
    data = filled(anna.get(f"{AT}/neu?vorlage=leer").text)
    data["de.title"] = "Sommer"
    first = anna.post(f"{AT}/neu/sichern", data).json
    assert (first["number"], first["form"]) == (1, EDIT)
    data["version"], data["de.title"] = first["version"], "Sommerfest"
    again = anna.post(first["quiet"], data).json
    assert again["version"] == first["version"] + 1
    assert again["said"].startswith("Gespeichert um ")
    data["version"] = first["version"]
    assert anna.post(first["quiet"], data).status_code == 409
    with village.store.read() as session:
        assert [one["own"] for one in drafts.revisions(session, 1)] == [1, 0]
    anna.send(EDIT)
    with village.store.read() as session:
        assert [one["own"] for one in drafts.revisions(session, 1)] == [1, 1]


def test_a_first_page_sent_again_saves_into_the_same_draft(anna: Editor, village) -> None:
    data = filled(anna.get(f"{AT}/neu?vorlage=leer").text)
    data["de.title"] = "Sommer"
    assert anna.post(f"{AT}/neu", data).location == EDIT
    data["de.title"] = "Sommerfest"
    assert anna.post(f"{AT}/neu", data).location == EDIT
    assert draft_of(village).title == "Sommerfest"


def test_a_sign_in_that_ends_while_one_types_loses_nothing(begun: Editor, office, village) -> None:
    data = filled(begun.get(EDIT).text)
    data["de.body"] = "Lang\nund mit „Zeichen“ <b>"
    data.setlist("place", [f"{draft_path(village)}/district:gey", f"{draft_path(village)}/street:am-see"])
    data["scope"] = "some"
    with village.store.begin() as session:
        session.execute(login_session.delete())
    answer = begun.post(EDIT, data)
    assert answer.status_code == 401
    assert "nichts ist verloren" in answer.text
    from lxml import html

    form = html.fromstring(answer.text).xpath(f'//form[@action="{EDIT}"]')[0]
    kept = [(one.get("name"), one.value if one.tag == "input" else (one.text or "").removeprefix("\n"))
            for one in form.xpath(".//input|.//textarea")]  # fmt: skip
    from fakes.people import session_of
    from werkzeug.datastructures import MultiDict

    begun.client.set_cookie(
        "__Host-ortsruf-session", session_of(village, begun.id), domain="ortsruf.example", secure=True
    )
    assert begun.post(EDIT, MultiDict(kept)).status_code == 303
    made = draft_of(village)
    assert made.texts[0].body == "Lang\nund mit „Zeichen“ <b>"
    assert [one.value for one in made.areas[0].places] == ["Gey", "Am See"]


def test_a_club_writes_in_its_topic_and_sees_its_own_work_only(begun: Editor, office, village) -> None:
    club = office("club", Role.CLUB)
    shown = club.get(f"{AT}/neu").text
    assert "Veranstaltung" in shown
    assert "Rohrbruch" not in shown
    form = club.get(f"{AT}/neu?vorlage=event").text
    assert 'name="severity"' not in form
    assert re.findall(r'<option value="(\w+)"', form.partition('name="topic"')[2].partition("</select>")[0]) == [
        "events"
    ]
    club.send(f"{AT}/neu?vorlage=event", f"{AT}/neu", topic="warnings", severity="extreme", de__title="Konzert")
    made = draft_of(village, 2)
    assert (made.topic, made.severity) == ("events", Severity.UNKNOWN)
    assert club.get(EDIT).status_code == 404
    listed = club.get(AT).text
    assert "Konzert" in listed
    assert "Rohrbruch" not in listed
    assert "Konzert" in begun.get(AT).text


def test_several_municipalities_are_told_by_whoever_writes_in_them(office, village) -> None:
    county = office("carla", Role.EDITOR, also="nachbar")
    county.send(f"{AT}/neu?vorlage=heat", f"{AT}/neu", town=["nachbar", "fremd"])
    assert draft_of(village).towns == ("huertgenwald", "nachbar")
    assert 'value="nachbar" checked' in re.sub(r"\s+", " ", county.get(EDIT).text)
    dora = office("dora", Role.EDITOR)
    assert 'value="nachbar"' not in dora.get(EDIT).text
    dora.send(EDIT, de__title="Hitze bis Freitag")  # takes nothing away that is not hers
    assert draft_of(village).towns == ("huertgenwald", "nachbar")
    county.send(EDIT, town=[])
    assert draft_of(village).towns == ("huertgenwald",)


def test_what_was_told_already_is_named(begun: Editor, village) -> None:
    with village.store.begin() as session:
        row = drafts.by_id(session, 1)
        drafts.move(session, row, State.PUBLISHED, published=row["content"], revision=1, published_at=village.clock())
    begun.send(f"{AT}/neu?vorlage=burst-pipe", f"{AT}/neu", scope="all", de__title="Rohrbruch Ahornweg!")
    shown = begun.get(f"{AT}/2/schreiben").text
    assert "Wurde das schon gemeldet?" in shown
    assert f'<a href="{AT}/1">Rohrbruch im Ahornweg</a>' in shown
    assert "gemeldet von Anna" in shown
    assert "gemeldet von Anna" in begun.get(f"{AT}/2").text  # whoever releases it is told, too
    assert "Wurde das schon" not in begun.get(EDIT).text


def test_a_gap_that_a_template_left_stands_against_handing_in(anna: Editor) -> None:
    anna.send(f"{AT}/neu?vorlage=office-closed", f"{AT}/neu")
    shown = anna.get(f"{AT}/1").text
    assert "Das ist noch zu tun" in shown
    assert "Bitte füllen Sie [Amt] aus." in shown
    assert 'value="submit"' not in shown
    assert anna.get(f"{AT}/1/freigabe").status_code != 200
    anna.send(EDIT, de__title="Bürgerbüro zu", de__body="Am Montag ist zu.", de__instruction="")
    ready = anna.get(f"{AT}/1").text
    assert "Das ist noch zu tun" not in ready
    assert 'value="submit"' in ready


def test_a_test_is_one_from_the_form_on_and_becomes_real_there(begun: Editor, village) -> None:
    begun.send(EDIT, mode="test")
    assert draft_of(village).mode is Mode.TEST
    assert "Das ist ein Test: Die Menschen bekommen ihn nicht." in begun.get(EDIT).text
    begun.send(EDIT, mode="actual")
    assert draft_of(village).mode is Mode.ACTUAL
    with village.store.begin() as session:
        row = drafts.by_id(session, 1)
        drafts.move(session, row, State.PUBLISHED, published=row["content"], revision=1)
    assert 'name="mode"' not in begun.get(EDIT).text
    begun.send(EDIT, mode="test")
    assert draft_of(village).mode is Mode.ACTUAL


def test_what_is_on_its_way_is_not_written_into(begun: Editor, village) -> None:
    with village.store.begin() as session:
        drafts.move(session, drafts.by_id(session, 1), State.SCHEDULED)
    assert begun.get(EDIT).location == f"{AT}/1"
    assert begun.post(EDIT, {"version": "1"}).status_code == 400  # no token
    data = filled(begun.get(f"{AT}/neu?vorlage=leer").text)
    assert begun.post(EDIT, {**data, "version": "1"}).location == f"{AT}/1"


def test_unknown_drafts_and_templates_are_not_found(anna: Editor) -> None:
    for path in (EDIT, f"{AT}/neu?vorlage=99", f"{AT}/9/fassungen", f"{AT}/datei/x.jpg", "/anhang/x.jpg"):
        assert anna.get(path).status_code == 404, path
