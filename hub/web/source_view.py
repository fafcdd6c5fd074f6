"""Sources as pages show them: state in words, ages, causes, history. Pure; knows no secrets of an address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hub.core.causes import Cause, cause
from hub.core.codec import from_json
from hub.core.health import Health, State, state
from hub.desk_texts import ANY_THING, THINGS
from hub.language import Language
from hub.sources import display_host, display_name
from hub.web.topics import TOPICS


def _(message: str) -> str:
    return message


STATES: Mapping[State, tuple[str, str]] = {
    State.WAITING: (_("Not read yet"), _("This source is new and will be read for the first time within minutes.")),
    State.OK: (_("Works"), _("The source answers and can be read.")),
    State.ENDED: (_("Ends soon"), _("The source answers, but its calendar ends soon and nothing follows yet.")),
    State.LATE: (_("Late"), _("The source should have been read by now. We catch up on it.")),
    State.DOUBTFUL: (
        _("Being checked"),
        _("The source answers, but what it says is hard to believe. What was known stays until somebody has looked."),
    ),
    State.FAILING: (_("Failed just now"), _("The last look at the source failed. We try again shortly.")),
    State.QUARANTINED: (_("Out of order"), _("The source has failed several times in a row. We keep trying.")),
    State.SILENT: (_("Silent"), _("Nothing that can be relied on has come from the source for a long time.")),
    State.PAUSED: (_("Paused"), _("The source is not being read at present.")),
}  # fmt: skip
_OUTCOMES = {
    "changed": _("Changes"),
    "held": _("Held back"),
    "failed": _("Failed"),
    "healed": _("Works again"),
}


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source with everything that everybody may read of it; times are written, ``…_iso`` are for machines."""

    id: str
    name: str
    host: str
    topic: str
    state: str
    word: str
    sentence: str
    well: bool
    stale: bool
    cause: Cause | None
    checked: str
    read: str
    news: str
    next: str
    known: str
    isos: Mapping[str, str]
    reaches: str
    every: str
    waiting: int


def source_view(
    row: Mapping[Any, Any], language: Language, zone: str, now: datetime, *, last_date: date | None = None,
    waiting: int = 0, label: str = "",
) -> SourceView:  # fmt: skip
    """Return the source with this ``row``; ``label`` is that of its last failure, ``waiting`` counts held items."""
    health = state(row, now, last_date)
    word, sentence = STATES[health.state]
    times = {
        "checked": row["polled_at"],
        "read": row["succeeded_at"],
        "news": row["news_at"],
        "next": row["next_poll_at"],
    }
    if health.state is State.PAUSED:
        times["next"] = None
    ago = {name: language.ago(at, now) if at is not None else "" for name, at in times.items()}
    return SourceView(
        id=row["id"], name=display_name(row["name"], row["url"]), host=display_host(row["url"]),
        topic=topic_title(row["topic"], language), state=health.state.value, word=language.text(word),
        sentence=language.text(sentence), well=health.well, stale=health.stale, cause=why(row, label), **ago,
        known=language.short(row["succeeded_at"], zone) if row["succeeded_at"] else "",
        isos={name: at.isoformat() for name, at in times.items() if at is not None},
        reaches=language.day(last_date, zone) if last_date is not None else "",
        every=language.length(timedelta(seconds=row["interval"])), waiting=waiting,
    )  # fmt: skip


def why(row: Mapping[Any, Any], label: str) -> Cause | None:
    """Return why a source is in trouble, if it is."""
    if row["failures"]:
        return cause(label, row["fault"])
    return cause(row["doubt"], "") if row["doubt"] else None


def topic_title(topic: str, language: Language) -> str:
    """Return what a topic is called; one that we do not know by its own name."""
    return language.text(TOPICS[topic].title) if topic in TOPICS else topic[:1].upper() + topic[1:]


def history(rows: Iterable[Mapping[Any, Any]], language: Language, zone: str) -> list[dict[str, Any]]:
    """Return what polls brought, as the page's table shows it."""
    return [
        {
            "at": language.short(one["at"], zone), "iso": one["at"].isoformat(), "outcome": one["outcome"],
            "word": language.text(_OUTCOMES.get(one["outcome"], one["outcome"])), "counts": _counts(one, language),
            "cause": cause(one["label"], one["detail"]) if one["label"] else None, "detail": one["detail"],
        }
        for one in rows
    ]  # fmt: skip


