"""What the surroundings are like: findings about database, disk, clock, backups, processes and people. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from hub.core.facts import GB, Facts, Finding, Grade, Rule

_LITTLE, _TOO_LITTLE = 5 * GB, GB  # bytes free
_OLD, _TOO_OLD = timedelta(days=2), timedelta(days=8)  # of the last backup
_SKEW = timedelta(seconds=5)
_OLDEST_POSTGRES = (14,)


def _(message: str) -> str:
    return message


def _database(facts: Facts) -> Iterator[Finding]:
    title, given = _("Database"), {"name": facts.database, "version": ".".join(map(str, facts.version))}
    if facts.database == "SQLite" and not facts.safe_wal:
        yield Finding(
            title, Grade.YELLOW, _("{name} {version} has a fault that we avoid; writers wait for readers."),
            _("Install the extra that brings its own SQLite, or a newer system."), given,
        )  # fmt: skip
    elif facts.database == "PostgreSQL" and facts.version < _OLDEST_POSTGRES:
        yield Finding(title, Grade.RED, _("{name} {version} is no longer looked after."), _("Update it."), given)
    else:
        yield Finding(title, Grade.GREEN, _("{name} {version} is safe."), given=given)


def _disk(facts: Facts) -> Iterator[Finding]:
    title, given = _("Disk space"), {"free": f"{facts.free / GB:.1f}"}
    if facts.free < _TOO_LITTLE:
        yield Finding(
            title, Grade.RED, _("Only {free} GB are free."), _("Make room now: a full disk stops all."), given
        )
    elif facts.free < _LITTLE:
        yield Finding(title, Grade.YELLOW, _("Only {free} GB are free."), _("Make room soon."), given)
    else:
        yield Finding(title, Grade.GREEN, _("{free} GB are free."), given=given)
    if facts.open_folder:
        yield Finding(
            _("Data folder"), Grade.YELLOW, _("Others on this machine may read {folder}."),
            _("It holds addresses and keys: chmod 700."), {"folder": facts.open_folder},
        )  # fmt: skip


def _clock(facts: Facts) -> Iterator[Finding]:
    title, given = _("Clock"), {"moment": f"{facts.now:%Y-%m-%d %H:%M} UTC"}
    if abs(facts.skew) > _SKEW:
        yield Finding(
            title, Grade.RED, _("This machine and the database disagree about the time by {seconds} seconds."),
            _("Let both machines set their clocks by NTP."), {"seconds": f"{abs(facts.skew).total_seconds():.0f}"},
        )  # fmt: skip
    elif facts.hold:
        yield Finding(
            title, Grade.RED, _("The installation is on hold: {reason}"), _("Look at it, then run `ortsruf release`."),
            {"reason": facts.hold},
        )  # fmt: skip
    else:
        yield Finding(title, Grade.GREEN, _("It shows {moment}."), given=given)
    if not facts.zones_known:
        yield Finding(
            _("Time zones"), Grade.RED, _("This machine does not know Europe/Berlin rightly."), _("Install tzdata.")
        )  # fmt: skip
    if facts.wrong_zones:
        yield Finding(
            _("Time zones"), Grade.RED, _("There is no such time zone: {zones}."),
            _("Give the municipality an IANA name such as Europe/Berlin."), {"zones": ", ".join(facts.wrong_zones)},
        )  # fmt: skip


def _backup(facts: Facts) -> Iterator[Finding]:
    title = _("Backup")
    if facts.backup is None:
        yield Finding(
            title, Grade.YELLOW, _("`ortsruf backup` has not run here yet."),
            _("Let it run every night. If you back up otherwise, this may stay."),
        )  # fmt: skip
        return
    age = facts.now - facts.backup
    given = {"day": f"{facts.backup:%Y-%m-%d}", "days": str(age.days)}
    if age > _TOO_OLD:
        yield Finding(
            title, Grade.RED, _("The last one is of {day}, {days} days ago."), _("Look why it runs no more."), given
        )
    elif age > _OLD:
        yield Finding(
            title, Grade.YELLOW, _("The last one is of {day}, {days} days ago."), _("Look why it runs no more."), given
        )
    else:
        yield Finding(title, Grade.GREEN, _("The last one is of {day}."), given=given)


def _watching(facts: Facts) -> Iterator[Finding]:
    if not facts.contact:
        yield Finding(
            _("Contact"), Grade.YELLOW, _("Nobody is told of alarms, and sources do not know who reads them."),
            _("Set contact to an address that somebody reads."),
        )  # fmt: skip
    if not facts.canary_minutes:
        yield Finding(
            _("Test messages"), Grade.YELLOW, _("They are off: a broken way shows only when somebody complains."),
            _("Set canary_minutes to 60."),
        )  # fmt: skip
    elif facts.sender and not facts.canary_mailbox:
        yield Finding(
            _("Test messages"), Grade.GREEN, _("By e-mail they end at the mail server’s door."),
            _("Name a mailbox of your own as mail.canary to prove more."),
        )  # fmt: skip
    if not facts.alive:
        yield Finding(
            _("Processes"), Grade.YELLOW, _("None is alive: nothing is gathered or sent."),
            _("Start `ortsruf serve`, or web, work and tick."),
        )  # fmt: skip


def _people(facts: Facts) -> Iterator[Finding]:
    title = _("People")
    if facts.operators == 0:
        yield Finding(
            title, Grade.RED, _("Nobody looks after the whole installation."),
            _("Invite somebody: `ortsruf account invite ADDRESS --role county-operator`."),
        )  # fmt: skip
    elif facts.operators == 1:
        yield Finding(
            title, Grade.YELLOW, _("One person alone looks after the installation."),
            _("Invite a second one, for holidays and lost phones."),
        )  # fmt: skip
    if facts.untold and facts.sender:
        yield Finding(
            _("Editors’ addresses"), Grade.YELLOW, _("Nobody is told when a source breaks: {towns}."),
            _("Name an address: `ortsruf contact MUNICIPALITY ADDRESS`."), {"towns": ", ".join(facts.untold)},
        )  # fmt: skip
    if not facts.towns:
        yield Finding(
            _("Municipalities"), Grade.YELLOW, _("There is none yet."), _("Found one: `ortsruf municipality add`.")
        )  # fmt: skip


RULES: tuple[Rule, ...] = (_database, _disk, _clock, _backup, _watching, _people)
