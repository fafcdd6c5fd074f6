"""One notice's way out: what it says and how it differs, who did what, and the acts that are open to whoever looks.

Every act is a form that names what was seen (its hash) and is known by a key; what warns people asks for a second
factor of the last minutes. All of it works without a script.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import RowMapping
from werkzeug.wrappers import Response

from hub.core.draft import Draft, Mode
from hub.core.errors import ActRefused, DraftChanged
from hub.core.missing import Desk, problems
from hub.core.notice import NoticeText
from hub.core.permission import Capability, may
from hub.core.release import BREAK_GLASS_SPAN, MOST_BREAK_GLASS, Act, Person, Refusal, State, Wish, Work, offered
from hub.core.tongues import TONGUES
from hub.followups import FollowUp, texts
from hub.jobs.follow_up import follow_up
from hub.jobs.judge import actor_of, content, person_of, published, work_of
from hub.jobs.reach import reach
from hub.jobs.release import Done, perform
from hub.jobs.tell import id_in
from hub.store import drafts, towns
from hub.web.access import forbid, known, needs, once_more
from hub.web.desk import desk, house, language
from hub.web.writing import reports
from hub.web.writing.doubles import doubles
from hub.web.writing.once import once, receipt
from hub.web.writing.shown import KINDS, REFUSED, Fact, Line, facts, lines, titled
from hub.web.writing.words import STATES, said

releasing = Blueprint("releasing", __name__, url_prefix="/verwaltung/<slug>/mitteilungen")
READERS = (Capability.WRITE, Capability.PUBLISH, Capability.APPROVE, Capability.VETO, Capability.CLUB)
SOON = 120  # seconds: what goes out within them is counted down
_SHORT = 8  # characters of a hash that people compare
_MOST_BODY = 5000  # characters


def _(message: str) -> str:
    return message


_SAID = {
    Act.SUBMIT: _("The notice waits for its release. Whoever may do that has got a mail."),
    Act.RETURN: _("The notice is a draft again."), Act.ABORT: _("Stopped. Nothing was sent."),
    Act.WITHDRAW: _("Called off. Everybody who was told is told so now."),
    Act.DISCARD: _("Discarded."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """One draft with all that its pages say of it."""

    row: RowMapping
    draft: Draft
    before: Draft | None
    work: Work
    person: Person
    offered: frozenset[Act]
    facts: list[Fact]
    lines: list[Line]
    town: RowMapping

    @property
    def mark(self) -> str:
        """The short form of the content's hash, for two people to compare."""
        return self.work.hash[:_SHORT]

    @property
    def state(self) -> str:
        """Where it stands, in English; what was published and has ended by itself is over."""
        before = self.before
        over = before is not None and before.expires is not None and before.expires <= house().now()
        return _("Over") if over and self.work.state is State.PUBLISHED else STATES[self.work.state]

    @property
    def left(self) -> int | None:
        """Seconds until it goes out, if that is soon."""
        due = self.row["due_at"]
        if self.work.state is not State.SCHEDULED or due is None:
            return None
        seconds = ceil((due - house().now()).total_seconds())
        return max(0, seconds) if seconds <= SOON else None


def _open(slug: str, number: int) -> Shown:
    """Return a draft of this municipality to somebody who may see it; anybody else is told that there is none."""
    now, who = house().now(), known()
    with house().store.read() as session:
        row, town = drafts.get(session, slug, number), towns.get(session, slug)
        if row is None or town is None:
            abort(404)
        person = person_of(session, row, actor_of(who, now))
        if not person.here & set(READERS):
            forbid()  # a club's desk shows its own
        work, draft, before = work_of(session, row, now, account=who.id), content(row), published(row)
        names = {one["id"]: one["name"] for one in towns.listed(session)}
        said = lines(session, drafts.steps(session, number), town["zone"], language())
    if work.state is State.WITHDRAWN and before is not None:
        draft = before  # its last word is the all-clear, not what that ended
    compared = before if work.revision and work.state not in {State.PUBLISHED, State.WITHDRAWN} else None
    return Shown(
        row, draft, before, work, person, frozenset(offered(work, person, now)),
        facts(draft, compared, names, town["zone"], language()), said, town,
    )  # fmt: skip


