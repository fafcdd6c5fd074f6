"""My Ortsruf: what holds now, the next days, the messages that stay, why they came, and how to get less."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest
from fakes.house import PLACE, news, zone
from fakes.pickups import pickups, with_waste

from hub.core.errors import SourceRefused
from hub.core.notice import NoticeText, Occurrence, PlaceRef, Severity, Status

STORM = replace(
    news("o", topic="warnings", source="x"), kind="cap", severity=Severity.SEVERE,
    texts=(NoticeText("de", "Orkanböen", "Bäume stürzen um.", instruction="Bleiben Sie im Haus."),),
    places=(PlaceRef("ars", PLACE, "Hürtgenwald"),),
)  # fmt: skip


def text(page: str) -> str:
    """Return what a person reads of a page's main part."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def home(pages, token: str, query: str = "") -> str:
    return text(pages.get(f"/m/{token}?lang=de{query}").text)


def warned(pages):
    """Sign up for warnings and news, in a town that has sources of both."""
    pages.town.source("x", "warnings")
    pages.town.source()
    return pages.sign_up(
        warnings="1", warnings__push="1", warnings__severity="moderate", news="1", news__push="1"
    )  # fmt: skip


def test_a_warning_says_level_area_until_when_and_what_to_do_then_that_it_is_over(pages) -> None:
    token = warned(pages)
    storm = replace(STORM, expires=pages.town.clock() + timedelta(hours=9))
    pages.town.poll("x", storm)
    shown = home(pages, token)
    for part in ("Warnungen in Kraft", "Orkanböen", "Stufe Schwer", "Gebiet Hürtgenwald", "Gültig bis Montag, 23. Nov",
                 "Bleiben Sie im Haus."):  # fmt: skip
        assert part in shown, part
    pages.town.poll("x", replace(storm, status=Status.CANCELLED, sent=pages.town.clock()))
    shown = home(pages, token)
    assert "Warnungen in Kraft" not in shown
    assert "Keine Warnungen für Ihre Orte." in shown
    assert "Kürzlich beendet Entwarnung: Orkanböen" in shown
    pages.town.clock.forward(days=3)
    pages.town.run()
    assert "Entwarnung: Orkanböen" not in home(pages, token)


def test_calm_says_since_when_it_is_known_and_of_which_level(pages) -> None:
    token = warned(pages)
    pages.town.clock.forward(minutes=4)
    shown = home(pages, token)
    assert "Keine Warnungen für Ihre Orte. Ihre Auswahl: Mäßig und darüber. Zuletzt geprüft vor 4 Minuten." in shown


def test_a_source_in_trouble_gives_no_false_calm(pages) -> None:
    token = warned(pages)
    pages.town.gatherer.breaks("x", SourceRefused("no"))
    for _ in range(4):
        pages.town.clock.forward(hours=3)
        pages.town.run()
    shown = home(pages, token)
    assert "Keine Warnungen" not in shown
    assert "können uns darauf aber gerade nicht verlassen. Zuletzt geprüft vor" in shown
    assert "nicht; gezeigt ist der Stand von" in shown


def test_who_chose_no_warnings_or_lives_where_nobody_gathers_them_is_told(pages) -> None:
    assert "Sie haben keine Warnungen gewählt." in home(pages, pages.sign_up())
    token = pages.sign_up(warnings="1", warnings__push="1")
    assert "Hier werden noch keine Warnungen gesammelt" in home(pages, token)


def test_the_next_bins_and_the_days_from_today(pages) -> None:
    with_waste(pages.town)
    token = pages.sign_up(
        waste="1", waste__push="1", waste__zone=f"{PLACE}/zone:vossenack", council="1", council__push="1"
    )
    evening = pages.town.clock() + timedelta(hours=6)
    session = Occurrence("m", evening, evening + timedelta(hours=2), location="Rathaus")
    closed = Occurrence("c", date(2026, 11, 1), date(2026, 12, 24))
    pages.town.source("c", "council")
    pages.town.poll(
        "c", news("r", "Ratssitzung", source="c", topic="council", occurrences=(session,)),
        news("k", "Auslegung der Pläne", source="c", topic="council", occurrences=(closed,)),
    )  # fmt: skip
    pages.town.poll("w", pickups(), pickups("p", 24, title="Papier"), pickups("other", 24, "gey", "Biotonne in Gey"))
    shown = home(pages, token)
    assert "Die nächsten Tonnen Dienstag, 24. November 2026 : Papier Mittwoch, 25. November 2026 : Restmüll" in shown
    assert "Heute, Montag, 23. November 2026 18:15 Uhr bis 20:15 Uhr Ratssitzung Ratssitzungen · Rathaus" in shown
    assert "Morgen, Dienstag, 24. November 2026 Papier Abfallabfuhr Mittwoch, 25. November 2026 Restmüll" in shown
    assert "Läuft noch seit Sonntag, 1. November 2026 , bis Mittwoch, 23. Dezember 2026: Auslegung der Pläne" in shown
    assert "Gey" not in shown.partition("Meldungen")[0].partition("Die nächsten Tonnen")[2]


