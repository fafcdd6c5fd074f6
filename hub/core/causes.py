"""Why a source is in trouble, in words that a clerk understands, and what to do about it. Pure.

An error leaves its ``label`` and its own sentence behind; here both become a :class:`Cause`. The texts are English
and keys of the catalogues (``hub/translations``), so that pages, mails and the command line say the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


def _(message: str) -> str:
    """Mark a text for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Cause:
    """``what`` happened and what there is ``todo``; ``code`` names it for machines and stays."""

    code: str
    what: str
    todo: str


@dataclass(frozen=True, slots=True)
class _Rule:
    """A cause with the words by which an error's sentence is recognised; no words: the label alone decides."""

    labels: tuple[str, ...]
    words: str
    cause: Cause


_WAIT = _("There is nothing to do: we try again by ourselves. If it lasts longer than a day, ask the provider.")
_LOOK = _("Open the address in a browser. If you see no data there either, tell the provider.")
_ADDRESS = Cause(
    "address", _("The address is not one that may be read: it is private, malformed or unprotected."),
    _("Use the public https address of the source."),
)  # fmt: skip
_UNREACHABLE = Cause("unreachable", _("The server of the source cannot be reached."), _WAIT)
_TRUST = _("If the source is right, say so with “Trust this answer”. If not, tell the provider; nothing is withdrawn.")
_DECIDE = _("Look at each item, and release it or drop it.")
_DOUBTS = {  # why a whole answer or a single item is held and not acted on
    one.code: one
    for one in (
        Cause("empty", _("The source suddenly has nothing at all. What was known stays."), _TRUST),
        Cause("not-a-feed", _("Nothing that the source sends can be read any more. What was known stays."), _TRUST),
        Cause("half", _("At least half of what lies ahead is gone at once. What was known stays."), _TRUST),
        Cause("vanished", _("Too much is gone from the source at once to be believed. What was known stays."), _TRUST),
        Cause("flood", _("The source brings more new items at once than can be news. Nobody was told."), _DECIDE),
        Cause("future", _("An item claims to be sent from the future, so a clock is wrong. Nobody was told."), _DECIDE),
        Cause("elsewhere", _("An item is about an area far from here. Nobody was told."), _DECIDE),
        Cause("no-area", _("A warning does not say where it holds. Nobody was told."), _DECIDE),
        Cause("forged", _("An item is not signed as this source promises. Nobody was told."), _DECIDE),
    )
}  # fmt: skip
_RULES = (
    _Rule((), r"\(401\)|asks for a login", Cause(
        "login", _("The source asks for a user name and a password."),
        _("Ask the provider for an address that everybody may read."))),
    _Rule((), r"\(403\)|refuses to answer us", Cause(
        "forbidden", _("The source refuses to answer us."),
        _("Ask the provider to let Ortsruf read the address; our requests name themselves."))),
    _Rule((), r"\((404|410)\)|nothing at this address", Cause(
        "gone", _("There is nothing at this address any more."),
        _("Look for the new address on the provider’s website, add it as a new source and remove this one."))),
    _Rule((), r"\(429\)|less often", Cause(
        "too-often", _("The source asks us to come less often."),
        _("There is nothing to do: we wait as long as it asks. If it goes on, give the source a longer interval."))),
    _Rule((), r"certificate|\bssl\b|\btls\b", Cause(
        "certificate", _("The certificate of the source is not valid, so nobody can tell who answers."),
        _("Tell the provider to renew the certificate. We never read such an answer."))),
    _Rule((), r"name or service not known|no address found|name resolution|getaddrinfo|nodename|nxdomain", Cause(
        "no-such-host", _("There is no server of that name."),
        _("Look at the address for a slip of the pen; perhaps the provider has moved."))),
    _Rule((), r"no complete answer|timed? ?out|took longer", Cause(
        "slow", _("The source did not answer in time."), _WAIT)),
    _Rule((), r"connection refused|connect(ion|ions)? (call|attempts)|unreachable|disconnected|reset", _UNREACHABLE),
    _Rule((), r"\(5\d\d\)|out of service|fault of its own|\(408\)|\(425\)", Cause(
        "server-fault", _("The server of the source has a fault of its own."), _WAIT)),
    _Rule((), r"redirects", Cause(
        "redirects", _("The source sends us on to an address that we do not follow."),
        _("Open the address in a browser and use the address at which you arrive."))),
    _Rule((), r"web page|html", Cause(
        "web-page", _("The source sends a web page instead of data: a login, maintenance or error page, perhaps."),
        _LOOK)),
    _Rule(("source-too-large",), r"", Cause(
        "too-large", _("The source sends more than such a source ever has."),
        _("Perhaps the address is that of everything there is; look for the one of your municipality."))),
    _Rule((), r"nothing at all|is empty|contains no|has no (item|event|entr|date)", Cause(
        "empty", _("The source sends an empty answer. What was known stays."), _LOOK)),
    _Rule((), r"broken|cut off|\bhalf\b", Cause(
        "broken", _("The source sends a broken or incomplete file. What was known stays."), _LOOK)),
    _Rule(("source-config",), r"", Cause(
        "settings", _("The settings of the source do not fit what it has."),
        _("Look at it with `ortsruf source preview`, and add it anew with settings that fit."))),
    _Rule((), r"not a public one|unprotected http|address (is|contains|names)|not a port|no port", _ADDRESS),
    _Rule(("address-refused",), r"", _ADDRESS),
    _Rule((), r"^unexpected", Cause(
        "unexpected", _("Something that nobody foresaw went wrong while reading the source. What was known stays."),
        _("Tell whoever runs this Ortsruf; the log says more."))),
    _Rule(("source-unreachable", "http-failed"), r"", _UNREACHABLE),
    _Rule(("source-refused",), r"", Cause(
        "unreadable", _("The source sends something that we cannot read. What was known stays."), _LOOK)),
)  # fmt: skip
_UNKNOWN = Cause("unknown", _("The source could not be read. What was known stays."), _LOOK)


def cause(label: str, detail: str) -> Cause:
    """Return what an error with this ``label`` and this sentence (``detail``) means to a clerk.

    ``label`` may also be a reason for which an answer or an item is held (``half``, ``flood`` …).
    """
    if label in _DOUBTS:
        return _DOUBTS[label]
    said = detail.casefold()
    for rule in _RULES:
        if (not rule.labels or label in rule.labels) and re.search(rule.words, said):
            return rule.cause
    return _UNKNOWN


def every_cause() -> tuple[Cause, ...]:
    """Return all causes there are, for the catalogues' test."""
    return (*_DOUBTS.values(), *(rule.cause for rule in _RULES), _UNKNOWN)