def _page(name: str, slug: str, number: int, *, fault: str = "", status: int = 200, **more: Any) -> Response:
    shown = more.pop("shown", None) or _open(slug, number)
    due, title = shown.row["due_at"], titled(shown.draft, shown.draft.title)
    body = render_template(
        f"writing/{name}.html", who=known(), slug=slug, number=number, one=shown, fault=fault, once=once, acts=Act,
        **_before_release(shown),
        test=shown.draft.mode is Mode.TEST, state=language().text(shown.state), states=State, most=_MOST_BODY,
        kind=KINDS[shown.work.state], title=title or language().text(_("Without a title")),
        due=language().moment(due, shown.town["zone"]) if due is not None else "",
        edit=url_for("drafting.edit", slug=slug, number=number),
        preview=url_for("previewing.page", slug=slug, number=number),
        listed=url_for("drafts.page", slug=slug), report=_report(slug, shown),
        **drawing_of(slug, number, shown.draft), **more,
    )  # fmt: skip
    return make_response(body, status)


def _before_release(shown: Shown) -> dict[str, Any]:
    """Return what whoever releases should know: what is missing, and who has told the same already."""
    if shown.work.state not in {State.DRAFT, State.REVIEW}:
        return {"missing": [], "doubles": []}
    at = Desk(shown.town["zone"], shown.row["club"], shown.town["id"])
    with house().store.read() as session:
        twice = doubles(session, shown.draft, shown.row["id"])
    return {"missing": [said(one) for one in problems(shown.draft, at, house().now())], "doubles": twice}


def drawing_of(slug: str, number: int, draft: Draft) -> dict[str, str]:
    """Return what the map of a draft needs, nothing of it if nothing was drawn."""
    tiles = desk().settings.map_tiles
    return {
        "shapes": url_for("previewing.shape", slug=slug, number=number) if draft.geometry else "",
        "tiles": url_for("mapping.tiles") if tiles else "", "credit": desk().settings.map_credit,
    }  # fmt: skip


def _report(slug: str, shown: Shown) -> str:
    """Return where it stands what came of it, for those who may read that."""
    reads = any(may(known().visitor.grants, one, slug) for one in reports.READERS)
    here = shown.before is not None and slug in shown.before.towns
    if not (shown.work.revision and reads and here):
        return ""
    return url_for("reports.one", slug=slug, notice_id=id_in(shown.row, slug))


def _base(slug: str, number: int) -> str:
    return url_for("releasing.page", slug=slug, number=number)


@releasing.get("/<int:number>")
@needs(*READERS)
def page(slug: str, number: int) -> Response:
    """Show one draft: where it stands, what it says, who did what, and what may be done with it."""
    return _page("release", slug, number)


@releasing.get("/<int:number>/freigabe")
@needs(*READERS)
def approval(slug: str, number: int) -> Response:
    """Show the whole of what is to be released, and the one button that sends it to people."""
    shown = _open(slug, number)
    if not shown.offered & {Act.RELEASE, Act.APPROVE}:
        return redirect(_base(slug, number), 303)
    return _page("approve", slug, number, shown=shown, people=reach(house(), shown.draft).people)


@releasing.get("/<int:number>/allein")
@needs(*READERS)
def glass(slug: str, number: int) -> Response:
    """Ask for the reason of a release without a second person."""
    shown = _open(slug, number)
    if Act.BREAK_GLASS not in shown.offered:
        return redirect(_base(slug, number), 303)
    return _glass(slug, number, shown)


