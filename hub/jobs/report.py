"""Report: a reader tells the editor of a barrier on our pages or of an error in a notice.

A report is a notice of the editor's desk, so it reaches their mailbox with every promise that a message has, and
stands on no page. It is forgotten after 90 days (``hub.jobs.sweep``), with the address if one was given.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from hub import report_texts
from hub.core import desk
from hub.core.changes import decide
from hub.core.errors import SettingsError
from hub.core.notice import Notice, notice_id
from hub.jobs.contact import known_town
from hub.jobs.house import House
from hub.store import editors, notices


@dataclass(frozen=True, slots=True)
class Report:
    """What a reader tells: ``sort`` is ``barrier`` or ``error``; ``address`` is empty if no answer is wished.

    ``title`` and ``url`` name the notice or page it is about; both may be empty.
    """

    sort: str
    words: str
    address: str = ""
    title: str = ""
    url: str = ""


def is_read(house: House, municipality: str) -> bool:
    """Whether there is an editor whom a report reaches."""
    with house.store.read() as session:
        return bool(house.sender) and municipality in editors.reached(session)


def report(house: House, municipality: str, told: Report) -> None:
    """Tell the editor. Raises ``SettingsError`` if nobody would read it; then nothing is kept."""
    if not is_read(house, municipality):
        raise SettingsError(f"Nobody reads the reports of {municipality}; `ortsruf contact` names an editor.")
    key = f"report:{told.sort}:{secrets.token_hex(8)}"
    with house.store.begin() as session:
        town = known_town(session, municipality)
        notice = Notice(
            id=notice_id(desk.KIND, key), key=key, kind=desk.KIND, topic=desk.TOPIC,
            texts=report_texts.texts(told.sort, told.words, told.address, (told.title, told.url), town["language"]),
            category="report", publisher=town["name"],
        )  # fmt: skip
        decision = decide(notice, None, house.now())
        publication = notices.save(
            session, municipality, None, decision, places=[str(town["path"])], zone=town["zone"], now=house.now(),
            names=(key,),
        )  # fmt: skip
        if publication is not None:
            house.engine.defer(session, "publish", str(publication))
