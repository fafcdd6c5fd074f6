"""What the code would be without a guard that is no single name: each stands in for a function of ``faults.toml``."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jinja2 import Environment
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier
from sqlalchemy import RowMapping, select
from sqlalchemy.orm import Session

from calendars import read
from calendars.lines import Cut, _Cutter, unfold
from calendars.moments import Clock
from calendars.repair import Draft, repair_draft
from feeds.cap.signature import Seal
from feeds.cap.tree import root_of, safe_parser
from hub.core.changes import Known
from hub.core.errors import SourceRefused
from hub.core.source import Fetched, Source
from hub.jobs.house import House, Parsed
from hub.store import sources
from hub.store.schema import reminder


def validators_first(was: Callable[..., None]) -> Callable[..., None]:
    """Save the fetch state in a transaction of its own, before the notices are stored (S-08)."""

    def take(house: House, row: RowMapping, source: Source, fetched: Fetched, parsed: Parsed) -> None:
        with house.store.begin() as session:
            sources.succeed(session, row, state=fetched.state, now=house.now(), next_poll_at=row["next_poll_at"])
        was(house, row, source, fetched, parsed)

    return take


def cut_off_or_not(text: str, most_events: int) -> Cut:
    """Cut a calendar up without asking whether its end is there (S-05)."""
    cutter = _Cutter(most_events)
    for line in unfold(text):
        cutter.take(line)
    cutter._close()
    return cutter.found


def all_or_nothing(found: Cut, clock: Clock, repairs: Counter[str]) -> tuple[list[Draft], list[str]]:
    """Read events as ``calendars.read`` does, but let one broken event break them all (P-05)."""
    drafts = [read._draft(one, one.text("SUMMARY", 500), clock) for one in found.events]
    for draft in drafts:
        repairs.update(repair_draft(draft, clock))
        read._check(draft)
    return drafts, []


def any_order(was: Callable[..., Known | None]) -> Callable[..., Known | None]:
    """Forget when the known word was sent, so that an older one replaces it (P-09)."""

    def known(*arguments: Any) -> Known | None:
        found = was(*arguments)
        return replace(found, notice=replace(found.notice, sent=None)) if found is not None else None

    return known


def any_document(body: bytes) -> etree._Element:
    """Return the root of an XML document, with or without a document type (P-01)."""
    try:
        return etree.fromstring(body.lstrip(), safe_parser())
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise SourceRefused("The XML is broken.") from error


def wherever_signed(seal: Seal, body: bytes) -> etree._Element:
    """Verify whatever in ``body`` is signed, then believe what stands where readers look (P-11, wrapping)."""
    root = root_of(body)
    signature = next(root.iter("{http://www.w3.org/2000/09/xmldsig#}Signature"))
    signed = copy.deepcopy(signature.getparent())
    assert signed is not None
    etree.cleanup_namespaces(signed)
    expected = SignatureConfiguration(verification_time=seal.at)
    XMLVerifier().verify(etree.tostring(signed, with_tail=False), x509_cert=seal.certificate, expect_config=expected)
    return root


def unescaped(was: Callable[[], Environment]) -> Callable[[], Environment]:
    """Fill the mail's templates without escaping (P-12)."""

    def templates() -> Environment:
        found = was()
        found.autoescape = False
        return found

    return templates


def planned_once(was: Callable[..., None]) -> Callable[..., None]:
    """Plan a reminder where there is none yet, but leave the planned ones where they were (C-07)."""

    def plan(session: Session, notice_id: str, slot: str, want: tuple[int, str, str], **times: Any) -> None:
        there = select(reminder.c.id).where(reminder.c.notice_id == notice_id, reminder.c.slot == slot)
        if session.execute(there).first() is None:
            was(session, notice_id, slot, want, **times)

    return plan
