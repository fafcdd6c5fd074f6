"""What the calendar says in its own words, in German and English; other languages get English."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from hub.core.message import Reason

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language; ``{}`` takes the value."""

    cancelled: str
    until: str
    reminder: str
    why: str
    place: str
    words: str
    cpv: str
    km: str
    details: str
    source: str
    description: str
    clock: str
    decimal: str
    topics: dict[str, str] = field(default_factory=dict)


GERMAN = Texts(
    cancelled="ABGESAGT: {}",
    until="Frist: bis {}",
    reminder="Ihre Erinnerung: {}",
    why="Sie bekommen diesen Termin, weil er zu Ihrer Auswahl passt: {}",
    place="Ort {}",
    words="Stichwort {}",
    cpv="CPV {}",
    km="{} km von Ihrem Punkt",
    details="Mehr dazu: {}",
    source="Quelle: {}",
    description="Termine von {}. Änderungen und Absagen erscheinen von selbst.",
    clock="{0.day}. {0.month}. {0.year}, {0.hour:02}:{0.minute:02} Uhr",
    decimal=",",
    topics={
        "waste": "Abfall",
        "roads": "Straßen und Baustellen",
        "council": "Rat und Ausschüsse",
        "weather": "Wetter und Warnungen",
        "news": "Nachrichten",
        "clubs": "Vereine",
        "events": "Veranstaltungen",
        "jobs": "Stellenangebote",
        "lost": "Fundsachen",
        "tenders": "Ausschreibungen",
    },
)

ENGLISH = Texts(
    cancelled="CANCELLED: {}",
    until="Deadline: {}",
    reminder="Your reminder: {}",
    why="You get this date because it matches your choice: {}",
    place="place {}",
    words="keyword {}",
    cpv="CPV {}",
    km="{} km from your point",
    details="More: {}",
    source="Source: {}",
    description="Dates from {}. Changes and cancellations appear by themselves.",
    clock="{0.day} {1} {0.year}, {0.hour:02}:{0.minute:02}",
    decimal=".",
    topics={
        "waste": "Waste collection",
        "roads": "Roads and works",
        "council": "Council and committees",
        "weather": "Weather and warnings",
        "news": "News",
        "clubs": "Clubs",
        "events": "Events",
        "jobs": "Job offers",
        "lost": "Lost and found",
        "tenders": "Tenders",
    },
)


def texts(language: str) -> Texts:
    """Return the words for a BCP 47 ``language``."""
    return GERMAN if language.partition("-")[0].lower() == "de" else ENGLISH


def topic_label(topic: str, words: Texts) -> str:
    """Return the topic's name; a topic that a plug-in brought is shown by its own word."""
    return words.topics.get(topic) or topic.replace("-", " ").capitalize()


def clock(moment: datetime, words: Texts) -> str:
    """Write a local date and time in words that a citizen reads."""
    return words.clock.format(moment, _MONTHS[moment.month - 1])


def why(reason: Reason, words: Texts) -> str:
    """Say in one line why a notice is in this calendar."""
    parts = [topic_label(reason.topic, words)] if reason.topic else []
    if reason.place:
        parts.append(words.place.format(reason.place))
    parts += [words.words.format(one) for one in reason.words]
    parts += [words.cpv.format(one) for one in reason.cpv]
    if reason.km is not None:
        parts.append(words.km.format(f"{reason.km:.1f}".replace(".", words.decimal)))
    return words.why.format(", ".join(parts)) if parts else ""
