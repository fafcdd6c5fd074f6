"""Errors that answer: try again, gone for good, wake somebody, which sentence for the citizen.

Every class carries the answers as class attributes, so whoever catches it need not know the class.
The docstring is the operator's text, ``label`` the stable key of the sentence a citizen or clerk reads
(looked up in the catalogues).
"""

from __future__ import annotations


class OrtsrufError(Exception):
    """Something Ortsruf foresaw went wrong."""

    retry = False  # may the same call succeed later without anybody's help?
    gone = False  # has the thing addressed ceased to exist?
    pages = False  # must an operator be told at once?
    label = "error"

    def __init__(self, message: str = "", *, subject: str = "") -> None:
        """Take the plain-language ``message`` and the ``subject`` (URL, setting, row id) it is about."""
        super().__init__(message or (type(self).__doc__ or "").splitlines()[0])
        self.subject = subject


class SourceError(OrtsrufError):
    """A source could not be read; its last good state is kept."""

    label = "source"


class SourceUnreachable(SourceError):
    """The source did not answer, or not in time."""

    retry = True
    label = "source-unreachable"

    def __init__(self, message: str = "", *, subject: str = "", retry_after: float | None = None) -> None:
        """``retry_after``: seconds the server asked us to wait, if it did (RFC 9110, 10.2.3)."""
        super().__init__(message, subject=subject)
        self.retry_after = retry_after


class SourceRefused(SourceError):
    """The source answered with something that is not what it promised (HTML, a bomb, a broken file)."""

    label = "source-refused"


class SourceTooLarge(SourceRefused):
    """The answer is larger than a source of this kind may be."""

    label = "source-too-large"


class SourceConfigError(SourceError):
    """The source's settings cannot work."""

    label = "source-config"


class AddressRefused(OrtsrufError):
    """The address is private, malformed or not allowed, so it is never dialled."""

    label = "address-refused"


class HttpFailed(OrtsrufError):
    """A request ended without an answer: connection, TLS or deadline."""

    retry = True
    label = "http-failed"


class SettingsError(OrtsrufError):
    """The settings are wrong; the message names every fault at once."""

    label = "settings"


class SubscribeError(OrtsrufError):
    """A sign-up cannot be accepted as it was typed."""

    label = "subscribe"


class DraftError(OrtsrufError):
    """What was written cannot be kept or sent as it is."""

    label = "draft"


class DraftChanged(DraftError):
    """Somebody else changed this meanwhile; what was typed is kept beside it."""

    label = "draft-changed"


class ActRefused(DraftError):
    """This may not be done now, or not by this person; ``why`` is one of ``hub.core.release.Refusal``."""

    label = "act-refused"

    def __init__(self, why: str = "", *, subject: str = "") -> None:
        """Take why it is refused."""
        super().__init__(f"refused: {why}" if why else "", subject=subject)
        self.why = why


class StoreError(OrtsrufError):
    """The database refused; nothing was half-written."""

    retry = True
    pages = True
    label = "store"


class PayloadTooLarge(OrtsrufError):
    """A message does not fit its channel. This is our bug, not the recipient's."""

    pages = True
    label = "payload-too-large"
