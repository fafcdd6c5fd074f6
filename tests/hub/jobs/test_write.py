"""Writing as editors do it: begin, save beside somebody else, copy, bring back, keep templates and files."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from fakes.house import Town, news
from PIL import Image
from sqlalchemy import select, update

from hub.blanks import blanks
from hub.core.draft import Area, Draft, from_json
from hub.core.errors import ActRefused, DraftChanged, DraftError
from hub.core.missing import Desk, Fault, problems
from hub.core.notice import NoticeText, PlaceRef, Severity
from hub.core.release import State
from hub.jobs import attach, sweep, write
from hub.jobs.write import Author
from hub.pictures import FileRefused
from hub.store import attachments, audit, drafts, finding, patterns, towns
from hub.store.schema import attachment, place
from hub.store.schema import draft as table

ANNA, BERTA = Author("huertgenwald", 7), Author("huertgenwald", 8)
CLUB = Author("huertgenwald", 9, "events")


def text(title: str = "Rohrbruch", body: str = "Ein Rohr ist gebrochen.") -> Draft:
    return Draft(topic="news", texts=(NoticeText("de", title, body),), areas=(Area("huertgenwald"),))


def row_of(town: Town, number: int):
    with town.store.read() as session:
        return drafts.by_id(session, number)


def versions(town: Town, number: int) -> list[tuple[int, int, int]]:
    with town.store.read() as session:
        return [(one["version"], one["by"], one["own"]) for one in drafts.revisions(session, number)]


def acts(town: Town) -> list[str]:
    with town.store.read() as session:
        return [one["act"] for one in audit.latest(session, municipality="huertgenwald")][::-1]


def picture(size=(40, 30), mode="RGB", kind="PNG", **more) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, **({"color": (200, 30, 30)} if mode == "RGB" else {})).save(file, kind, **more)
    return file.getvalue()


def test_what_saves_itself_is_replaced_by_the_next_save_and_what_was_saved_by_hand_stays(town: Town) -> None:
    number = write.create(town.house, ANNA, text())
    for version, (body, own) in enumerate([("eins", False), ("zwei", False), ("drei", True), ("vier", False)], 1):
        assert write.save(town.house, ANNA, number, text(body=body), seen=version, own=own) == version + 1
    assert versions(town, number) == [(1, 7, 1), (4, 7, 1), (5, 7, 0)]
    assert acts(town) == ["draft.created"]  # what saves itself is no event


def test_the_same_again_changes_nothing_but_stays_when_saved_by_hand(town: Town) -> None:
    number = write.create(town.house, ANNA, text())
    write.save(town.house, ANNA, number, text(body="x"), seen=1, own=False)
    assert write.save(town.house, ANNA, number, text(body="x"), seen=2) == 2
    assert versions(town, number) == [(1, 7, 1), (2, 7, 1)]


def test_who_saves_second_learns_of_it_and_overwrites_nothing(town: Town) -> None:
    number = write.create(town.house, ANNA, text())
    write.save(town.house, BERTA, number, text(body="von Berta"), seen=1)
    with pytest.raises(DraftChanged):
        write.save(town.house, ANNA, number, text(body="von Anna"), seen=1)
    assert from_json(row_of(town, number)["content"]).texts[0].body == "von Berta"


def test_a_form_sent_twice_begins_one_draft(town: Town) -> None:
    first = write.create(town.house, ANNA, text(), once="k")
    assert write.create(town.house, ANNA, text(), once="k") == first
    assert write.create(town.house, BERTA, text(), once="k") != first
    assert write.create(town.house, ANNA, text(), once="l") != first


@pytest.mark.parametrize("state", [State.SCHEDULED, State.WITHDRAWN])
def test_what_is_on_its_way_or_called_off_is_not_written_into(town: Town, state: State) -> None:
    number = write.create(town.house, ANNA, text())
    with town.store.begin() as session:
        drafts.move(session, drafts.by_id(session, number), state)
    with pytest.raises(ActRefused):
        write.save(town.house, ANNA, number, text(body="x"), seen=1)


def test_a_change_takes_back_from_review_and_says_so_in_the_log(town: Town) -> None:
    number = write.create(town.house, ANNA, text())
    with town.store.begin() as session:
        drafts.move(session, drafts.by_id(session, number), State.REVIEW)
    write.save(town.house, ANNA, number, text(), seen=1)
    assert row_of(town, number)["state"] == State.REVIEW  # nothing changed
    write.save(town.house, ANNA, number, text(body="x"), seen=1)
    assert row_of(town, number)["state"] == State.DRAFT
    assert acts(town) == ["draft.created", "draft.save"]


def test_a_club_keeps_within_its_bounds_whatever_it_sends(town: Town) -> None:
    wild = replace(text(), severity=Severity.EXTREME, areas=(Area("huertgenwald"), Area("nachbar")))
    number = write.create(town.house, CLUB, wild)
    made = from_json(row_of(town, number)["content"])
    assert (made.topic, made.severity, made.towns) == ("events", Severity.UNKNOWN, ("huertgenwald",))
    write.save(town.house, CLUB, number, wild, seen=1)
    assert from_json(row_of(town, number)["content"]).severity is Severity.UNKNOWN
    write.save(town.house, ANNA, number, replace(text(), severity=Severity.MINOR), seen=1)
    assert from_json(row_of(town, number)["content"]).severity is Severity.MINOR  # the town hall is not bound
    others = write.create(town.house, ANNA, text())
    with pytest.raises(DraftError):
        write.save(town.house, CLUB, others, text(), seen=1)


def test_another_towns_draft_is_none(town: Town) -> None:
    number = write.create(town.house, ANNA, text())
    for act in (
        lambda who: write.save(town.house, who, number, text(), seen=1), lambda who: write.copy(town.house, who, number),
        lambda who: write.restore(town.house, who, number, version=1, seen=1),
        lambda who: write.keep_template(town.house, who, number, "x"),
    ):  # fmt: skip
        with pytest.raises(DraftError):
            act(Author("nachbar", 7))


def test_a_copy_keeps_words_and_places_and_gets_an_end_of_its_own(town: Town) -> None:
    street = Area("huertgenwald", (PlaceRef("street", "Ahornweg"),))
    old = replace(text(), areas=(street, Area("nachbar")), expires=town.clock(), send_at=town.clock())
    number = write.copy(town.house, ANNA, write.create(town.house, BERTA, old))
    made = from_json(row_of(town, number)["content"])
    assert (made.texts, made.areas, made.send_at) == (old.texts, (street,), None)
    assert made.expires > town.clock()
    assert row_of(town, number)["author"] == 7


def test_gathered_notices_are_copied_without_their_danger(town: Town) -> None:
    town.source()
    town.poll("s1", news("n1", "Sommerfest", body="Am See.", severity=Severity.SEVERE))
    number = write.copy_notice(town.house, ANNA, news("n1").id)
    made = from_json(row_of(town, number)["content"])
    assert (made.title, made.texts[0].body, made.severity) == ("Sommerfest", "Am See.", Severity.UNKNOWN)
    with pytest.raises(DraftError):
        write.copy_notice(town.house, ANNA, "nothing")


def test_an_old_version_comes_back_as_a_new_one(town: Town) -> None:
    number = write.create(town.house, ANNA, text())
    write.save(town.house, BERTA, number, text(body="anders"), seen=1)
    assert write.restore(town.house, ANNA, number, version=1, seen=2) == 3
    assert from_json(row_of(town, number)["content"]) == text()
    with pytest.raises(DraftChanged):
        write.restore(town.house, ANNA, number, version=2, seen=2)


def test_a_municipality_keeps_its_own_templates(town: Town) -> None:
    number = write.create(town.house, ANNA, replace(text(), expires=town.clock() + timedelta(days=1)))
    kept = write.keep_template(town.house, ANNA, number, "  Unser   Rohrbruch ")
    assert write.keep_template(town.house, ANNA, number, "Unser Rohrbruch") == kept
    with town.store.read() as session:
        made = write.of_template(session, "huertgenwald", kept, town.clock())
        assert write.of_template(session, "nachbar", kept, town.clock()) is None
    assert made.texts == text().texts
    assert made.expires > town.clock() + timedelta(days=13)
    assert not write.rename_template(town.house, Author("nachbar", 7), kept, "Weg")
    assert write.rename_template(town.house, ANNA, kept, "Rohrbruch klein")
    with town.store.read() as session:
        assert [one["name"] for one in patterns.listed(session, "huertgenwald")] == ["Rohrbruch klein"]
    assert write.drop_template(town.house, ANNA, kept)
    assert not write.drop_template(town.house, ANNA, kept)


def test_drafts_are_found_by_state_words_and_club(town: Town) -> None:
    made = [write.create(town.house, ANNA, text(title)) for title in ("Sommerfest am See", "100 % Rohrbruch", "Fest")]
    write.create(town.house, CLUB, text("Vereinsfest"))
    with town.store.begin() as session:
        drafts.move(session, drafts.by_id(session, made[2]), State.REVIEW)

    def found(states=(), words=(), **more: int) -> set[str]:
        with town.store.read() as session:
            return {row["title"] for row in drafts.found(session, "huertgenwald", states, words, **more)}

    assert found(words=["FEST"]) == {"Sommerfest am See", "Fest", "Vereinsfest"}
    assert found(words=["fest", "see"]) == {"Sommerfest am See"}
    assert found(words=["%"]) == {"100 % Rohrbruch"}
    assert found([State.REVIEW.value]) == {"Fest"}
    assert found(club=CLUB.account) == {"Vereinsfest"}
    with town.store.read() as session:
        assert drafts.found(session, "nachbar", ()) == []
        assert drafts.counts(session, "huertgenwald") == {"draft": 3, "review": 1}
        assert drafts.counts(session, "huertgenwald", club=CLUB.account) == {"draft": 1}


def test_places_that_a_form_offers(town: Town) -> None:
    with town.store.begin() as session:
        path = towns.get(session, "huertgenwald")["path"]
        rows = [(f"{path}/{kind}:{name.lower()}", kind, name) for kind, name in
                (("street", "Ahornweg"), ("district", "Gey"), ("zone", "B1"))]  # fmt: skip
        towns.add_places(session, "huertgenwald", rows)
        session.execute(update(place).where(place.c.name == "Ahornweg").values(lat=50.71, lon=6.41))
    with town.store.read() as session:
        assert [row["name"] for row in finding.parts(session, "huertgenwald")] == ["B1", "Gey"]
        (spot,) = finding.spots(session, "huertgenwald")
        assert (spot["name"], spot["lon"], spot["lat"]) == ("Ahornweg", 6.41, 50.71)


def test_a_picture_is_drawn_anew_small_upright_and_without_where_it_was_taken(town: Town) -> None:
    values = {"id": "nachbar", "name": "Nachbar", "path": "053580020020", "language": "de", "zone": "Europe/Berlin",
              "colour": "#1d4f91"}  # fmt: skip
    with town.store.begin() as session:
        towns.add(session, values, town.clock())
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side
    exif[0x010E] = "SECRET PLACE"
    data = picture((2400, 1200), kind="JPEG", exif=exif)
    made = attach.attach(town.house, "huertgenwald", data, "Die Baustelle")
    with town.store.read() as session:
        content = attachments.content(attachments.get(session, "huertgenwald", made.name))
        assert attachments.get(session, "nachbar", made.name) is None
    shown = Image.open(io.BytesIO(content))
    assert (shown.format, shown.size, len(shown.getexif())) == ("JPEG", (800, 1600), 0)
    assert b"SECRET" not in content
    assert (made.media_type, made.title, made.size) == ("image/jpeg", "Die Baustelle", len(content))
    assert attach.attach(town.house, "huertgenwald", data).name == made.name
    assert attach.attach(town.house, "nachbar", data).name != made.name


def test_what_is_clear_stays_clear(village: Town) -> None:
    made = attach.attach(village.house, "huertgenwald", picture(mode="RGBA"))
    assert made.media_type == "image/png"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kind"), (b"\xff\xd8\xff" + b"x" * 100, "broken"),
        (b"%PDF-1.7 no end", "broken"), (b"\xff\xd8\xff" + b"x" * (8 * 1024 * 1024), "large"),
        (b"%PDF-1.7" + b"x" * (5 * 1024 * 1024) + b"%%EOF", "large"), (picture((9000, 9000), "1"), "pixels"),
        (b"MZ\x90", "kind"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_what_cannot_go_along_is_refused_with_its_reason(village: Town, data: bytes, why: str) -> None:
    with pytest.raises(FileRefused) as found:
        attach.attach(village.house, "huertgenwald", data)
    assert found.value.why == why
    with village.store.read() as session:
        assert session.execute(select(attachment)).first() is None


def test_files_are_for_all_when_published_and_go_when_nothing_names_them(town: Town) -> None:
    def exists(name: str) -> bool:
        with town.store.read() as session:
            return attachments.get(session, "huertgenwald", name) is not None

    used, lost = (attach.attach(town.house, "huertgenwald", picture(size)) for size in ((10, 10), (20, 20)))
    pdf = attach.attach(town.house, "huertgenwald", b"%PDF-1.7\n%%EOF")
    number = write.create(town.house, ANNA, replace(text(), attachments=(used,)))
    write.save(town.house, ANNA, number, replace(text(), attachments=(pdf,)), seen=1)  # a version still names it
    with town.store.read() as session:
        assert attachments.published(session, pdf.name) is None
    with town.store.begin() as session:
        content = drafts.by_id(session, number)["content"]
        session.execute(update(table).where(table.c.id == number).values(published=content))
    with town.store.read() as session:
        assert attachments.published(session, pdf.name)["media_type"] == "application/pdf"
        assert attachments.published(session, used.name) is None
    sweep.forget(town.house)
    assert exists(lost.name)
    town.clock.forward(days=3)
    sweep.forget(town.house)
    assert (exists(used.name), exists(pdf.name), exists(lost.name)) == (True, True, False)


@pytest.mark.parametrize("lang", ["de", "en"])
@pytest.mark.parametrize("key", sorted(blanks()))
def test_a_template_of_the_program_lacks_nothing_but_what_it_asks_for(village: Town, key: str, lang: str) -> None:
    made = blanks()[key].draft("huertgenwald", lang, village.clock())
    found = problems(made, Desk("Europe/Berlin"), village.clock())
    assert {one.fault for one in found} <= {Fault.PLACEHOLDER, Fault.NOWHERE}
    assert Fault.PLACEHOLDER in {one.fault for one in found}
    assert made.texts[0].lang == lang
    assert made.texts[0] == blanks()[key].text(lang)


def test_there_is_a_template_for_what_happens() -> None:
    assert list(blanks())[:2] == ["burst-pipe", "boil-water"]
    assert blanks().keys() >= {
        "power-cut", "road-closure", "bomb-disposal", "flood", "missing-bins", "office-closed", "event", "heat", "smoke",
    }  # fmt: skip
    assert {one.name("en") for one in blanks().values()}.isdisjoint(one.name("de") for one in blanks().values())
