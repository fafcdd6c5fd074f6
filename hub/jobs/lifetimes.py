"""How long everything is kept, kind by kind: what the page of retention says. Every table belongs to one kind (T-04).

The spans are those by which the sweep, and whoever else forgets, really deletes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hub.core.lapse import DORMANT, GRACE
from hub.core.samples import KEPT as SAMPLES_LIVE
from hub.core.sessions import ABSOLUTE
from hub.jobs.prekeys import LIVES as PREKEYS_LIVE
from hub.jobs.subscribe import ASK_AGAIN
from hub.jobs.sweep import (
    DELIVERIES_LIVE,
    HISTORY_LIVES,
    LETTERS_LIVE,
    POLLS_LIVE,
    TOUCHES_LIVE,
)
from hub.jobs.tallying import REMEMBERED as BUDGETS_LIVE
from hub.store import alarms, answers, drafts, floods, heartbeats


def _(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class Kept:
    """One kind of data. ``tables``: the first one is counted. ``span`` of ``None``: as ``until`` says.

    ``personal``: whether it tells of a person, so that small counts are not shown to a municipality (T-06).
    """

    title: str
    tables: tuple[str, ...]
    span: timedelta | None
    until: str
    personal: bool = False


KINDS: tuple[Kept, ...] = (
    Kept(
        _("Residents with their wishes"),
        ("subscriber", "endpoint", "subscription", "way", "route", "guest", "mute", "interest", "interest_key",
         "read_mark"),
        DORMANT + GRACE, _("Until they delete it, or after this time without a sign of life, after a warning."), True,
    ),
    Kept(_("Addresses that were asked for a confirmation"), ("mail_ask",), ASK_AGAIN, _("From then on."), True),
    Kept(_("Moves to a new device"), ("move",), timedelta(days=7), _("At most."), True),
    Kept(
        _("Ids of who has just left"), ("erased",), timedelta(days=1), _("Until all deliveries are cleaned of them."),
        True,
    ),
    Kept(_("Keys made ahead for emergencies"), ("prekey",), PREKEYS_LIVE, _("Until they are used, and at most."), True),
    Kept(
        _("Deliveries: who was told what"),
        ("batch", "problem", "bundle", "publication", "reminder", "match", "digest_entry"), DELIVERIES_LIVE,
        _("After the message is over."), True,
    ),
    Kept(
        _("Messages and dates"),
        ("notice", "notice_alias", "notice_place", "notice_revision", "occurrence", "account"), None,
        _("As long as the municipality is here: they are public. Readers’ reports go after 90 days."),
    ),
    Kept(
        _("What is written here: drafts with their versions and steps"), ("draft", "draft_revision", "draft_step"),
        drafts.PAST, _("After it is over; single versions for 90 days. Drafts stay until they are discarded."),
    ),
    Kept(_("Pictures, files and templates"), ("attachment", "template"), None, _("As long as something names them.")),
    Kept(_("Answers to forms that were sent"), ("answered",), answers.LIVES, _("From then on.")),
    Kept(
        _("What came of notices and months"), ("reach", "impact", "footfall"), None,
        _("For good: counts only, never who."),
    ),
    Kept(_("Sources"), ("source", "websub"), None, _("Until they are removed.")),
    Kept(_("History of sources"), ("poll",), POLLS_LIVE, _("From then on.")),
    Kept(_("Held messages"), ("held_item",), HISTORY_LIVES, _("After they are outdated; what was decided stays.")),
    Kept(
        _("People who sign in"),
        ("user_account", "passkey", "recovery_code", "role_grant", "test_endpoint", "founding"), None,
        _("Until their account ends."), True,
    ),
    Kept(_("Sign-ins"), ("login_session", "tries", "spent"), ABSOLUTE, _("At most."), True),
    Kept(_("Invitations and letters"), ("letter", "invitation"), LETTERS_LIVE, _("After they end."), True),
    Kept(_("Log of who did what"), ("audit",), None, _("For good: it must not be changed.")),
    Kept(_("Figures for plots"), ("sample",), SAMPLES_LIVE, _("Those of full hours; all others for two days.")),
    Kept(_("Error budgets per day"), ("budget",), BUDGETS_LIVE, _("From then on.")),
    Kept(_("Totals"), ("tally", "mark"), None, _("For good: they only count.")),
    Kept(_("Alarms"), ("alarm",), alarms.REMEMBERED, _("After they are over.")),
    Kept(
        _("Limits against floods"), ("flood",), floods.KEPT, _("From then on; no address is kept, only a hash."), True
    ),
    Kept(_("Marks of calendars"), ("feed_touch",), TOUCHES_LIVE, _("From then on.")),
    Kept(
        _("Processes and services"), ("heartbeat", "standing", "service", "canary"), heartbeats.REMEMBERED,
        _("After their last sign of life."),
    ),
    Kept(
        _("Municipalities, places, codes, keys"),
        ("municipality", "picture", "place", "code", "holiday", "secret", "push_key", "town_host"),
        None, _("As long as the installation is here."),
    ),
)  # fmt: skip
