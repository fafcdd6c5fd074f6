"""The keys of a process: read now and then, a municipality's at once, and kept while the database is away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from fakes.house import Town

from hub.core.errors import SettingsError, StoreError
from hub.founding import make_keys
from hub.jobs.rotate import give_own, rotate
from hub.keyring import Keyring
from push.webpush.crypto import private_of, subject_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Watch:
    """A clock of seconds."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_key_made_meanwhile_is_found_at_once_and_a_rotated_one_within_a_minute(village: Town) -> None:
    make_keys(village.store, NOW)
    watch = Watch()
    keys = Keyring(village.store, watch)
    before = keys["vapid_public"]
    with village.store.begin() as session:
        public = give_own(session, "huertgenwald", NOW, actor="command", subject="mailto:amt@example.org")
    rotate(village.store, NOW)
    watch.at = 2.0
    assert keys["vapid_public"] == before
    assert private_of(public) not in dict(keys)
    assert "PRIVATE KEY" in keys[private_of(public)]
    assert keys.get(subject_of(public)) == "mailto:amt@example.org"
    watch.at = 100.0
    assert keys["vapid_public"] != before
    assert len(keys) == len(list(keys))


def test_an_unknown_key_is_asked_for_once_a_second(village: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    watch, asked = Watch(), []
    keys = Keyring(village.store, watch)
    real = village.store.read
    monkeypatch.setattr(village.store, "read", lambda: asked.append(1) or real())
    watch.at = 5.0
    for _ in range(50):
        assert private_of("nobody's") not in keys
    assert len(asked) == 1
    assert keys.get("other") is None


def test_a_database_that_is_away_takes_no_key_with_it(village: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    make_keys(village.store, NOW)
    watch = Watch()
    keys = Keyring(village.store, watch)

    def away() -> None:
        raise StoreError("The database refused.")

    monkeypatch.setattr(village.store, "read", away)
    watch.at = 1000.0
    assert keys["links"]
    with pytest.raises(SettingsError, match="ortsruf init"):
        Keyring(village.store, watch)
