"""The settings check in the office: the same findings as ``ortsruf check``, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template

from hub.checkup import facts
from hub.core.facts import Finding, Grade
from hub.core.permission import Capability
from hub.core.soundness import findings
from hub.language import Language
from hub.web.access import known, needs
from hub.web.desk import desk, house, language

checked = Blueprint("checked", __name__, url_prefix="/verwaltung")


def _(message: str) -> str:
    return message


GRADES = {
    Grade.GREEN: (_("In order"), "success"),
    Grade.YELLOW: (_("See to it"), "warning"),
    Grade.RED: (_("Wrong"), "danger"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One finding in words."""

    title: str
    word: str
    kind: str
    what: str
    todo: str


@checked.get("/einstellungen")
@needs(Capability.COUNTY)
def settings() -> str:
    """Judge how the installation is set up, the worst first."""
    found = findings(facts(desk().settings, house().store, house().now()))
    counts = [(kind, sum(one.grade is grade for one in found), grade) for grade, (_word, kind) in GRADES.items()]
    return render_template(
        "operating/settings.html", who=known(), found=[_said(one, language()) for one in found],
        counts=list(reversed(counts)), grades=GRADES,
    )  # fmt: skip


def _said(one: Finding, chosen: Language) -> Said:
    word, kind = GRADES[one.grade]
    todo = chosen.text(one.todo, **one.given) if one.todo else ""
    return Said(chosen.text(one.title), chosen.text(word), kind, chosen.text(one.what, **one.given), todo)
