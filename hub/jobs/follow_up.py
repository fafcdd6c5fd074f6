"""Follow up: begin the correction or extension of what is published, with prepared words to go on from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hub.core.errors import ActRefused, DraftChanged
from hub.core.release import Act, Refusal, State, Wish, refusal
from hub.followups import FollowUp, texts
from hub.jobs.house import House
from hub.jobs.judge import Actor, content, person_of, work_of
from hub.jobs.record import by_account, record
from hub.jobs.release import Receipt
from hub.store import answers, drafts

LONGER = timedelta(days=1)  # an extension's first suggestion


def follow_up(
    house: House, town: str, draft_id: int, actor: Actor, sort: FollowUp, *, receipt: Receipt | None = None
) -> None:
    """Let a published notice be a draft again that says so; what is published stands until it is released.

    Raises ``ActRefused``, or ``DraftChanged`` if somebody was quicker.
    """
    now = house.now()
    with house.store.begin() as session:
        if receipt is not None and answers.given(session, receipt.key, receipt.location, now) is not None:
            return
        row = drafts.locked(session, draft_id, town)
        if row is None or sort.ends or row["state"] != State.PUBLISHED:
            raise ActRefused(Refusal.STATE.value, subject=str(draft_id))
        why = refusal(work_of(session, row, now), person_of(session, row, actor), Wish(Act.SAVE, row["hash"]), now)
        if why is not None:
            raise ActRefused(why.value, subject=str(draft_id))
        draft = content(row)
        made = replace(draft, texts=texts(draft, sort), send_at=None)
        if sort is FollowUp.EXTENSION and draft.expires is not None:
            made = replace(made, expires=max(draft.expires, now) + LONGER)
        if drafts.save(session, row, made, actor.account, now) is None:
            raise DraftChanged(subject=str(draft_id))
        record(
            house, session, by_account(actor.account), f"notice.{sort.value}", municipality=town,
            subject=f"draft:{draft_id}",
        )  # fmt: skip
