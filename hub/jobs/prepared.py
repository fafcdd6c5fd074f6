"""A message that is prepared once for all who share it, whatever the channel makes of it."""

from __future__ import annotations

from dataclasses import dataclass

from hub.core.message import Message, Payload, Recipient, Site, Template
from hub.jobs.house import Outgoing


@dataclass(frozen=True, slots=True)
class _Unwritten:
    """The template of a message that could not be written: each of its recipients fails, the others are told."""

    error: Exception

    def fill(self, _recipient: Recipient, _serial: str) -> Payload:
        raise self.error


def prepared(channel: Outgoing, message: Message, language: str, site: Site) -> Template:
    """Return the channel's template; whatever goes wrong is raised for each recipient, when it is filled."""
    try:
        return channel.prepare(message, language, site)
    except Exception as error:  # noqa: BLE001 - raised again for each recipient
        return _Unwritten(error)
