"""Welcome: the first notice of a new municipality and its first reader, so that its whole way is seen to work at once.

The reader is whoever founds it: an address that is theirs, so none of a resident's, and no double opt-in is asked for.
"""

from __future__ import annotations

from datetime import time, timedelta

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core.changes import decide
from hub.core.errors import SettingsError
from hub.core.notice import Notice, NoticeText, notice_id
from hub.core.schedule import next_wall
from hub.core.subscription import Action, Criteria
from hub.jobs.contact import known_town
from hub.jobs.house import House
from hub.jobs.record import record
from hub.jobs.subscribe import Wish, set_wishes
from hub.store import notices, subscribers
from push.mail import service

KIND, TOPIC = "welcome", "news"
LIVES = timedelta(days=30)
_MOST_TITLE, _MOST = 120, 2_000
_DIGEST_AT = "07:00"


def check_first(text: str) -> str:
    """Return the words of a first notice, the first line its title. Raises ``SettingsError``."""
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    if not lines or not all(line.isprintable() for line in lines):
        raise SettingsError("The first notice has no words, or some that cannot be printed.")
    if len(lines[0]) > _MOST_TITLE or len(text) > _MOST:
        raise SettingsError(f"A first notice has {_MOST_TITLE} letters in its first line, and {_MOST} in all at most.")
    return "\n".join(lines)


def name_of(municipality: str) -> str:
    """Return the id of a municipality's first notice."""
    return notice_id(KIND, f"{KIND}:{municipality}")


def read_along(house: House, session: Session, actor: str, municipality: str, address: str) -> bool:
    """Let an address that is the founder's own hear of news by mail; ``False`` if it is known there."""
    town = known_town(session, municipality)
    if subscribers.find_endpoint(session, municipality, "mail", address) is not None:
        return False
    now = house.now()
    at = next_wall(now, time.fromisoformat(_DIGEST_AT), town["zone"])
    person = subscribers.add(
        session, municipality, language=town["language"], digest_at=_DIGEST_AT, next_digest_at=at, now=now
    )
    wish = Wish(Criteria(topics=(TOPIC,), places=(town["path"],)), (("mail", Action.NOW, ""),))
    set_wishes(house, session, municipality, person, (wish,))
    subscribers.add_endpoint(
        session, municipality, person, channel="mail", address=address, service=service(address), keys={},
        active=True, now=now,
    )  # fmt: skip
    record(house, session, actor, "reader.added", municipality=municipality)
    return True


def publish_first(house: House, session: Session, actor: str, municipality: str, text: str) -> bool:
    """Publish the first notice of a municipality, in the caller's transaction; ``False`` if it had one."""
    town, now = known_town(session, municipality), house.now()
    if notices.get(session, municipality, name_of(municipality)) is not None:
        return False
    decision = decide(_notice(town, text, house), None, now)
    publication = notices.save(
        session, municipality, None, decision, places=[str(town["path"])], zone=town["zone"], now=now,
        names=(f"{KIND}:{municipality}",),
    )  # fmt: skip
    if publication is not None:
        house.engine.defer(session, "publish", str(publication))
    record(house, session, actor, "notice.first", municipality=municipality, subject=name_of(municipality))
    return True


def _notice(town: RowMapping, text: str, house: House) -> Notice:
    title, _, body = text.partition("\n")
    return Notice(
        id=name_of(town["id"]), key=f"{KIND}:{town['id']}", kind=KIND, topic=TOPIC,
        texts=(NoticeText(town["language"], title, body.strip()),), publisher=town["name"], sent=house.now(),
        expires=house.now() + LIVES,
    )  # fmt: skip
