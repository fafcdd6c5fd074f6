"""The settings check: each fault shows once and as badly as it is; a sound installation is green."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.core.facts import Facts, Grade
from hub.core.soundness import findings, worst
from hub.language import catalogue

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SOUND = Facts(
    NOW, base_url="https://ortsruf.kreis-dueren.de", trusted_proxy="127.0.0.1", keys=frozenset({"links", "vapid_private"}),
    sender="ortsruf@kreis-dueren.de", mail_host="smtp.kreis-dueren.de", dkim_domain="kreis-dueren.de",
    canary_mailbox="ortsruf-test@kreis-dueren.de", push_subject="mailto:it@kreis-dueren.de", contact="it@kreis-dueren.de",
    database="SQLite", version=(3, 51, 3), backup=NOW - timedelta(hours=9), towns=3, operators=2, alive=1,
)  # fmt: skip
RED, YELLOW = Grade.RED, Grade.YELLOW


def test_a_sound_installation_is_green() -> None:
    found = findings(SOUND)
    assert [one for one in found if one.grade is not Grade.GREEN] == []
    assert worst(found) is Grade.GREEN
    assert len(found) >= 9


@pytest.mark.parametrize(
    ("change", "title", "grade"),
    [
        ({"base_url": "http://ortsruf.kreis-dueren.de"}, "Public address", RED),
        ({"base_url": "http://127.0.0.1:8080"}, "Public address", YELLOW),
        ({"trusted_proxy": ""}, "Web server in front", YELLOW),
        ({"secret_length": 12}, "Key of the secret links", RED),
        ({"keys": frozenset({"vapid_private"})}, "Key of the secret links", RED),
        ({"keys": frozenset({"links"})}, "Notifications", RED),
        ({"push_subject": ""}, "Notifications", YELLOW),
        ({"sender": ""}, "E-mail", YELLOW),
        ({"dkim_domain": "elsewhere.de"}, "E-mail", RED),
        ({"safe_wal": False}, "Database", YELLOW),
        ({"database": "PostgreSQL", "version": (13, 9)}, "Database", RED),
        ({"free": 900_000_000}, "Disk space", RED),
        ({"free": 4_000_000_000}, "Disk space", YELLOW),
        ({"open_folder": "/var/lib/ortsruf"}, "Data folder", YELLOW),
        ({"skew": timedelta(seconds=-6)}, "Clock", RED),
        ({"hold": "The clock leapt."}, "Clock", RED),
        ({"zones_known": False}, "Time zones", RED),
        ({"wrong_zones": ("Europe/Dueren",)}, "Time zones", RED),
        ({"backup": None}, "Backup", YELLOW),
        ({"backup": NOW - timedelta(days=3)}, "Backup", YELLOW),
        ({"backup": NOW - timedelta(days=9)}, "Backup", RED),
        ({"metrics_token": 5}, "Figures for monitoring", RED),
        ({"oidc_issuer": "https://id.kreis-dueren.de"}, "Directory of the county", YELLOW),
        ({"debug": ("FLASK_DEBUG",)}, "Debugging", RED),
        ({"allow_hosts": ("10.0.0.0/8",)}, "Private network", YELLOW),
        ({"contact": ""}, "Contact", YELLOW),
        ({"canary_minutes": 0}, "Test messages", YELLOW),
        ({"alive": 0}, "Processes", YELLOW),
        ({"operators": 0}, "People", RED),
        ({"operators": 1}, "People", YELLOW),
        ({"untold": ("Kreuzau",)}, "Editors’ addresses", YELLOW),
        ({"towns": 0}, "Municipalities", YELLOW),
    ],
)
def test_every_fault_shows_with_what_to_do(change, title: str, grade: Grade) -> None:
    found = findings(replace(SOUND, **change))
    (one,) = [one for one in found if one.grade is not Grade.GREEN]
    assert (one.title, one.grade) == (title, grade)
    assert one.todo
    assert one.what.format(**one.given)
    assert one.todo.format(**one.given)
    assert found[0] is one  # the worst comes first
    german = catalogue("de")
    assert {one.title, one.what, one.todo} <= set(german)
    assert german[one.what].format(**one.given) != one.what


@pytest.mark.parametrize("sender", ["a@kreis-dueren.de", "a@mail.kreis-dueren.de"])
def test_a_signature_fits_its_domain_and_those_below(sender: str) -> None:
    assert worst(findings(replace(SOUND, sender=sender))) is Grade.GREEN
    assert worst(findings(replace(SOUND, sender="a@anderkreis-dueren.de"))) is RED
