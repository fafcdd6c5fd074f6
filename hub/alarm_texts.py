"""What an alarm says, in the languages of the pages. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from hub.core.losses import SENTENCES, Sort
from hub.core.notice import NoticeText
from hub.language import LANGUAGES, Language


def _(message: str) -> str:
    return message


def sentence(row: Mapping[Any, Any], language: Language, zone: str) -> str:
    """Return what the alarm of this ``row`` says."""
    given = json.loads(row["given"])
    since = given.get("since")
    if since:
        given["since"] = language.short(datetime.fromisoformat(since).astimezone(UTC), zone)
    return language.text(SENTENCES[Sort(row["kind"])], **given)


def texts(rows: Sequence[Mapping[Any, Any]], first: str, zone: str, *, over: bool) -> tuple[NoticeText, ...]:
    """Return one message about several alarms, in all languages, ``first`` the one that comes first."""
    codes = sorted(LANGUAGES, key=lambda code: code != first)
    return tuple(_text(rows, Language(code), zone, over=over) for code in codes)


def _text(rows: Sequence[Mapping[Any, Any]], language: Language, zone: str, *, over: bool) -> NoticeText:
    title = _("Ortsruf works again: {count} faults are over") if over else _("Ortsruf needs you: {count} faults")
    one = _("Ortsruf works again") if over else _("Ortsruf needs you")
    opening = _("These faults are over:") if over else _("The watch has found what it cannot mend by itself:")
    ending = "" if over else _("You hear from us once more when it is over. `ortsruf deliveries` shows who is missing.")
    lines = [f"– {sentence(row, language, zone)}" for row in rows]
    body = "\n\n".join(
        part for part in (language.text(opening), "\n".join(lines), language.text(ending) if ending else "") if part
    )
    return NoticeText(
        language.code, language.text(title, count=len(rows)) if len(rows) > 1 else language.text(one), body
    )
