"""What meetings only refer to by its address, and is needed to tell of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from feeds._json_body import web_address
from feeds.council.oparl import is_true, listed, same_server, type_of

_BACK = timedelta(days=1)
_NAMES = ("agendaItem", "location", "organization", "invitation")


def references(objects: Sequence[Any], origin: str, now: datetime) -> list[str]:
    """Return the addresses that meetings from yesterday on refer to and that ``objects`` do not hold, each once.

    Only those of the server of ``origin``: a stranger's address in an object is not dialled.
    """
    known = {str(one.get("id")) for one in objects if isinstance(one, dict)}
    coming = [one for one in objects if type_of(one) == "Meeting" and _is_coming(one, now)]
    found = (address for meeting in coming for address in _addresses(meeting))
    return list(dict.fromkeys(one for one in found if one not in known and same_server(one, origin)))


def _is_coming(meeting: Mapping[str, Any], now: datetime) -> bool:
    day = (now - _BACK).date().isoformat()
    return not is_true(meeting.get("deleted")) and str(meeting.get("start", ""))[:10] >= day


def _addresses(meeting: Mapping[str, Any]) -> Iterator[str]:
    for name in _NAMES:
        for one in listed(meeting.get(name)):
            if isinstance(one, str) and web_address(one):
                yield one
