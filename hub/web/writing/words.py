"""What the writing pages say of faults, levels and states; one place, so that form, list and release say the same."""

from __future__ import annotations

from collections.abc import Mapping

from hub.core.draft import Certainty, Urgency
from hub.core.drawing import Flaw
from hub.core.missing import Fault, Problem
from hub.core.notice import Severity
from hub.core.readability import Obstacle
from hub.core.release import State
from hub.web.desk import language


def _(message: str) -> str:
    return message


SEVERITIES: Mapping[Severity, tuple[str, str]] = {  # in plain words, and what that means
    Severity.UNKNOWN: (_("Just a message"), _("No warning: an event, opening hours, news.")),
    Severity.MINOR: (_("Good to know"), _("Changes your day a little. No danger.")),
    Severity.MODERATE: (_("Please take note"), _("Something does not work, or you should do something.")),
    Severity.SEVERE: (_("Danger"), _("Health or property may suffer. A second person releases it.")),
    Severity.EXTREME: (_("Danger to life"), _("Act at once to survive. A second person releases it.")),
}
URGENCIES: Mapping[Urgency, str] = {
    Urgency.UNKNOWN: _("No matter"), Urgency.IMMEDIATE: _("Act now"), Urgency.EXPECTED: _("Act within hours"),
    Urgency.FUTURE: _("There is time"),
}  # fmt: skip
CERTAINTIES: Mapping[Certainty, str] = {
    Certainty.UNKNOWN: _("No matter"), Certainty.OBSERVED: _("It is so"), Certainty.LIKELY: _("Probably"),
    Certainty.POSSIBLE: _("Possibly"),
}  # fmt: skip
STATES: Mapping[State, str] = {
    State.DRAFT: _("Draft"), State.REVIEW: _("Waits for release"), State.SCHEDULED: _("Scheduled"),
    State.PUBLISHED: _("Published"), State.WITHDRAWN: _("Withdrawn"),
}  # fmt: skip
FAULTS: Mapping[Fault, str] = {
    Fault.NO_TOPIC: _("Please choose a topic."),
    Fault.NO_TITLE: _("Please write a title."),
    Fault.LONG_TITLE: _("The title is too long for a phone: {value} characters at most."),
    Fault.NO_TEXT: _("Please write what happened."),
    Fault.LONG_TEXT: _("That is too long: {value} characters at most."),
    Fault.PLACEHOLDER: _("Please fill in {value}."),
    Fault.NO_INSTRUCTION: _("Please say what people should do in this danger."),
    Fault.TWICE: _("This is the same text as in another language."),
    Fault.NOWHERE: _("Please say where it is: everywhere, or which places."),
    Fault.NO_END: _("Please say until when it holds."),
    Fault.ENDED: _("The end is in the past."),
    Fault.END_FIRST: _("It ends before it begins."),
    Fault.END_FAR: _("It holds for more than a year. Please choose an earlier end."),
    Fault.SENT_LATE: _("It would be over before it is sent."),
    Fault.DATE_ENDS_FIRST: _("A date ends before it begins."),
    Fault.DATE_LATE: _("A date lies after the end of the notice."),
    Fault.UNTITLED: _("Please say what the file shows, for people who cannot see it."),
    Fault.CLUB_TOPIC: _("Your club writes in its own topic only."),
    Fault.CLUB_SEVERITY: _("Warnings come from the town hall."),
}
FLAWS: Mapping[Flaw, str] = {
    Flaw.UNREADABLE: _("Line {line}: we cannot read this."),
    Flaw.PLACE: _("Line {line}: we do not know where this place is. Please type its coordinates."),
    Flaw.FEW: _("Line {line}: a line needs two points, an area three."),
    Flaw.CROSSED: _("Line {line}: the edge of the area crosses itself."),
    Flaw.FAR: _("Line {line}: this is not near your municipality."),
    Flaw.WIDE: _("Line {line}: a circle may have a radius of 15 km at most."),
    Flaw.MANY: _("These are too many points. Please draw it more simply."),
}
OBSTACLES: Mapping[Obstacle, str] = {
    Obstacle.SENTENCE: _("Long sentence: “{words}”. Make two of it."),
    Obstacle.WORD: _("Long word: “{words}”. Set a hyphen, or say it with short words."),
    Obstacle.PASSIVE: _("Who does it? “{words}”"),
    Obstacle.GENITIVE: _("Say it without the genitive: “{words}”"),
    Obstacle.CLAUSES: _("One statement a sentence: “{words}”"),
}
FILES: Mapping[str, str] = {
    "empty": _("The file is empty."),
    "kind": _("Only pictures (JPEG, PNG, WebP, GIF) and PDF files can go along."),
    "large": _("The file is too large: a picture may have 8 MB, a PDF file 5 MB."),
    "pixels": _("The picture is too large. Please make it smaller."),
    "broken": _("The file is damaged. Please save it again."),
    "many": _("Six files are enough for one notice."),
}
CHANGES: Mapping[str, str] = {  # fields as a comparison names them
    "title": _("Title"), "body": _("What happened"), "instruction": _("What to do"), "topic": _("Topic"),
    "severity": _("How urgent"), "urgency": _("When to act"), "certainty": _("How sure"), "category": _("Kind"),
    "areas": _("Where"), "geometry": _("On the map"), "valid_from": _("Valid from"), "expires": _("Valid until"),
    "occurrences": _("Dates"), "contact": _("Contact"), "url": _("Website"), "attachments": _("Files"),
    "mode": _("Test"), "send_at": _("Sent at"),
}  # fmt: skip


def said(problem: Problem) -> str:
    """Return a problem in words of the page's language."""
    return language().text(FAULTS[problem.fault], value=problem.value)
