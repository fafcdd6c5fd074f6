"""The wiring: what init leaves behind, what a wrong database answers, and the engine for many machines."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from conftest import fresh_database
from postgres_server import Server
from sqlalchemy import func, select

from hub.bootstrap import Building, add_municipality, initialise
from hub.core.errors import SettingsError
from hub.settings import Settings, load
from hub.store import audit, towns
from hub.store.database import Store
from hub.store.schema import code, holiday, place, secret


def _settings(folder: Path, **environ: str) -> Settings:
    return load(None, {"ORTSRUF_DATA": str(folder), **environ})[0]


def test_init_twice_keeps_the_keys_and_loads_the_reference_data(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    counts = initialise(settings)
    building = Building(settings)
    keys = building.keys
    initialise(settings)
    assert add_municipality(building.store, ars="053580016016") == "huertgenwald"
    with building.store.read() as session:
        assert towns.secrets(session) == keys
        assert set(keys) == {
            "canary_auth", "canary_private", "federation_id", "federation_private", "links", "vapid_private", "vapid_public",
        }  # fmt: skip
        assert session.scalar(select(func.count()).select_from(place)) == counts["places"] == 11_260
        assert session.scalar(select(code.c.label).where(code.c.scheme == "cpv", code.c.value == "45000000"))
        assert session.scalar(
            select(holiday.c.name).where(holiday.c.land == "05", holiday.c.day == f"{time.gmtime().tm_year}-12-25")
        )
        assert towns.place_name(session, "053580016016/zone:nord") == "Hürtgenwald"
    building.close()


def test_the_log_says_that_init_founded_a_municipality(store: Store) -> None:
    for _ in range(2):
        add_municipality(store, ars="053580016016", slug_="wald")
    with store.read() as session:
        (row,) = audit.latest(session, acts=["municipality.added"])
        assert (row["actor"], row["act"], row["town"]) == ("command", "municipality.added", "wald")
        assert row["detail"] == {"ars": "053580016016"}


def test_a_slug_stays_with_its_municipality(store: Store) -> None:
    assert add_municipality(store, ars="053580016016", slug_="wald") == "wald"
    assert add_municipality(store, ars="053580016016") == "wald", "repeating it is harmless"
    with pytest.raises(SettingsError, match="belongs to Hürtgenwald already"):
        add_municipality(store, ars="053580020020", slug_="wald")
    with pytest.raises(SettingsError, match="address of the installation itself"):
        add_municipality(store, ars="053580020020", slug_="konto")
    assert [add_municipality(store, ars=ars) for ars in ("010515163089", "010560041041")] == [
        "quickborn", "quickborn-kreis-pinneberg",
    ], "two of one name"  # fmt: skip


def test_a_database_that_is_not_ready_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ortsruf init"):
        Building(_settings(tmp_path))


def test_the_engine_for_many_machines_needs_its_database(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="postgresql"):
        initialise(_settings(tmp_path, ORTSRUF_ENGINE="postgres"))


def test_the_same_code_runs_on_postgresql(tmp_path: Path, postgres: Server) -> None:
    settings = _settings(tmp_path, ORTSRUF_ENGINE="postgres", ORTSRUF_DATABASE=fresh_database(postgres, "wiring"))
    initialise(settings)
    initialise(settings)
    building = Building(settings)
    add_municipality(building.store, ars="053580016016")
    building.engine.start()
    with building.store.begin() as session:
        session.execute(secret.insert().values(name="x", value="y", created_at=building.house.now()))
        building.engine.defer(session, "sweep", "")
    until = time.monotonic() + 20
    while building.engine.stats().waiting and time.monotonic() < until:
        time.sleep(0.05)
    assert not building.engine.stats().waiting
    assert building.engine.health() == ""
    building.close()


def test_only_a_key_from_outside_the_database_locks_what_a_copy_must_not_show(tmp_path: Path) -> None:
    initialise(_settings(tmp_path))
    for environ, kept_plain in (({}, True), ({"ORTSRUF_SECRET": "a setting"}, False)):
        building = Building(_settings(tmp_path, **environ))
        assert (building.house.strongbox.put("JBSWY3DP", "totp:1") == "JBSWY3DP") is kept_plain
        building.close()
