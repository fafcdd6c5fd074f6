"""Delivery reports: what came of each notice, by word and channel, without anybody being named (F81, U41)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, g, render_template

from hub.core import codec
from hub.core.aftermath import REPLIES, Aftermath, Told, Word, newest, shown
from hub.core.delays import LONGER, Bar
from hub.core.desk import HIDDEN
from hub.core.draft import KIND
from hub.core.ledger import SETTLED, SPARED, Account
from hub.core.notice import notice_id as id_of
from hub.core.permission import Capability
from hub.jobs import aftermath
from hub.store import drafts, notices
from hub.web.access import known, needs
from hub.web.desk import house, language
from hub.web.topics import CHANNELS, TOPICS
from hub.web.writing.authoring import page_of
from hub.web.writing.counts import few, number, span

reports = Blueprint("reports", __name__, url_prefix="/verwaltung")
READERS = (Capability.WRITE, Capability.PUBLISH, Capability.APPROVE, Capability.OPERATE)
_LISTED = 50


def _(message: str) -> str:
    return message


NAMES = {  # what becomes of those who are meant, as it stands behind a number
    "meant": _("meant"), "sent": _("told"), "open": _("still to be told"), "failed": _("failed"),
    "gone": _("device or mailbox gone"), "expired": _("over before it arrived"),
    "suppressed": _("signed off meanwhile, or overtaken by a newer word"),
    "lapsed": _("over before they may be disturbed"), "bundled": _("told together with other news"),
    "muted": _("muted by themselves"), "doubled": _("told by another municipality"),
}  # fmt: skip
_WORDS = {Word.NEW: _("First word"), Word.UPDATE: _("Update"), Word.ALL_CLEAR: _("All-clear or end")}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One bar of the plot, in percent of the longest, with its numbers in words."""

    label: str
    prompt: str
    wished: str
    both: str
    long: float
    late: float


@dataclass(frozen=True, slots=True)
class Shown:
    """One word of a notice as its page shows it."""

    id: str
    head: str
    when: str
    iso: str
    sentence: str
    sum: str
    state: str  # planned, even, odd
    difference: str
    heads: list[str]
    rows: list[tuple[str, list[str]]]
    facts: list[tuple[str, str]]
    bars: list[Drawn]
    delays_by_wish: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One notice in the list."""

    id: str
    title: str
    topic: str
    when: str
    iso: str
    sentence: str
    state: str


@reports.get("/<slug>/berichte")
@needs(*READERS)
def listed(slug: str) -> str:
    """List the notices that had a word for anybody, the newest first, with what came of each in a line."""
    with house().store.read() as session:
        found = aftermath.of_town(session, slug, most=_LISTED)
    lines = [line for one in found if (line := _line(one)) is not None]
    return render_template("writing/reports.html", who=known(), lines=lines, most=_LISTED)


@reports.get("/<slug>/bericht/<notice_id>")
@needs(*READERS)
def one(slug: str, notice_id: str) -> str:
    """Show what came of a notice of this municipality."""
    with house().store.read() as session:
        row = notices.get(session, slug, notice_id)
        if row is None or row["topic"] in HIDDEN:
            abort(404)  # another town's, or nobody's
        found = aftermath.of(session, [row], calendars=True)[0]
        key = codec.from_json(row["content"]).key
        written = drafts.by_key(session, slug, key) if notice_id == id_of(f"{KIND}:{slug}", key) else None
    return render_template(
        "writing/report.html", who=known(), found=found, words=[_shown(word) for word in found.words],
        calendars=few(shown(found.calendars)) if found.calendars is not None else "",
        written=page_of(written) if written is not None else "",
    )  # fmt: skip


def _line(found: Aftermath) -> Line | None:
    word = newest(found.words)
    if word is None:
        return None
    topic = TOPICS[found.topic].title if found.topic in TOPICS else found.topic
    return Line(
        found.notice_id, found.title, language().text(topic), _when(word.released), word.released.isoformat(),
        sentence(word),
        "odd" if any(one.difference for one in found.words) else "planned" if found.under_way else "even",
    )  # fmt: skip


def _when(at: datetime) -> str:
    return language().short(at, g.town["zone"])


def _shown(word: Told) -> Shown:
    text, account = language().text, word.account
    names = [name for name in _ORDER if name in {"meant", "sent"} or getattr(account, name)]
    rows = [(text(CHANNELS.get(one.name, one.name)), _cells(one.account, names)) for one in word.channels]
    if len(rows) != 1:
        rows.append((text(_("All ways")), _cells(account, names)))
    return Shown(
        f"word-{word.revision}", text(_WORDS[word.word]), _when(word.released), word.released.isoformat(),
        sentence(word), addition(account), "planned" if account.pending else "odd" if word.difference else "even",
        number(word.difference), [capital(text(NAMES[name])) for name in names], rows, _facts(word),
        _bars(word.delays.bars()), bool(word.delays.late_by_wish),
    )  # fmt: skip


_ORDER = ("meant", "sent", "open", *(name for name in (*SETTLED, *SPARED) if name != "sent"))


def _cells(account: Account, names: list[str]) -> list[str]:
    return [number(getattr(account, name)) for name in names]


def capital(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def addition(account: Account) -> str:
    """Write the ledger's sum out: "12 meant = 10 told + 2 still to be told"."""
    text = language().text
    parts = [
        f"{number(getattr(account, name))} {text(NAMES[name])}"
        for name in _ORDER
        if name != "meant" and getattr(account, name)
    ]
    return f"{number(account.meant)} {text(NAMES['meant'])} = {' + '.join(parts) or '0'}"


