"""Notices that only make sense after another one: a corrigendum of a tender, the award of a contract. Pure."""

from __future__ import annotations

from dataclasses import replace

from hub.core.notice import Fact, Notice, NoticeText

CORRIGENDUM = "corrigendum"  # the category of a notice that holds nothing but what it changes (TED, form F14)
_PAST = frozenset({Fact("stage", "award"), Fact("stage", "modification")})


def is_past(notice: Notice) -> bool:
    """Whether a notice tells of something that is over: nobody can act on it who did not know of it before.

    It is kept and shown, and it is a revision of what it ends; as the first word on a procedure it is no news.
    """
    return not _PAST.isdisjoint(notice.facts)


def completed(notice: Notice, before: Notice) -> Notice:
    """Return ``notice`` with everything that it does not say anew taken from ``before``, if it is a corrigendum.

    Any other notice is whole: what it leaves out is gone.
    """
    if notice.category != CORRIGENDUM:
        return notice
    new = {fact.name for fact in notice.facts}
    facts = (*notice.facts, *(fact for fact in before.facts if fact.name not in new))
    return replace(
        notice,
        texts=tuple(_text(text, before) for text in notice.texts) or before.texts,
        category=before.category,
        places=before.places or notice.places,
        occurrences=notice.occurrences or before.occurrences,
        deadline=notice.deadline or before.deadline,
        expires=notice.expires or before.expires,
        cpv=notice.cpv or before.cpv,
        value=notice.value or before.value,
        links=notice.links or before.links,
        publisher=notice.publisher or before.publisher,
        facts=facts,
    )


def _text(text: NoticeText, before: Notice) -> NoticeText:
    """Put what is changed before the text that it changes."""
    known = before.text(text.lang).body
    return replace(text, body="\n\n".join(filter(None, [text.body, known])))
