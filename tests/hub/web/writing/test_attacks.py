"""What somebody tries who may sign in, or whose browser another site drives: each door alone, before the real pages."""

from __future__ import annotations

import re
from html import unescape

import pytest
from fakes.drafts import HERE, Desk, desk, warning
from fakes.people import session_of, token_in

from hub.core.draft import Attachment
from hub.core.permission import Grant, Role
from hub.core.release import Act
from hub.core.subscription import Criteria
from hub.jobs import people
from hub.store import attachments, grants
from tests.hub.web.conftest import Pages

COOKIE = "__Host-ortsruf-session"
AT = f"/verwaltung/{HERE}/mitteilungen"


@pytest.fixture
def hall(village) -> Desk:
    made = desk(village)
    village.person(Criteria(topics=("warnings", "news", "events")))
    return made


@pytest.fixture
def app(pages):
    return pages.client.application


class One(Pages):
    """Somebody signed in, with a browser of their own."""

    def __init__(self, hall: Desk, app, who: int) -> None:
        super().__init__(hall.town, app.test_client())
        self.client.set_cookie(COOKIE, session_of(hall.town, who), domain="ortsruf.example", secure=True)

    def form(self, path: str, act: str) -> dict[str, str]:
        """Return the fields of the form of a page that does ``act``, as it stands there."""
        forms = re.findall(r"<form method=\"post\".*?</form>", self.get(path).text, re.DOTALL)
        found = next((one for one in forms if f'value="{act}"' in one), "")
        return {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', found)}

    def forged(self, number: int, act: Act, seen: str) -> dict[str, str]:
        """Make a form that no page offered."""
        return {"csrf_token": token_in(self.get("/konto").text), "once": "x" * 20, "act": act.value, "seen": seen}

    def does(self, number: int, fields: dict[str, str]) -> int:
        return self.post(f"{AT}/{number}/tun", fields).status_code


def submitted(hall: Desk, by: int = 0) -> int:
    number = hall.begin(warning(), by)
    hall.act(number, Act.SUBMIT, by or hall.author)
    return number


def role(hall: Desk, who: int, wanted: Role) -> None:
    with hall.town.store.begin() as session:
        grants.add(session, who, Grant(wanted, HERE), hall.town.clock())


def told(hall: Desk) -> list[tuple[str, str]]:
    """Return what the resident heard after half a minute; letters to the office go by mail."""
    hall.wait()
    return hall.town.push.told()


# ---- nobody releases what they wrote, in whatever order (A-05) ----


def test_an_author_who_approves_too_does_not_approve_their_own(hall, app) -> None:
    role(hall, hall.author, Role.APPROVER)
    number = submitted(hall)
    author = One(hall, app, hall.author)
    assert author.form(f"{AT}/{number}/freigabe", "approve") == {}
    assert author.does(number, author.forged(number, Act.APPROVE, hall.row(number)["hash"])) == 409
    assert (hall.state(number), told(hall)) == ("review", [])


def test_a_role_given_after_writing_or_taken_and_given_back_makes_no_second_person(hall, app) -> None:
    number = submitted(hall)
    role(hall, hall.author, Role.APPROVER)
    author = One(hall, app, hall.author)
    with hall.town.store.read() as session:
        row = next(one for one in grants.rows_of(session, hall.author) if one["role"] == Role.AUTHOR)
    people.take(hall.town.house, "command", row)  # approver only: nothing of the writing is forgotten by that
    assert author.does(number, author.forged(number, Act.APPROVE, hall.row(number)["hash"])) == 409
    role(hall, hall.author, Role.AUTHOR)
    assert author.does(number, author.forged(number, Act.APPROVE, hall.row(number)["hash"])) == 409
    assert (hall.state(number), told(hall)) == ("review", [])


def test_an_approvers_role_that_is_taken_is_gone_and_one_given_back_counts_again(hall, app) -> None:
    number = submitted(hall)
    approver = One(hall, app, hall.approver)
    fields = approver.form(f"{AT}/{number}/freigabe", "approve")
    with hall.town.store.read() as session:
        row = grants.rows_of(session, hall.approver)[0]
    people.take(hall.town.house, "command", row)
    assert approver.does(number, fields) == 404
    assert hall.state(number) == "review"
    role(hall, hall.approver, Role.APPROVER)
    again = One(hall, app, hall.approver)
    assert again.does(number, again.form(f"{AT}/{number}/freigabe", "approve")) == 303
    assert hall.state(number) == "scheduled"


def test_nobody_makes_themselves_an_approver(hall, app) -> None:
    role(hall, hall.author, Role.OPERATOR)
    author = One(hall, app, hall.author)
    page = f"/verwaltung/{HERE}/personen"
    fields = {"address": "anna@example.org", "role": "approver"}
    author.post(page, {"csrf_token": token_in(author.get(page).text), **fields})
    hall.town.run()
    with hall.town.store.read() as session:
        held = {one["role"] for one in grants.rows_of(session, hall.author)}
        asked = [
            one["role"]
            for one in grants.open_in(session, HERE, hall.town.clock())
            if one["address"] == "anna@example.org"
        ]
    assert "approver" not in held
    assert asked == []
    number = submitted(hall)
    assert author.does(number, author.forged(number, Act.APPROVE, hall.row(number)["hash"])) == 409


@pytest.mark.parametrize("saved", ["by hand", "by itself", "and put back"])
def test_whoever_approves_and_edited_any_of_it_is_its_writer(hall, app, saved: str) -> None:
    role(hall, hall.approver, Role.AUTHOR)
    number = submitted(hall)
    both = One(hall, app, hall.approver)
    path = f"{AT}/{number}/schreiben" if saved == "by hand" else f"{AT}/{number}/sichern"
    both.post(path, writing(both, number) | {"de.title": "Trinkwasser lange abkochen"})
    if saved == "and put back":
        both.post(f"{AT}/{number}/fassungen/1", {**csrf(both), "seen": str(hall.row(number)["version"])})
        assert hall.row(number)["title"] == "Trinkwasser abkochen"
    hall.act(number, Act.SUBMIT, hall.author)
    assert both.does(number, both.forged(number, Act.APPROVE, hall.row(number)["hash"])) == 409
    assert (hall.state(number), told(hall)) == ("review", [])


# ---- an approval is of one content, and of nothing else ----


def csrf(one: One) -> dict[str, str]:
    return {"csrf_token": token_in(one.get("/konto").text)}


def writing(one: One, number: int) -> dict[str, object]:
    """Return the writing form of a draft as a browser would send it."""
    from tests.hub.web.writing.conftest import filled

    return {name: values if len(values) > 1 else values[0]
            for name, values in filled(one.get(f"{AT}/{number}/schreiben").text).lists()}  # fmt: skip


def _typed(**fields: str):
    def change(hall: Desk, author: One, number: int, form: dict[str, object], way: str = "schreiben") -> None:
        author.post(f"{AT}/{number}/{way}", form | {name.replace("__", "."): text for name, text in fields.items()})

    return change


def _by_itself(hall: Desk, author: One, number: int, form: dict[str, object]) -> None:
    _typed(de__title="Alles gut")(hall, author, number, form, "sichern")


def _restored(hall: Desk, author: One, number: int, form: dict[str, object]) -> None:
    author.post(f"{AT}/{number}/fassungen/1", {**csrf(author), "seen": str(hall.row(number)["version"])})


CHANGES = {
    "by hand": _typed(de__title="Alles gut"), "by itself": _by_itself, "restored": _restored,
    "another time": _typed(send__date="2026-11-24", send__time="03:00"), "milder": _typed(severity="minor"),
    "another area": _typed(drawn="Kreis 50.71, 6.41; 300 m"), "another end": _typed(until__date="2026-12-24"),
    "another picture": _typed(file0__name="b" * 32 + ".jpg", file0__title="Karte"),
}  # fmt: skip


@pytest.mark.parametrize("change", sorted(CHANGES))
@pytest.mark.parametrize("when", ["before the approval", "after it"])
def test_what_was_changed_is_not_what_was_approved(hall, app, change: str, when: str) -> None:
    number = hall.begin(warning(attachments=(picture(hall, "a"),)))
    picture(hall, "b")
    hall.write(number, contact="Wasserwerk")
    hall.act(number, Act.SUBMIT, hall.author)
    author, approver = One(hall, app, hall.author), One(hall, app, hall.approver)
    form, fields = writing(author, number), approver.form(f"{AT}/{number}/freigabe", "approve")
    seen = hall.row(number)["hash"]
    if when == "after it":
        assert approver.does(number, fields) == 303
        CHANGES[change](hall, author, number, form)
        assert (hall.state(number), hall.row(number)["hash"]) == ("scheduled", seen)
        assert told(hall) == [("new", "Trinkwasser abkochen")]
        return
    CHANGES[change](hall, author, number, form)
    assert (hall.state(number), hall.row(number)["hash"] == seen) == ("draft", False)
    assert approver.does(number, fields) == 409
    if change != "milder":
        hall.act(number, Act.SUBMIT, hall.author)
    assert approver.does(number, fields) == 409  # the very form, replayed
    assert told(hall) == []


def picture(hall: Desk, letter: str) -> Attachment:
    made = Attachment(letter * 32 + ".jpg", "Karte", "image/jpeg", 4)
    with hall.town.store.begin() as session:
        attachments.add(session, HERE, made, letter.encode(), hall.town.clock())
    return made


def test_an_approval_replayed_after_an_edit_back_does_nothing(hall, app) -> None:
    number = submitted(hall)
    author, approver = One(hall, app, hall.author), One(hall, app, hall.approver)
    fields = approver.form(f"{AT}/{number}/freigabe", "approve")
    assert approver.does(number, fields) == 303
    author.does(number, author.form(f"{AT}/{number}", "abort"))
    hall.write(number, contact="anders")
    hall.write(number, contact="")
    hall.act(number, Act.SUBMIT, hall.author)
    assert hall.row(number)["hash"] == fields["seen"]
    assert approver.does(number, fields) == 303  # answered as before, and not done again
    assert (hall.state(number), told(hall)) == ("review", [])