def test_bins_at_several_places_say_whose_they_are(pages) -> None:
    with_waste(pages.town)
    pages.town.poll("w", pickups(), pickups("o", 24, "gey"))
    own = {"waste": "1", "waste__push": "1", "waste__zone": f"{PLACE}/zone:vossenack"}
    parents = {"p2__here": "1", "p2__waste": "1", "p2__waste__push": "1", "p2__waste__zone": f"{PLACE}/zone:gey"}
    alone, both = pages.sign_up(**own), pages.sign_up(**own, **parents)
    pages.town.run()
    assert ": Restmüll Termine" in home(pages, alone)
    shown = home(pages, both)
    assert "24. November 2026 : Restmüll Gey Mittwoch, 25. November 2026 : Restmüll Vossenack" in shown
    assert "Restmüll Abfallabfuhr · Gey" in shown


def test_all_dates_by_week_by_month_and_page_by_page(pages) -> None:
    token = pages.sign_up(events="1", events__push="1", council="1", council__push="1")
    pages.town.source("c", "council")
    days = (date(2026, 11, 24) + timedelta(days=number) for number in range(130))
    sessions = tuple(Occurrence(f"k{number}", day, summary=f"Sitzung {number}") for number, day in enumerate(days))
    pages.town.poll("c", news("r", "Sitzungskalender", source="c", topic="council", occurrences=sessions))
    week = text(pages.get(f"/m/{token}/dates?when=week&lang=de").text)
    assert re.findall(r"Sitzung \d+", week) == [f"Sitzung {n}" for n in range(6)]
    assert "aria-current" in pages.get(f"/m/{token}/dates?when=week&lang=de").text
    first = pages.get(f"/m/{token}/dates?lang=de").text
    assert len(re.findall(r">Sitzung \d+<", first)) == 100
    after = unescape(re.search(r'rel="next" href="([^"]+)"', first)[1])
    rest = pages.get(after).text
    assert re.findall(r">(Sitzung \d+)<", rest) == [f"Sitzung {n}" for n in range(100, 130)]
    assert 'rel="next"' not in rest
    odd = pages.get(f"/m/{token}/dates?when=never&from=yesterday&lang=de")
    assert odd.status_code == 200


def test_what_is_called_off_stays_as_called_off_and_is_no_next_bin(pages) -> None:
    with_waste(pages.town)
    token = pages.sign_up(waste="1", waste__push="1", waste__zone=f"{PLACE}/zone:vossenack")
    off = replace(pickups(), occurrences=(
        replace(pickups().occurrences[0], status=Status.CANCELLED), pickups().occurrences[1],
    ))  # fmt: skip
    pages.town.poll("w", off)
    shown = home(pages, token)
    assert "Die nächsten Tonnen Mittwoch, 9. Dezember 2026 : Restmüll" in shown
    assert "Restmüll Abfallabfuhr · Abgesagt" in shown


def told(pages, token: str) -> dict[str, object]:
    answer = pages.get(f"/m/{token}/glance")
    assert answer.headers["Cache-Control"] == "private, no-store"
    return answer.get_json()


def test_messages_stay_until_they_are_read_one_by_one_or_all_at_once(pages) -> None:
    token = warned(pages)
    pages.town.poll("s1", news("a", "Freibad <öffnet>"), news("b", "Markt"), news("c", "Fest"))
    page = pages.get(f"/m/{token}?lang=de").text
    assert "<title>(3) Mein Ortsruf – Hürtgenwald</title>" in page
    assert "Freibad &lt;öffnet&gt;" in page
    assert told(pages, token)["unread"] == 3
    until = unescape(re.search(r'name="until" value="([^"]+)"', page)[1])
    sent = pages.send(f"/m/{token}", f"/m/{token}/read", notice=news("a").id, until=until, back="home")
    assert sent.location == f"/m/{token}#messages"
    assert told(pages, token)["unread"] == 2
    pages.town.poll("s1", news("a", "Freibad <öffnet>"), news("b", "Markt"), news("c", "Fest"), news("d", "Neueres"))
    sent = pages.send(f"/m/{token}", f"/m/{token}/read", until=until, back="home")
    assert told(pages, token)["unread"] == 1  # what came since the page was shown was not seen
    assert "Alles ist als gelesen markiert." in home(pages, token)
    assert "Freibad" in home(pages, token)


