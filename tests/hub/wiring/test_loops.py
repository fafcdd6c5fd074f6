"""Canaries over real HTTP and SMTP on loopback: sent, encrypted, received, decrypted and compared."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from aiosmtpd.controller import Controller

from hub.bootstrap import Building, add_municipality, initialise
from hub.jobs import canary
from hub.settings import Settings
from hub.store import canaries
from hub.web import create_app
from push.ical import Settings as Ical
from push.mail import Settings as Mail
from push.webpush import Settings as Push


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


class Mailbox:
    """Takes mails, or says no."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.refuses = False

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.refuses:
            return "451 not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(envelope)
        return "250 OK"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


def settings_for(folder: Path, smtp: int, web: int, mail_canary: str = "") -> Settings:
    mail = Mail(host="127.0.0.1", port=smtp, sender="rathaus@example.org", canary=mail_canary)
    return Settings(
        data=folder, base_url=f"http://127.0.0.1:{web}", listen=f"127.0.0.1:{web}",
        channels={"mail": mail, "webpush": Push(), "ical": Ical()},
    )  # fmt: skip


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("hub.bootstrap.load_reference", lambda _store, _now: {})
    return tmp_path


def fly(building: Building) -> dict[str, Any]:
    """Go one round of proving and delivering; return the canaries by channel."""
    building.prove()
    building.run_all()
    with building.store.read() as session:
        return {row["channel"]: row for row in canaries.listed(session)}


def built(settings: Settings) -> Building:
    initialise(settings)
    building = Building(settings)
    add_municipality(building.store, ars="053580016016")
    return building


def test_a_canary_goes_the_whole_way_on_every_channel(installed: Path, mailbox: tuple[Mailbox, int]) -> None:
    box, smtp = mailbox
    web = free_port()
    building = built(settings_for(installed, smtp, web))
    server = make_server("127.0.0.1", web, create_app(building.house, building.settings), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        found = fly(building)
        assert {name: (row["how"], row["fault"]) for name, row in found.items()} == {
            "webpush": ("loopback", ""), "mail": ("door", ""), "ical": ("loopback", ""),
        }  # fmt: skip
        assert box.mails == []  # nobody gets a mail an hour that nobody wants
        assert fly(building) == found  # an hour has not passed
        page = create_app(building.house, building.settings).test_client()
        assert page.post("/canary/push/nonsense", data=b"x").status_code == 404
        token = building.house.links.token("canary", 1)
        assert page.post(f"/canary/push/{token}", data=b"not encrypted for us").status_code == 400
        stranger = building.house.links.token("canary", 99)
        assert page.post(f"/canary/push/{stranger}", data=b"x").status_code == 404
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        building.close()


def test_where_no_web_process_is_in_reach_the_push_ends_before_the_wire(
    installed: Path, mailbox: tuple[Mailbox, int]
) -> None:
    box, smtp = mailbox
    building = built(settings_for(installed, smtp, free_port(), "canary@example.org"))
    try:
        found = fly(building)
        assert (found["webpush"]["how"], found["ical"]["how"]) == ("inside", "")
        assert found["ical"]["fault"] == "no web process answers here"
        assert found["mail"]["how"] == "mailbox"
        assert [one.rcpt_tos for one in box.mails] == [["canary@example.org"]]
    finally:
        building.close()


def test_a_mail_server_that_refuses_leaves_the_canary_out(installed: Path, mailbox: tuple[Mailbox, int]) -> None:
    box, smtp = mailbox
    box.refuses = True
    building = built(settings_for(installed, smtp, free_port()))
    try:
        found = fly(building)
        assert (found["mail"]["proved_at"], found["mail"]["fault"]) == (None, "451 not now")
        assert canary.overdue(building.house, found["mail"]["asked_at"]) == []
    finally:
        building.close()


def test_without_a_sender_mail_has_no_canary_and_zero_minutes_mean_none(installed: Path) -> None:
    settings = settings_for(installed, 1, free_port()).model_copy(
        update={"channels": {"mail": Mail(), "webpush": Push(), "ical": Ical()}}
    )
    building = built(settings)
    try:
        assert set(fly(building)) == {"webpush", "ical"}
    finally:
        building.close()
    silent = Building(settings.model_copy(update={"canary_minutes": 0}))
    try:
        assert canary.send_canaries(silent.house, canary.timedelta(), silent.loops.address, lambda _: ("", "")) == 0
    finally:
        silent.close()
