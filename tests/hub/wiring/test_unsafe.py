"""Wrong settings: of all of these none starts, and each is named in one clear line (O-04)."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text, update

from hub.bootstrap import Building, add_municipality, initialise, now
from hub.checkup import facts
from hub.cli import main
from hub.core.errors import OrtsrufError, SettingsError
from hub.roles import tick, work
from hub.serve import serve
from hub.settings import Settings, load
from hub.store.database import Store
from hub.store.schema import municipality, secret
from hub.unsafe import faults, refuse_unsafe

MALFORMED = {
    "base_url": {"ORTSRUF_BASE_URL": "ortsruf.example"},
    "base_url with a path": {"ORTSRUF_BASE_URL": "https://ortsruf.example/app"},
    "base_url with a password": {"ORTSRUF_BASE_URL": "https://me:pw@ortsruf.example"},
    "listen": {"ORTSRUF_LISTEN": "8080"},
    "database of another sort": {"ORTSRUF_DATABASE": "mysql://root@db/ortsruf"},
    "engine": {"ORTSRUF_ENGINE": "celery"},
    "workers": {"ORTSRUF_WORKERS": "1"},
    "trusted_proxy everybody": {"ORTSRUF_TRUSTED_PROXY": "*"},
    "allow_hosts everything": {"ORTSRUF_ALLOW_HOSTS": "10.0.0.1, 0.0.0.0/0"},
    "websub": {"ORTSRUF_WEBSUB": "perhaps"},
    "map_tiles": {"ORTSRUF_MAP_TILES": "/nowhere/map.pmtiles"},
    "oidc_issuer unprotected": {"ORTSRUF_OIDC_ISSUER": "http://id.example", "ORTSRUF_OIDC_CLIENT_ID": "a"},
    "oidc_issuer without our name": {"ORTSRUF_OIDC_ISSUER": "https://id.example"},
    "oidc_rules": {"ORTSRUF_OIDC_RULES": "admins=emperor@*"},
    "secret file that is missing": {"ORTSRUF_SECRET_FILE": "/nowhere/secret"},
    "debug, which is no setting": {"ORTSRUF_DEBUG": "1"},
    "mail.password in the clear": {"ORTSRUF_MAIL__HOST": "smtp.example.org", "ORTSRUF_MAIL__USERNAME": "a"},
    "mail.dkim in part": {"ORTSRUF_MAIL__DKIM_DOMAIN": "example.org"},
    "mail.sender": {"ORTSRUF_MAIL__SENDER": "Rathaus <rathaus>"},
    "webpush.subject": {"ORTSRUF_WEBPUSH__SUBJECT": "mailto:root@localhost"},
}
UNSAFE = {
    "debug": ({}, {"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
    "developers' mode": ({}, {"PYTHONDEVMODE": "1"}, "PYTHONDEVMODE"),
    "default secret": ({"ORTSRUF_SECRET": "changeme"}, {}, "secret"),
    "secret of one letter": ({"ORTSRUF_SECRET": "a" * 40}, {}, "secret"),
    "metrics_token": ({"ORTSRUF_METRICS_TOKEN": "1234"}, {}, "metrics_token"),
    "http in public": ({"ORTSRUF_BASE_URL": "http://ortsruf.kreis-dueren.de"}, {}, "base_url"),
    "http at a public number": ({"ORTSRUF_BASE_URL": "http://8.8.8.8"}, {}, "base_url"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_setting_is_refused_by_name(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(None, MALFORMED[name])
    said = str(caught.value).splitlines()
    assert len(said) == 2, said  # a heading, and one line for the one fault
    (variable, *_) = MALFORMED[name]
    wanted = variable.removeprefix("ORTSRUF_").removesuffix("_FILE").lower().partition("__")[0]
    assert wanted in said[1].lower() or name.startswith("oidc"), said


@pytest.mark.parametrize("name", UNSAFE)
def test_an_unsafe_installation_does_not_start(tmp_path: Path, name: str, monkeypatch) -> None:
    environ, machine, word = UNSAFE[name]
    settings, _ = load(None, {"ORTSRUF_DATA": str(tmp_path), **environ})
    initialise(settings)
    for variable, value in machine.items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        serve(settings, say=lambda _text: None)
    (line,) = str(caught.value).splitlines()[1:]
    assert word in line


@pytest.mark.parametrize("secret", ["changeme", "a" * 40])
def test_what_can_be_guessed_is_unsafe(secret: str) -> None:
    settings, _ = load(None, {"ORTSRUF_SECRET": secret})
    assert faults(settings, {}) != []


def test_there_are_more_than_twenty_of_them() -> None:
    assert len(MALFORMED) + len(UNSAFE) >= 25


@pytest.mark.parametrize(
    "environ",
    [{}, {"ORTSRUF_BASE_URL": "https://ortsruf.example"}, {"ORTSRUF_BASE_URL": "http://192.168.1.5:8080"},
     {"ORTSRUF_BASE_URL": "http://ortsruf.lan"}, {"ORTSRUF_SECRET": "qX3-7fLk92mZpVw8RtYb4NcGhJd6sEa1"},
     {"ORTSRUF_TRUSTED_PROXY": "127.0.0.1", "ORTSRUF_ALLOW_HOSTS": "10.0.0.0/8"}],
)  # fmt: skip
def test_what_is_safe_starts(environ) -> None:
    settings, _ = load(None, environ)
    assert faults(settings, {"FLASK_DEBUG": "0", "ORTSRUF_FAILPOINT": "a:1"}) == []


def test_without_keys_nothing_starts(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    initialise(settings)
    store = Store(settings.database_url)
    with store.begin() as session:
        session.execute(secret.delete())
    store.close()
    with pytest.raises(SettingsError, match="ortsruf init"):
        Building(settings)


def test_a_wrong_zone_of_a_municipality_stops_every_process(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    initialise(settings)
    store = Store(settings.database_url)
    slug = add_municipality(store, ars="053580016016")
    refuse_unsafe(settings, store, {})
    with store.begin() as session:
        session.execute(update(municipality).where(municipality.c.id == slug).values(zone="Europe/Dueren"))
    with pytest.raises(SettingsError, match="'Europe/Dueren' is no time zone"):
        refuse_unsafe(settings, store, {})
    store.close()


def test_tables_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    initialise(settings)
    store = Store(settings.database_url)
    with store.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(OrtsrufError, match="newer"):
        store.upgrade()
    store.close()


@pytest.mark.parametrize("process", [tick, lambda settings, say: work(settings, [], say=say)])
def test_the_engine_for_many_machines_needs_its_database(tmp_path: Path, process) -> None:
    with pytest.raises(SettingsError, match="postgres"):
        process(Settings(data=tmp_path, engine="postgres"), say=lambda _text: None)


def test_facts_are_read_from_the_installation(store: Store, tmp_path: Path) -> None:
    found = facts(Settings(data=tmp_path), store, now(), {"FLASK_DEBUG": "yes", "PYTHONDEVMODE": ""})
    assert found.database == ("SQLite" if store.sqlite else "PostgreSQL")
    assert found.version >= (3,)
    assert found.free > 0
    assert found.debug == ("FLASK_DEBUG",)
    assert found.zones_known
    assert abs(found.skew.total_seconds()) < 60
    assert (found.towns, found.operators, found.keys, found.backup) == (0, 0, frozenset(), None)


def test_the_command_says_what_is_wrong_and_a_backup_leaves_its_mark(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("ORTSRUF_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    run = CliRunner()
    assert run.invoke(main, ["init"]).exit_code == 0
    before = run.invoke(main, ["check"])
    assert before.exit_code == 1  # nobody looks after it yet
    assert "Nobody looks after the whole installation." in before.output
    assert "`ortsruf backup` has not run here yet." in before.output
    assert run.invoke(main, ["backup", str(tmp_path / "b.sqlite")]).exit_code == 0
    assert "`ortsruf backup` has not run here yet." not in run.invoke(main, ["check"]).output