@pytest.mark.parametrize("fields", [{}, {"until": "yesterday"}, {"until": "2026-11-23"}])
def test_what_no_form_of_ours_sends_marks_nothing(pages, fields) -> None:
    token = warned(pages)
    pages.town.poll("s1", news("a", "Freibad öffnet"))
    assert pages.send(f"/m/{token}", f"/m/{token}/read", **fields).status_code == 400
    until = pages.town.clock().isoformat()
    assert pages.send(f"/m/{token}", f"/m/{token}/read", notice="unknown", until=until).status_code == 404
    assert told(pages, token)["unread"] == 1


def test_opening_marks_as_read_where_the_person_is_known_and_nobody_else(pages) -> None:
    token = warned(pages)
    titles = {"a": "Freibad öffnet", "b": "Markt", "c": "Fest"}
    pages.town.poll("s1", *(news(key, title) for key, title in titles.items()))
    public = f"/huertgenwald/n/{news('a').id}"
    stranger = pages.town_client()
    assert stranger.get(public, base_url="https://ortsruf.example").status_code == 200
    assert pages.get(public, headers={"Sec-Purpose": "prefetch"}).status_code == 200
    pages.client.head(public, base_url="https://ortsruf.example")
    assert told(pages, token)["unread"] == 3
    page = pages.get(public).text  # this device remembers the person
    assert f'href="/m/{token}?notice={news("a").id}"' in page
    assert told(pages, token)["unread"] == 2
    opened = stranger.get(f"/m/{token}/n/{news('b').id}", base_url="https://ortsruf.example")
    assert (opened.status_code, opened.location) == (302, f"/huertgenwald/n/{news('b').id}")
    assert told(pages, token)["unread"] == 1
    assert stranger.get(f"/m/{token}/n/unknown", base_url="https://ortsruf.example").status_code == 404
    other = pages.sign_up(council="1", council__push="1")  # now this device is theirs, and the news is not
    assert f"/m/{other}" not in pages.get(f"/huertgenwald/n/{news('c').id}").text
    assert told(pages, token)["unread"] == 1


def test_what_was_opened_while_it_was_muted_is_read_when_it_is_heard_of_again(pages) -> None:
    token = warned(pages)
    pages.town.poll("s1", news("a", "Freibad öffnet"), news("b", "Markt"))
    pages.send(f"/m/{token}", f"/m/{token}/mutes", what="topic:news", back="home")
    pages.get(f"/huertgenwald/n/{news('a').id}")
    pages.send(f"/m/{token}?muted=topic:news", f"/m/{token}/mutes/end", what="topic:news", back="home")
    assert told(pages, token)["unread"] == 1


def test_a_search_finds_words_as_they_are_typed_and_only_new_ones(pages) -> None:
    token = warned(pages)
    pages.town.poll("s1", news("a", "Müllabfuhr verschoben"), news("b", "Markt"))
    found = text(pages.get(f"/m/{token}/inbox?q=muell&lang=de").text)
    assert "1 Meldung mit „muell“" in found
    assert "Markt" not in found
    pages.get(f"/m/{token}/n/{news('a').id}")
    assert "1 Meldung Alles als gelesen markieren Neu Markt" in text(
        pages.get(f"/m/{token}/inbox?unread=1&lang=de").text
    )
    assert "Zu dieser Suche passt nichts." in text(pages.get(f"/m/{token}/inbox?q=xyzzy&lang=de").text)


def test_pages_of_messages_keep_the_search(pages) -> None:
    token = warned(pages)
    for start in (0, 15):
        pages.town.poll("s1", *(news(f"n{n}", f"Meldung {n:02}") for n in range(start + 15)))
    first = pages.get(f"/m/{token}/inbox?q=meldung&lang=de").text
    after = unescape(re.search(r'rel="next" href="([^"]+)"', first)[1])
    second = pages.get(after).text
    titles = [*re.findall(r">(Meldung \d\d)</a>", first), *re.findall(r">(Meldung \d\d)</a>", second)]
    assert sorted(titles) == [f"Meldung {n:02}" for n in range(30)]
    assert "q=meldung" in after
    view = unescape(re.search(r'name="view" value="([^"]+)"', second)[1])
    sent = pages.send(after, f"/m/{token}/mutes", what="topic:news", back="inbox", view=view)
    kept = {*after.partition("?")[2].split("&")} - {"lang=de"}
    assert {*sent.location.partition("?")[2].split("&")} == kept | {"muted=topic%3Anews"}


