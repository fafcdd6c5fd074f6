"""Bounces: what came back is read, and an address that nobody has, or whose owner complained, is written to no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from hub.core import hosts
from hub.core.bounces import Report, Sort, Trouble, rule
from hub.jobs.house import House
from hub.store import addresses, mailboxes, subscribers
from hub.store import hosts as store_hosts
from push.mail import verp
from push.mail.report import read

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one mail to the return path brought: its report, the endpoint it is about, why that one was ended."""

    report: Report
    endpoint: int | None = None
    ended_why: str = ""


def take(house: House, raw: bytes, sent_to: Sequence[str] = ()) -> Taken:
    """Read one mail that came to the return path (``sent_to``, if the mail server said so) and act upon it.

    A report that does not carry our signature is about nobody: forged bounces end no subscription. The person's
    other ways stay; a complaint ends all their ways by mail.
    """
    report = read(raw)
    endpoint_id = _about(house, report, sent_to)
    if endpoint_id is None:
        return Taken(report)
    now = house.now()
    with house.store.begin() as session:
        row = subscribers.endpoint_row(session, endpoint_id)
        if row is None or row["channel"] != "mail" or row["state"] not in {"active", "pending"}:
            return Taken(report, endpoint_id)
        ruling = rule(report.sort, Trouble(row["troubled_since"], row["soft_bounces"]), now)
        if ruling.ended_why:
            ended = _mailboxes(session, row) if report.sort is Sort.COMPLAINT else [endpoint_id]
            subscribers.end_endpoints(session, ended, now, why=ruling.ended_why)
        elif ruling.trouble is not None:
            mailboxes.troubled(session, endpoint_id, since=ruling.trouble.since, bounces=ruling.trouble.bounces)
    log.info("bounce", endpoint=endpoint_id, sort=report.sort, status=report.status, ended=ruling.ended_why)
    return Taken(report, endpoint_id, ruling.ended_why)


def _mailboxes(session: Session, row: RowMapping) -> list[int]:
    """Return every way by mail of the person who complained, and others at the same address in that municipality."""
    ways = subscribers.endpoints_of(session, row["subscriber_id"])
    mine = [one["id"] for one in ways if one["channel"] == "mail"]
    return mine + [one["id"] for one in addresses.same_address(session, row)]


def _about(house: House, report: Report, sent_to: Sequence[str]) -> int | None:
    """Return the endpoint that a signed return path or a signed link in the quoted mail names."""
    key = house.outlet("mail").keys.get("links", "")
    for path in (*sent_to, *report.paths):
        found = verp.endpoint_of(path, key) if key else None
        if found is not None:
            return int(found)
    for link in report.links:
        base, _, token = link.rpartition("/u/")
        ours = base == house.links.base_url or _is_of_a_town(house, base)
        parts = (house.links.parts("unsubscribe", token) or house.links.parts("monthly", token)) if ours else None
        if parts:
            return parts[0]
    return None


def _is_of_a_town(house: House, base: str) -> bool:
    """Whether links begin so at one of the municipalities' own hosts."""
    host = hosts.named(urlsplit(base).netloc)
    with house.store.read() as session:
        return store_hosts.of(session, host) is not None
