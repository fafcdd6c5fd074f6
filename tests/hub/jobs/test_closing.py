"""A digest begins with what closes within the week, also with what it told before; nobody else hears of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fakes.house import PLACE, Town, news

from hub.core.message import Change, Recipient, Site
from hub.core.notice import Occurrence
from hub.core.subscription import Action, Criteria
from push.mail.render import render

SITE = Site("https://ortsruf.example", "Hürtgenwald", "rathaus@example.org", slug="huertgenwald")


def tender(town: Town, key: str, title: str, days: float):
    closes = town.clock() + timedelta(days=days)
    made = news(key, title, topic="tenders", sent=town.clock(), deadline=closes, expires=closes, body="Ausführlich.",
                occurrences=(Occurrence("deadline", closes),))  # fmt: skip
    return replace(made, kind="tenders")


def digest_of(town: Town, days: float) -> list[tuple[Recipient, object]]:
    town.mail.forget()
    town.clock.forward(days=days)
    town.run()
    return [pair for pair in town.mail.sent if pair[1].change is Change.DIGEST]


def test_what_closes_soon_comes_first_and_again(town: Town) -> None:
    wish = Criteria(topics=("tenders",), places=(PLACE,), words=("dach",))
    town.person(wish, ("mail", Action.DIGEST, ""), channel="mail")
    town.person(Criteria(topics=("tenders",), places=(PLACE,)), ("webpush", Action.NOW, ""))
    town.source(topic="tenders")
    soon, late = tender(town, "soon", "Dach der Schule", 9), tender(town, "late", "Dach der Halle", 40)
    other = tender(town, "other", "Schulbus", 4)
    town.poll("s1", soon, late, other)
    ((_, first),) = digest_of(town, 1)
    assert [one.notice.title for one in first.entries] == ["Dach der Schule", "Dach der Halle"]
    assert not digest_of(town, 2), "nothing new: no digest only to repeat"
    quick = tender(town, "quick", "Dach des Bauhofs", 2)
    town.poll("s1", soon, late, other, quick)
    ((recipient, second),) = digest_of(town, 1)
    told = [(one.notice.title, one.change) for one in second.entries]
    assert told == [("Dach des Bauhofs", Change.NEW), ("Dach der Schule", Change.REMINDER)]
    text = render(second, recipient, SITE).body.decode()
    assert "Diese Woche endet die Frist" in text
    assert text.index("Diese Woche") < text.index("Bauhof") < text.index("Dach der Schule")
    assert "1 Meldung" in text.partition("\r\n\r\n")[0]