def test_why_and_less_stand_beside_every_message_and_less_is_undone(pages) -> None:
    with_waste(pages.town)
    pages.town.source("s9", "roads")
    token = pages.sign_up(
        waste="1", waste__push="1", waste__zone=f"{PLACE}/zone:vossenack", roads="1", roads__push="1", roads__near="1"
    )
    pages.town.poll(
        "s9", news("a", "Baustelle", topic="roads", source="s9", places=(zone("vossenack"),), publisher="Kreis")
    )
    shown = home(pages, token)
    assert "Thema Straßensperrungen Ort Vossenack Quelle Kreis Weniger davon:" in shown
    assert told(pages, token)["unread"] == 1
    page = pages.get(f"/m/{token}?lang=de").text
    assert 'href="/huertgenwald/quellen/s9"' in page
    offered = re.findall(r'name="what" value="([^"]+)"', page)
    assert f"place:{PLACE}/zone:vossenack" in offered
    for what, until in ((f"place:{PLACE}/zone:vossenack", "bis Montag, 30. November 2026"),
                        (f"notice:{news('a', source='s9').id}", "bis Sie es zurücknehmen")):  # fmt: skip
        muted = pages.send(f"/m/{token}", f"/m/{token}/mutes", what=what, back="home")
        after = text(pages.get(muted.location + "&lang=de").text)
        assert "Stummgeschaltet:" in after
        assert until in after
        assert told(pages, token)["unread"] == 0
        undone = pages.send(muted.location, f"/m/{token}/mutes/end", what=what, back="home")
        assert undone.location == f"/m/{token}"
        assert told(pages, token)["unread"] == 1


def test_the_link_of_a_message_explains_it_even_when_it_is_muted(pages) -> None:
    token = warned(pages)
    pages.town.poll("s1", news("a", "Freibad öffnet"))
    about = f"&notice={news('a').id}"
    assert "Davon nichts mehr hören? Freibad öffnet" in home(pages, token, about)
    assert "Warum Sie das bekommen Thema Neues Ort Hürtgenwald Quelle" in home(pages, token, about)
    pages.send(f"/m/{token}", f"/m/{token}/mutes", what=f"notice:{news('a').id}", back="home")
    assert "Warum Sie das bekommen" in home(pages, token, about)
    assert "Davon nichts mehr hören?" not in home(pages, token, about)
    assert "Warum Sie das bekommen" not in home(pages, token, "&notice=unknown")


def test_a_glance_says_what_the_page_says(pages) -> None:
    token = warned(pages)
    pages.town.poll("x", replace(STORM, expires=pages.town.clock() + timedelta(hours=9)))
    glance = told(pages, token)
    assert glance == {"unread": 1, "warnings": 1, "checked_at": glance["checked_at"]}
    assert glance["checked_at"] <= pages.town.clock().isoformat()
    pages.town.source("late", "warnings", imported=False)  # never read yet
    assert told(pages, token)["checked_at"] is None
    assert pages.get("/m/forged/glance").status_code == 404


def test_a_new_page_is_kind_and_leads_on(pages) -> None:
    token = pages.sign_up()
    page = pages.get(f"/m/{token}?lang=de").text
    assert "Noch nichts, was zu Ihrer Auswahl passt." in text(page)
    for path in ("/dates", "/inbox", "/settings", "/settings#ways", "/settings#what"):
        assert f'href="/m/{token}{path}"' in page
    assert pages.get(f"/m/{token}").headers["Cache-Control"] == "no-store"
    assert f'href="/m/{token}"' in pages.get("/huertgenwald/").text
    assert f'href="/m/{token}"' in pages.get(f"/m/{token}/welcome").text


def test_the_number_of_questions_does_not_grow_with_the_messages(pages) -> None:
    from sqlalchemy import event

    token = warned(pages)
    asked: list[str] = []
    counts = []
    for several in (2, 10):
        pages.town.poll("s1", *(news(f"n{n}", f"Meldung {n}") for n in range(several)))
        listen = (pages.town.store.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
        event.listen(*listen)
        asked.clear()
        pages.get(f"/m/{token}")
        counts.append(len(asked))
        event.remove(*listen)
    assert counts[0] == counts[1]


def test_a_test_message_goes_out_on_a_way_of_ones_own_a_few_times_an_hour(pages) -> None:
    token = pages.sign_up(news="1", news__mail="now", email="a@example.org")
    pages.town.engine.run_all()
    page = f"/m/{token}/settings"
    action = "/ways/1/test"
    assert action not in pages.get(page).text  # not confirmed yet
    assert pages.send(page, f"/m/{token}{action}").status_code == 404
    confirm = pages.town.mail.sent[0][0].confirm_url
    pages.send(confirm, confirm)
    fresh = pages.get("/huertgenwald/").text.split('href="/m/')[1].partition('"')[0]
    page = f"/m/{fresh}/settings"
    assert action in pages.get(page).text
    pages.town.mail.forget()
    for _ in range(7):
        sent = pages.send(page, f"/m/{fresh}{action}")
        assert sent.location == f"{page}#ways"
    assert "oft genug" in pages.get(f"{page}?lang=de").text
    pages.town.engine.run_all()
    assert pages.town.mail.told() == [("test", "")] * 5
    other = pages.sign_up()
    assert pages.send(f"/m/{other}/settings", f"/m/{other}{action}").status_code == 404
