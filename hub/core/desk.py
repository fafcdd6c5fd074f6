"""The editor's desk: what is told of a source itself, to its editor and to those who rely on it.

An incident is a notice of kind :data:`KIND`. Its key is ``source:<id>:<sort>:<since>``; its category is the sort.
Those for the editor carry the hidden :data:`TOPIC`, which nobody gets who did not name it.
"""

from __future__ import annotations

from hub.core.notice import Notice

KIND = "desk"
TOPIC = "desk"
ACCOUNT = "account"  # the kind of what is written to people who sign in (hub.jobs.correspond)
CANARY = "canary"  # test messages to ourselves (hub.jobs.canary)
HIDDEN = frozenset({TOPIC, CANARY})  # topics that no public list, calendar, feed or "any topic" may show


def incident_key(source_id: str, sort: str, since: str) -> str:
    """Return the stable key of an incident."""
    return f"source:{source_id}:{sort}:{since}"


def source_of(notice: Notice) -> str:
    """Return the id of the source that an incident is about; empty for what is about none (a report of a reader)."""
    sort, _, rest = notice.key.partition(":")
    return rest.partition(":")[0] if sort == "source" else ""