def sentence(word: Told) -> str:
    """Say in one line what came of a word so far."""
    text, account, delays = language().text, word.account, word.delays
    if account.pending:
        return text(_("Is being planned."))
    if not account.meant:
        waits = account.digested
        return text(_("{count} hear of it in their next digest."), count=number(waits)) if waits else text(
            _("Nobody had asked for this."))  # fmt: skip
    said = text(_("{told} of {meant} told."), told=number(account.sent), meant=number(account.meant))
    half, most = delays.within(0.5), delays.within(0.95)
    if delays.first is None:
        return said
    if half is None or most is None:
        return f"{said} {text(_('The first after {first}.'), first=span(delays.first))}"
    soon = text(
        _("The first after {first}, half within {half}, 95 of 100 within {most}."), first=span(delays.first),
        half=span(half), most=span(most),
    )  # fmt: skip
    return f"{said} {soon}"


def _facts(word: Told) -> list[tuple[str, str]]:
    text, delays = language().text, word.delays
    found = [
        (text(_("First delivery")), span(delays.first)), (text(_("Half were told within")), span(delays.within(0.5))),
        (text(_("95 of 100 were told within")), span(delays.within(0.95))),
        (text(_("Last delivery")), span(delays.last)),
    ]  # fmt: skip
    if delays.late_by_wish:
        found.append((text(_("Told later by their own wish (quiet hours, pause)")), number(delays.late_by_wish)))
    if word.account.digested:
        found.append((text(_("Wait for a digest, or had it")), number(word.account.digested)))
    if word.left is not None:
        found.append((text(_("Ways signed off within 48 hours after it")), few(shown(word.left))))
    elif word.account.sent and house().now() < word.released + REPLIES:
        found.append((text(_("Ways signed off within 48 hours after it")), text(_("is counted after two days"))))
    return [(name, value) for name, value in found if value]


def _bars(bars: list[Bar]) -> list[Drawn]:
    text, most = language().text, max((one.prompt + one.wished for one in bars), default=0)
    return [
        Drawn(
            text(_("up to {span}"), span=span_of(one.end)) if one.end != LONGER else text(_("later")),
            number(one.prompt), number(one.wished), number(one.prompt + one.wished),
            round(100 * one.prompt / most, 2), round(100 * one.wished / most, 2),
        )
        for one in bars
    ]  # fmt: skip


def span_of(seconds: int) -> str:
    """Write the end of a bar shortly."""
    return span(timedelta(seconds=seconds), short=True)