def _counts(one: Mapping[Any, Any], language: Language) -> str:
    """Write the counts that are not nothing: "3 neu, 1 geändert"."""
    words = (
        ("fresh", _("{count} new")), ("revised", _("{count} changed")), ("withdrawn", _("{count} called off")),
        ("held", _("{count} held back")), ("refused", _("{count} unreadable")),
    )  # fmt: skip
    return ", ".join(language.text(text, count=one[name]) for name, text in words if one[name])


def banners(rows: Sequence[Mapping[Any, Any]], language: Language, zone: str, now: datetime) -> list[dict[str, str]]:
    """Return a sentence for each source whose data are stale: since when, and as of when is what is shown.

    ``id`` is the source's, ``town`` its municipality's.
    """
    found = []
    for row in rows:
        health = state(row, now)
        if not health.stale or health.data_age is None or health.state is State.PAUSED:
            continue
        several = sum(one["topic"] == row["topic"] for one in rows) > 1
        text = _banner(row, health)
        found.append({
            "id": row["id"], "town": row["municipality_id"],
            "text": language.text(
                text, thing=_thing(row, language, named=several), span=language.span(health.data_age),
                moment=language.short(row["succeeded_at"], zone),
            ),
        })  # fmt: skip
    return found


def _banner(row: Mapping[Any, Any], health: Health) -> str:
    if row["doubt"] and not row["failures"]:
        return _("{thing} has sent nothing reliable for {span}; what you see here is as of {moment}.")
    if health.state is State.LATE:
        return _("{thing} has not been read for {span}; what you see here is as of {moment}.")
    return _("{thing} has not answered for {span}; what you see here is as of {moment}.")


def _thing(row: Mapping[Any, Any], language: Language, *, named: bool) -> str:
    thing = language.text(THINGS.get(row["topic"], ANY_THING))
    return f"{thing} ({display_name(row['name'], row['url'])})" if named or row["topic"] not in THINGS else thing


def checks(rows: Sequence[Mapping[Any, Any]], language: Language, now: datetime, *, calm: bool) -> list[dict[str, Any]]:
    """Return per topic when its sources were last read, the most neglected one counting, and the last news (I5).

    ``calm``: no warning is in force, which is worth saying as long as the source of the warnings is well (U15).
    """
    found: dict[str, list[Mapping[Any, Any]]] = {}
    for row in rows:
        if row["enabled"] and row["succeeded_at"] is not None:
            found.setdefault(row["topic"], []).append(row)
    return [
        {
            "topic": topic, "title": topic_title(topic, language),
            "read": language.ago(min(one["succeeded_at"] for one in several), now),
            "calm": calm and topic == "warnings" and not any(state(one, now).stale for one in several),
            "news": _newest(several, language, now),
        }
        for topic, several in sorted(found.items(), key=lambda pair: _rank(pair[0]))
    ]  # fmt: skip


def _newest(rows: Iterable[Mapping[Any, Any]], language: Language, now: datetime) -> str:
    """Write when the last of these sources brought something; empty if none ever did."""
    news = [row["news_at"] for row in rows if row["news_at"] is not None]
    return language.ago(max(news), now) if news else ""


def _rank(topic: str) -> tuple[int, str]:
    names = list(TOPICS)
    return (names.index(topic) if topic in names else len(names), topic)


def held_view(row: Mapping[Any, Any], language: Language, zone: str, now: datetime) -> dict[str, Any]:
    """Return one held item as the editor sees it: why it waits, and what residents would read."""
    from hub.web.view import dates, paragraphs

    notice = from_json(row["content"])
    text = notice.text(language.code)
    return {
        "id": row["id"], "cause": cause(row["reason"], ""), "since": language.ago(row["held_at"], now),
        "title": text.title or row["key"], "lang": text.lang, "paragraphs": paragraphs(text.body)[:6],
        "dates": dates(notice.occurrences, language, zone, now)[:6],
        "places": ", ".join(dict.fromkeys(ref.name or ref.value for ref in notice.places)),
        "sent": language.moment(notice.sent, zone) if notice.sent else "",
    }  # fmt: skip
