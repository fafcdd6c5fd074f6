"""The pages of a notice's way out, as an author, an editor and an approver see them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from fakes.drafts import HERE, Desk, desk, ordinary, warning
from fakes.people import PASSWORD, account, code, session_of

from hub.core.clubs import Bounds, Trust
from hub.core.draft import Mode
from hub.core.notice import NoticeText
from hub.core.permission import Grant, Role
from hub.core.release import Act
from hub.core.subscription import Criteria
from hub.jobs import sign_in
from hub.jobs.sign_in import of_token
from hub.jobs.tell import id_in

COOKIE = "__Host-ortsruf-session"


@pytest.fixture
def hall(village) -> Desk:
    return desk(village)


def comes(hall: Desk, pages, who: int, **more: str) -> None:
    pages.client.set_cookie(COOKIE, session_of(hall.town, who, **more), domain="ortsruf.example", secure=True)


def at(number: int, rest: str = "") -> str:
    return f"/verwaltung/{HERE}/mitteilungen/{number}{rest}"


def form_of(page: str, act: str) -> dict[str, str]:
    """Return the fields of the form that does ``act``, as a browser would send them."""
    forms = re.findall(r"<form method=\"post\".*?</form>", page, re.DOTALL)
    found = next(one for one in forms if f'value="{act}"' in one)
    fields = {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', found)}
    return fields | {
        name: unescape(value)
        for name, value in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', found, re.DOTALL)
    }


def press(pages, page: str, act: str, where: str, **fields: str):
    shown = pages.get(page)
    assert shown.status_code == 200, shown.status_code
    return pages.post(where, form_of(shown.text, act) | fields)


def test_from_the_authors_draft_to_residents_with_two_people(hall, pages) -> None:
    hall.town.person(Criteria(topics=("warnings",)))
    number = hall.begin(warning())
    comes(hall, pages, hall.author)
    shown = pages.get(at(number)).text
    assert "An Bürgerinnen und Bürger senden" not in shown
    assert press(pages, at(number), "submit", at(number, "/tun")).status_code == 303
    assert "zweite Person" in pages.get(at(number)).text
    comes(hall, pages, hall.approver)
    assert "Lesen und freigeben" in pages.get(at(number)).text
    page = pages.get(at(number, "/freigabe")).text
    assert "An Bürgerinnen und Bürger senden" in page
    assert hall.row(number)["hash"][:8] in page
    assert "Geht an weniger als fünf Menschen." in page
    assert "Am Samstag um zehn." in page
    answer = press(pages, at(number, "/freigabe"), "approve", at(number, "/tun"))
    assert answer.status_code == 303
    countdown = pages.get(answer.location).text
    assert 'data-left="10"' in countdown
    assert '<noscript><meta http-equiv="refresh"' in countdown
    assert form_of(countdown, "abort")
    hall.wait(10)
    assert hall.town.push.told() == [("new", "Trinkwasser abkochen")]
    assert "Veröffentlicht" in pages.get(at(number)).text


def test_anybody_may_stop_it_while_it_counts_down(hall, pages) -> None:
    number = hall.begin(ordinary())
    hall.act(number, Act.RELEASE)
    comes(hall, pages, hall.author)
    assert press(pages, at(number), "abort", at(number, "/tun")).status_code == 303
    assert hall.state(number) == "draft"
    assert "Es wurde nichts gesendet" in pages.get(at(number)).text


def test_a_warning_wants_a_second_factor_of_a_moment_ago(hall, pages) -> None:
    number = hall.begin(warning())
    hall.act(number, Act.SUBMIT)
    comes(hall, pages, hall.approver)
    hall.town.clock.forward(minutes=11)
    again = press(pages, at(number, "/freigabe"), "approve", at(number, "/tun"))
    assert "proof_code" in again.text
    assert hall.state(number) == "review"
    fields = form_of(again.text, "approve")
    fields |= {"proof_password": PASSWORD, "proof_code": code(hall.town)}
    proved = pages.post(f"/anmelden/nochmal?next={at(number, '/tun')}", fields)
    assert proved.status_code == 307
    assert pages.post(proved.location, fields).status_code == 303
    assert hall.state(number) == "scheduled"


def test_a_directorys_word_alone_is_no_second_factor(hall, pages) -> None:
    """Signed in by a second factor long ago, and proved since by a directory that asked for a password only."""
    number = hall.begin(warning())
    hall.act(number, Act.SUBMIT)
    token = session_of(hall.town, hall.approver)
    hall.town.clock.forward(minutes=11)
    sign_in.proved(hall.town.house, of_token(hall.town.house, token), factor=False)
    pages.client.set_cookie(COOKIE, token, domain="ortsruf.example", secure=True)
    assert "proof_code" in press(pages, at(number, "/freigabe"), "approve", at(number, "/tun")).text
    assert hall.state(number) == "review"


def test_a_double_click_and_a_browsers_retry_act_once(hall, pages) -> None:
    number = hall.begin(ordinary())
    comes(hall, pages, hall.editor)
    fields = form_of(pages.get(at(number, "/freigabe")).text, "release")
    first = pages.post(at(number, "/tun"), fields)
    hall.act(number, Act.ABORT)
    second = pages.post(at(number, "/tun"), fields)
    assert (first.status_code, first.location) == (second.status_code, second.location) == (303, at(number))
    assert hall.state(number) == "draft"
    fields.pop("once")
    assert pages.post(at(number, "/tun"), fields).status_code == 400


def test_what_was_changed_meanwhile_is_not_released(hall, pages) -> None:
    number = hall.begin(ordinary())
    comes(hall, pages, hall.editor)
    fields = form_of(pages.get(at(number, "/freigabe")).text, "release")
    hall.write(number, contact="anders")
    answer = pages.post(at(number, "/tun"), fields)
    assert answer.status_code == 409
    assert "inzwischen geändert" in answer.text
    assert hall.state(number) == "draft"


def test_a_test_looks_like_none_of_the_real_ones(hall, pages) -> None:
    number = hall.begin(warning(mode=Mode.TEST))
    comes(hall, pages, hall.editor)
    page = pages.get(at(number)).text
    assert "<h1>PROBEWARNUNG: Trinkwasser abkochen</h1>" in page
    assert "trial-frame" in page
    assert "An Bürgerinnen und Bürger senden" not in page
    assert pages.get(at(number, "/freigabe")).status_code == 303
    assert pages.get(at(number, "/allein")).status_code == 303
    real = hall.begin(warning())
    assert "trial-frame" not in pages.get(at(real)).text
    assert "PROBEWARNUNG" not in pages.get(at(real)).text


def test_breaking_the_glass_asks_why(hall, pages) -> None:
    number = hall.begin(warning(), hall.editor)
    comes(hall, pages, hall.editor)
    short = press(pages, at(number, "/allein"), "break-glass", at(number, "/tun"), reason="eilt")
    assert short.status_code == 400
    assert "Bitte geben Sie mit ein paar Worten einen Grund an." in short.text
    done = press(pages, at(number, "/allein"), "break-glass", at(number, "/tun"), reason="Leitstelle ruft, Nacht")
    assert done.status_code == 303
    assert "ohne zweite Person freigegeben" in pages.get(at(number)).text


def test_an_all_clear_takes_two_clicks_and_may_be_reworded(hall, pages) -> None:
    hall.town.person(Criteria(topics=("warnings",)))
    number = hall.begin(warning())
    hall.publish(number)
    comes(hall, pages, hall.editor)
    page = pages.get(at(number, "/ende?sort=all-clear")).text
    assert 'value="Entwarnung: Trinkwasser abkochen"' in page
    fields = form_of(page, "withdraw")
    assert fields["body.de"].startswith("Die Gefahr ist vorbei.")
    fields["body.de"] = "Sie können das Wasser wieder trinken."
    assert pages.post(at(number, "/tun"), fields | {"title.de": ""}).status_code == 400
    assert pages.post(at(number, "/tun"), fields).status_code == 303
    hall.town.run()
    assert hall.town.push.told()[-1] == ("withdrawn", "Entwarnung: Trinkwasser abkochen")
    assert "Sie können das Wasser wieder trinken." in pages.get(at(number)).text


def test_residents_read_it_on_a_page_of_its_own(hall, pages) -> None:
    number = hall.begin(warning(contact="Wasserwerk"))
    hall.publish(number)
    page = pages.get(f"/{HERE}/n/{id_in(hall.row(number), HERE)}")
    assert page.status_code == 200
    assert "Trinkwasser abkochen" in page.text
    assert "Am Samstag um zehn." in page.text
    hall.act(number, Act.WITHDRAW, words=(NoticeText("de", "Entwarnung", "Alles gut."),))
    hall.town.run()
    page = pages.get(f"/{HERE}/n/{id_in(hall.row(number), HERE)}")
    assert "Alles gut." in page.text


def test_what_has_ended_by_itself_is_over(hall, pages) -> None:
    number = hall.begin(ordinary(expires=hall.town.clock() + timedelta(hours=1)))
    hall.publish(number)
    comes(hall, pages, hall.editor)
    assert "Veröffentlicht" in pages.get(at(number)).text
    hall.town.clock.forward(hours=2)
    comes(hall, pages, hall.editor)
    assert "Veröffentlicht" not in pages.get(at(number)).text
    assert "Vorbei" in pages.get(at(number)).text


def test_a_false_alarm_has_words_of_its_own(hall, pages) -> None:
    number = hall.begin(warning())
    hall.publish(number)
    comes(hall, pages, hall.editor)
    assert 'value="Fehlalarm: Trinkwasser abkochen"' in pages.get(at(number, "/ende?sort=false-alarm")).text


@pytest.mark.parametrize(("sort", "begins"), [("correction", "Berichtigung: "), ("extension", "Verlängert: ")])
def test_a_follow_up_is_prepared_by_one_click(hall, pages, sort: str, begins: str) -> None:
    number = hall.begin(ordinary())
    hall.publish(number)
    comes(hall, pages, hall.editor)
    fields = form_of(pages.get(at(number)).text, sort)
    for _ in range(2):  # twice: it is headed once
        assert pages.post(at(number, "/folge"), fields).status_code == 303
    assert hall.state(number) == "draft"
    page = pages.get(at(number, "/freigabe")).text
    assert f'<ins lang="de">{begins}Freibad öffnet</ins>' in page
    assert '<del lang="de">Freibad öffnet</del>' in page


def test_a_club_sees_its_own_and_nothing_else(hall, pages) -> None:
    bounds = Bounds("events", Trust.DIRECT, 2)
    club = account(hall.town, "verein@example.org", Grant(Role.CLUB, HERE, bounds))
    other = account(hall.town, "anderer@example.org", Grant(Role.CLUB, HERE, bounds))
    own = hall.begin(ordinary("Sommerfest", topic="events"), club, club="events")
    strange = hall.begin(ordinary("Konzert", topic="events"), other, club="events")
    comes(hall, pages, club)
    assert pages.get(at(strange)).status_code == 403
    assert pages.get(at(hall.begin(ordinary()))).status_code == 403
    assert press(pages, at(own, "/freigabe"), "release", at(own, "/tun")).status_code == 303
    assert hall.state(own) == "scheduled"


def test_what_is_written_elsewhere_is_not_found(hall, pages) -> None:
    comes(hall, pages, hall.editor)
    for rest in ("", "/freigabe", "/allein", "/ende"):
        assert pages.get(at(4711, rest)).status_code == 404


def test_whoever_writes_markup_is_quoted(hall, pages) -> None:
    number = hall.begin(ordinary("<script>alert(1)</script>"))
    comes(hall, pages, hall.editor)
    assert "<script>alert" not in pages.get(at(number)).text


def test_a_clubs_desk_previews_its_own_and_nothing_else(hall, pages) -> None:
    club = account(hall.town, "verein@example.org", Grant(Role.CLUB, HERE, Bounds("events", Trust.DIRECT, 2)))
    own = hall.begin(ordinary("Sommerfest", topic="events"), club, club="events")
    strange = hall.begin(warning())
    comes(hall, pages, club)
    for rest in ("/vorschau", "/fassungen"):
        assert pages.get(at(own, rest)).status_code == 200, rest
        assert pages.get(at(strange, rest)).status_code == 404, rest
