"""The accessibility statement, reports to the editor, and the looks of a municipality in its pages."""

from __future__ import annotations

from fakes.house import news
from sqlalchemy import select

from hub.jobs import sweep
from hub.jobs.contact import set_contact
from hub.jobs.dress import dress
from hub.store import views
from hub.store.schema import notice_alias

WORDS = {"sort": "barrier", "words": "Die Karte lässt sich nicht mit der Tastatur bedienen."}
FORM = "/huertgenwald/rueckmeldung"


def edited(pages) -> None:
    set_contact(pages.town.house, "huertgenwald", "redaktion@example.org")


def test_the_statement_says_what_is_known_and_whom_to_turn_to(pages) -> None:
    page = pages.get("/huertgenwald/barrierefreiheit").text
    for part in (
        "teilweise vereinbar",
        "PDF-Dateien",
        "Leichter Sprache",
        "26. November 2026",
        'href="/huertgenwald/rueckmeldung"',
    ):
        assert part in page
    dress(
        pages.town.house, "huertgenwald",
        {"barriers": "Die Karte.\n\nDas Video.", "enforcement": "Ombudsstelle <NRW>", "easy_url": "https://example.org/leicht"},
    )  # fmt: skip
    page = pages.get("/huertgenwald/barrierefreiheit").text
    assert '<li><span lang="de">Die Karte.</span></li>' in page
    assert '<li><span lang="de">Das Video.</span></li>' in page
    assert "Ombudsstelle &lt;NRW&gt;" in page
    assert "keine Erläuterungen in Leichter Sprache" not in page
    assert pages.get("/nowhere/barrierefreiheit").status_code == 404


def test_a_report_reaches_the_editors_mailbox_and_stands_nowhere(pages) -> None:
    edited(pages)
    pages.town.source()
    made = news()
    pages.town.poll("s1", made)
    page = pages.get(f"{FORM}?notice={made.id}").text
    assert made.title in page
    answer = pages.send(FORM, FORM, sort="error", words="Es ist der 2. Mai.", email="a@example.org", notice=made.id)
    assert answer.location == f"{FORM}/danke"
    assert "unterwegs" in pages.get(answer.location).text
    pages.town.run()
    sent = [message for recipient, message in pages.town.mail.sent if recipient.address == "redaktion@example.org"]
    text = sent[0].entries[0].notice.text("de")
    assert text.title == "Jemand meldet einen Fehler"
    for part in (made.title, f"/n/{made.id}", "Es ist der 2. Mai.", "a@example.org"):
        assert part in text.body
    assert len(sent) == 1
    for days, kept in ((89, 1), (2, 0)):
        pages.town.clock.forward(hours=24 * days)
        sweep.retain(pages.town.house)
        with pages.town.store.read() as session:
            assert (
                len(session.scalars(select(notice_alias.c.key).where(notice_alias.c.key.startswith("report:"))).all())
                == kept
            )
    with pages.town.store.read() as session:
        shown = views.recent(session, "huertgenwald", pages.town.clock(), most=50)
    assert [one["topic"] for one in shown] == ["news"]


def test_what_is_missing_is_said_and_what_was_typed_stays(pages) -> None:
    edited(pages)
    answer = pages.send(FORM, FORM, words="", email="kaputt")
    assert answer.status_code == 400
    for part in ("worum es geht", "was nicht stimmt", "nicht vollständig", 'value="kaputt"'):
        assert part in answer.text
    assert pages.send(FORM, FORM, **{**WORDS, "words": "x" * 2001}).status_code == 400
    assert pages.town.mail.sent == []


def test_reports_are_few_from_one_connection(pages) -> None:
    edited(pages)
    codes = [pages.send(FORM, FORM, **WORDS).status_code for _ in range(6)]
    assert codes == [303] * 5 + [429]
    pages.town.clock.forward(hours=1)
    assert pages.send(FORM, FORM, **WORDS).status_code == 303


def test_without_an_editor_the_page_says_whom_to_turn_to_instead(pages) -> None:
    page = pages.get(FORM).text
    assert "<form" not in page
    assert "Rathaus" in page
    dress(pages.town.house, "huertgenwald", {"imprint_url": "https://example.org/impressum"})
    assert 'href="https://example.org/impressum"' in pages.get(FORM).text


def test_a_notice_that_is_not_there_is_not_named(pages) -> None:
    edited(pages)
    assert "Es geht um:" not in pages.get(f"{FORM}?notice=nothing").text


def test_header_and_footer_lead_where_the_municipality_says(pages) -> None:
    logo = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>'
    given = {"colour": "#006633", "easy_url": "https://example.org/leicht", "sign_url": "https://example.org/dgs"}
    row = dress(pages.town.house, "huertgenwald", {**given, "imprint_url": "https://example.org/impressum"}, logo)
    page = pages.get("/huertgenwald/").text
    for part in (
        "/theme/006633.css",
        "https://example.org/leicht",
        "https://example.org/dgs",
        "https://example.org/impressum",
    ):
        assert part in page
    assert f'src="/logo/{row["logo"]}"' in page
    answer = pages.get(f"/logo/{row['logo']}")
    assert (answer.data, answer.mimetype) == (logo, "image/svg+xml")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "immutable" in answer.headers["Cache-Control"]
    assert pages.get("/logo/unknown.svg").status_code == 404