def _glass(slug: str, number: int, shown: Shown, fault: str = "", status: int = 200) -> Response:
    left = MOST_BREAK_GLASS - shown.work.broken
    return _page(
        "glass", slug, number, shown=shown, fault=fault, status=status, left=left,
        people=reach(house(), shown.draft).people,
        hours=int(BREAK_GLASS_SPAN.total_seconds() // 3600),
    )  # fmt: skip


@releasing.get("/<int:number>/ende")
@needs(*READERS)
def ending(slug: str, number: int) -> Response:
    """Show the prepared words of an all-clear or a false alarm, to be changed and sent."""
    shown = _open(slug, number)
    if Act.WITHDRAW not in shown.offered or shown.before is None:
        return redirect(_base(slug, number), 303)
    return _ending(slug, number, shown)


def _ending(slug: str, number: int, shown: Shown, fault: str = "", status: int = 200) -> Response:
    sort = next((one for one in FollowUp if one.ends and one.value == request.values.get("sort")), FollowUp.ALL_CLEAR)
    before = shown.before or shown.draft
    prepared = texts(before, sort)
    words = _words(before) if request.method == "POST" else prepared
    return _page(
        "ending", slug, number, shown=shown, fault=fault, status=status, words=words, sort=sort, tongue=_tongue
    )


def _tongue(code: str) -> str:
    return TONGUES[code].name if code in TONGUES else code


def _words(before: Draft) -> tuple[NoticeText, ...]:
    """Return the words of an ending as they were sent, in the languages of what was published."""
    given = request.form
    return tuple(
        NoticeText(one.lang, given.get(f"title.{one.lang}", "").strip()[:200],
                   given.get(f"body.{one.lang}", "").strip()[:_MOST_BODY])
        for one in before.texts
    )  # fmt: skip


@releasing.post("/<int:number>/tun")
@needs(*READERS)
def act(slug: str, number: int) -> Response:
    """Do something with a draft as it was seen."""
    shown, given = _open(slug, number), request.form
    wanted = next((one for one in Act if one.value == given.get("act")), None)
    if wanted is None or wanted is Act.SAVE:
        abort(400)
    words = _words(shown.before) if wanted is Act.WITHDRAW and shown.before and "sort" in given else ()
    if any(not one.title for one in words):
        return _ending(slug, number, shown, _("Please give it a title in each language."), 400)
    wish = Wish(wanted, given.get("seen", ""), given.get("reason", ""))
    actor, answer = actor_of(known(), house().now()), receipt(_after(slug, number, shown, wanted))
    try:
        done = perform(house(), slug, number, actor, wish, words=words, receipt=answer)
    except ActRefused as error:
        return _refused(slug, number, wanted, error.why)
    _say(wanted, done)
    return redirect(done.location, 303)


def _after(slug: str, number: int, shown: Shown, wanted: Act) -> str:
    """Return where an act leads: to the draft, unless it is gone by it."""
    if wanted is Act.DISCARD and not shown.work.revision:
        return url_for("drafts.page", slug=slug)
    return _base(slug, number)


def _say(wanted: Act, done: Done) -> None:
    if wanted in _SAID and not done.again:
        flash(_SAID[wanted])


def _refused(slug: str, number: int, wanted: Act, why: str) -> Response:
    """Answer why something was not done, on the page where it can be put right."""
    if why == Refusal.WEAK:
        return once_more(request.path, request.form.to_dict(), sends=True)
    fault = REFUSED.get(Refusal(why), REFUSED[Refusal.STATE])
    shown = _open(slug, number)
    if wanted is Act.BREAK_GLASS and Act.BREAK_GLASS in shown.offered:
        return _glass(slug, number, shown, fault, 400)
    if wanted is Act.WITHDRAW and Act.WITHDRAW in shown.offered:
        return _ending(slug, number, shown, fault, 409)
    return _page("release", slug, number, shown=shown, fault=fault, status=409)


@releasing.post("/<int:number>/folge")
@needs(*READERS)
def follow(slug: str, number: int) -> Response:
    """Begin a correction or an extension with prepared words."""
    _open(slug, number)
    sort = next((one for one in FollowUp if one.value == request.form.get("sort") and not one.ends), None)
    if sort is None:
        abort(400)
    answer = receipt(url_for("drafting.edit", slug=slug, number=number))
    try:
        follow_up(house(), slug, number, actor_of(known(), house().now()), sort, receipt=answer)
    except ActRefused as error:
        return _refused(slug, number, Act.SAVE, error.why)
    except DraftChanged:
        return _refused(slug, number, Act.SAVE, Refusal.STALE.value)
    flash(_("Prepared. Please look at the words and release them; until then the notice stands as it is."))
    return redirect(answer.location, 303)
