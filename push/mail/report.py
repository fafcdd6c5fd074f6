"""Read what comes to the return path: delivery reports (RFC 3464), complaints (RFC 5965), older formats. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import compat32

from hub.core.bounces import Report, Sort
from push.mail.send import ENHANCED, is_unknown

_LONGEST = 1_000_000  # bytes; a report quotes the mail it is about, and ours are smaller
_PARTS = 50
_SENT_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To")
_COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "opt-out-list", "virus"})
_LONGEST_LINE = 2_000
_ADDRESS = re.compile(r"[^\s<>,;:\"@]{1,64}@[^\s<>,;:\"@]{1,255}")
_LINK = re.compile(r"<(https?://[^<>\s]{1,500})>")
_ANSWERS = re.compile(r"auto-replied|auto-generated|vacation", re.IGNORECASE)


def read(raw: bytes) -> Report:
    """Return what a mail says about one of ours; never raises, whatever it is."""
    mail = message_from_bytes(raw[:_LONGEST], policy=compat32)
    parts = [part for part, _ in zip(mail.walk(), range(_PARTS), strict=False)]
    paths, links = [*_addresses(mail)], []
    for part in parts[1:]:
        paths += [_text(part, "Return-Path"), _text(part, "Original-Mail-From"), _text(part, "X-Original-Mail-From")]
        links += _LINK.findall(_text(part, "List-Unsubscribe"))
    for head in _quoted_heads(parts):
        paths += [_text(head, "Return-Path"), _text(head, "Original-Mail-From")]
        links += _LINK.findall(_text(head, "List-Unsubscribe"))
    sort, status, detail = _sorted(mail, parts)
    found = tuple(dict.fromkeys(address.strip().strip("<>") for address in paths if "@" in address))
    return Report(sort, status, " ".join(detail.split())[:200], found, tuple(dict.fromkeys(links)))


def _sorted(mail: Message, parts: list[Message]) -> tuple[Sort, str, str]:
    """Return what the report says, its enhanced code and its words."""
    kinds = {part.get_content_type() for part in parts}
    if "message/feedback-report" in kinds:
        return _complaint(parts)
    blocks = [
        block for part in parts if part.get_content_type() == "message/delivery-status" for block in _blocks(part)
    ]
    if blocks:
        return _delivery(blocks)
    if _ANSWERS.search(_text(mail, "Auto-Submitted") + _text(mail, "X-Autoreply") + _text(mail, "Precedence")) and (
        _text(mail, "Return-Path").strip() != "<>"
    ):
        return Sort.NOTHING, "", "an automatic answer"
    return _older(mail)


def _complaint(parts: list[Message]) -> tuple[Sort, str, str]:
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            for block in _blocks(part):
                kind = _text(block, "Feedback-Type").strip().lower()
                if kind:
                    return (Sort.COMPLAINT if kind in _COMPLAINTS else Sort.NOTHING), "", f"feedback: {kind}"
    return Sort.NOTHING, "", "feedback without a type"


def _delivery(blocks: list[Message]) -> tuple[Sort, str, str]:
    """Return the verdict of a delivery report; only an action "failed" is a bounce, a delay is none yet."""
    for block in blocks:
        if _text(block, "Action").strip().lower() != "failed":
            continue
        said = _text(block, "Diagnostic-Code")
        status = _first(ENHANCED, _text(block, "Status"))
        told = _first(ENHANCED, said)
        if told and (not status or status.endswith(".0.0")):
            status = told  # "5.0.0" says less than what the other server said
        if status.startswith("4"):
            return Sort.SOFT, status, said
        vague = not status or status.endswith(".0.0")
        hard = is_unknown(said if vague else status)
        return (Sort.HARD if hard else Sort.SOFT), status, said
    return Sort.NOTHING, "", "no failure"


def _older(mail: Message) -> tuple[Sort, str, str]:
    """Return what a report in no standard form says, if it is one."""
    from flufl.bounce import all_failures

    try:
        temporary, permanent = all_failures(mail)
    except Exception as error:  # noqa: BLE001 - a stranger's mail may break a stranger's reader
        return Sort.NOTHING, "", f"unreadable: {type(error).__name__}"
    if permanent:
        words = _words(mail)
        return (Sort.HARD if is_unknown(words) else Sort.SOFT), _first(ENHANCED, words), words
    return (Sort.SOFT, "", _words(mail)) if temporary else (Sort.NOTHING, "", "no report")


def _words(mail: Message) -> str:
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True)
            return content[:4000].decode("utf-8", "replace") if isinstance(content, bytes) else ""
    return ""


def _blocks(part: Message) -> list[Message]:
    """Return the groups of fields of a machine-readable part, however the mail library took it."""
    content = part.get_payload()
    if isinstance(content, list):
        return [one for one in content if isinstance(one, Message)]
    text = str(content).replace("\r\n", "\n").strip()
    return [message_from_bytes(f"{one}\n\n".encode("utf-8", "replace")) for one in text.split("\n\n")]


def _quoted_heads(parts: list[Message]) -> Iterator[Message]:
    """Give back the heads of quoted mails that are parts of plain text (text/rfc822-headers, or the whole as text)."""
    for part in parts:
        if part.get_content_type() == "message/feedback-report":
            yield from _blocks(part)
        elif part.get_content_maintype() == "text":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                for found in re.finditer(rb"(?m)^(?:Return-Path|List-Unsubscribe):.*(?:\r?\n[ \t].*)*", content):
                    yield message_from_bytes(found.group() + b"\r\n\r\n")


def _addresses(mail: Message) -> Iterator[str]:
    for name in _SENT_TO:
        for value in mail.get_all(name, [])[:_PARTS]:
            yield from _ADDRESS.findall(str(value)[:_LONGEST_LINE])


def _text(part: Message, name: str) -> str:
    return " ".join(str(part.get(name, "")).split())


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found.group() if found else ""
