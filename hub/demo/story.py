"""The story: who lives in the town, what happens, and the figures at the end."""

from __future__ import annotations

import logging
import re
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import select

import feeds
import push
from hub import log
from hub.bootstrap import Building, add_municipality, initialise
from hub.core.notice import Severity
from hub.core.subscription import Action, Criteria
from hub.demo.clock import DemoClock
from hub.demo.figures import Watch, figures
from hub.demo.payloads import ARS, answers
from hub.demo.servers import HOST, Mailbox, World
from hub.jobs.subscribe import SignUp, Way, Wish, confirm, sign_up
from hub.settings import Settings, load
from hub.sources import build_source
from hub.store import sources, subscribers
from hub.store.schema import endpoint

if TYPE_CHECKING:
    from flask import Flask

LAST_STAGE = 2
_SOURCES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("waste", "Abfallkalender", "/waste.ics", {}),
    ("roads", "Baustellen", "/roads.json", {"preset": "rostock"}),
    ("council", "Ratsinformation", "/oparl/meetings", {}),
    ("cap", "Wetterwarnungen", "/weather/LATEST.zip", {}),
    ("rss", "Feuerwehr", "/news.xml", {}),
    ("tenders", "Vergaben (eForms)", "/tenders/eforms.zip", {"format": "eforms"}),
    ("tenders", "Vergaben (OCDS)", "/tenders/ocds.json", {"format": "ocds"}),
)


class Story:
    """The town with everything around it; :meth:`close` ends it."""

    def __init__(self, folder: Path, port: int) -> None:
        """Start the world on loopback, make the database and let the people sign up."""
        log.configure(level=logging.ERROR)
        self.clock = DemoClock()
        self.world, self.mailbox = World(answers(self.clock())), Mailbox()
        self.world.start()
        self.mailbox.start()
        self.settings = self._settings(folder, port)
        initialise(self.settings)
        self.building = Building(self.settings, clock=self.clock)
        self.town = add_municipality(self.building.store, ars=ARS)
        self.watch = Watch(self.building)
        self._add_sources()

    def _settings(self, folder: Path, port: int) -> Settings:
        environ = {
            "ORTSRUF_DATA": str(folder),
            "ORTSRUF_BASE_URL": f"http://{HOST}:{port}",
            "ORTSRUF_LISTEN": f"{HOST}:{port}",
            "ORTSRUF_ALLOW_HOSTS": HOST,
            "ORTSRUF_BURST_MINUTES": "0",  # the whole story takes less than one such window
            "ORTSRUF_CANARY_MINUTES": "0",  # the figures are of people's messages
            "ORTSRUF_WEBPUSH__ALLOWED_HOSTS": self.world.url,
            "ORTSRUF_WEBPUSH__SUBJECT": "mailto:rathaus@huertgenwald.example",
            "ORTSRUF_MAIL__HOST": HOST,
            "ORTSRUF_MAIL__PORT": str(self.mailbox.port),
            "ORTSRUF_MAIL__SECURITY": "none",
            "ORTSRUF_MAIL__SENDER": "ortsruf@huertgenwald.example",
        }
        return load(None, environ)[0]

    def _add_sources(self) -> None:
        with self.building.store.begin() as session:
            if sources.listed(session, self.town):
                return
            for number, (kind, name, path, config) in enumerate(_SOURCES):
                given = {"name": name, "place": f"ars:{ARS}", "interval": "60", **config}
                made = build_source(
                    feeds.load(kind), self.world.url + path, given, source_id=f"demo{number}", municipality=self.town
                )  # fmt: skip
                sources.add(session, self.town, made, self.clock())

    def move_in(self) -> None:
        """Let two residents and a business sign up; who gave an e-mail address opens the confirmation."""
        soon = (self.clock() + timedelta(seconds=90)).astimezone(ZoneInfo("Europe/Berlin"))
        evening, place = f"P1D@{soon:%H:%M}", (ARS,)
        anna = [
            self._wish("waste", place, ("webpush", Action.REMINDER, evening), ("ical", Action.CALENDAR, "")),
            self._wish("warnings", place, ("webpush", Action.NOW, ""), severity=Severity.MINOR),
            self._wish("roads", place, ("webpush", Action.NOW, ""), ("ical", Action.CALENDAR, "")),
        ]
        bernd = [
            self._wish("council", place, ("mail", Action.NOW, ""), ("mail", Action.REMINDER, "PT1H"), _CAL),
            self._wish("warnings", place, ("mail", Action.NOW, "")),
            self._wish("waste", place, ("mail", Action.REMINDER, evening), _CAL),
            self._wish("news", place, ("mail", Action.DIGEST, "")),
        ]
        firm = [
            Wish(Criteria(topics=("tenders",), cpv=("45", "71")), (("mail", Action.NOW, ""), _CAL)),
            Wish(Criteria(topics=("tenders",), words=("straße",)), (("webpush", Action.NOW, ""),)),
        ]
        # After the first news came in, before the second look for due work: see ``cycle``.
        hour = f"{(self.clock() + timedelta(seconds=145)).astimezone(ZoneInfo('Europe/Berlin')):%H:%M}"
        calendar: dict[str, tuple[str, dict[str, str], str]] = {"ical": ("", {}, "")}
        self._join(anna, {"webpush": self._device("anna"), **calendar}, hour)
        self._join(bernd, {"mail": _mail("bernd@huertgenwald.example"), **calendar}, hour)
        self._join(firm, {"mail": _mail("bau@mueller.example"), "webpush": self._device("firma"), **calendar}, hour)
        self.building.run_all()
        self._confirm_mails()
        self.building.run_all()

    @staticmethod
    def _wish(topic: str, places: tuple[str, ...], *ways: Way, severity: Severity = Severity.UNKNOWN) -> Wish:
        return Wish(Criteria(topics=(topic,), places=places, severity=severity), ways)

    def _device(self, name: str) -> tuple[str, dict[str, str], str]:
        address, keys = self.world.add_device(name)
        kind = push.load("webpush")
        address, checked = kind.check(address, keys, self.settings.channels["webpush"])
        return address, dict(checked), kind.service(address)

    def _join(self, wishes: list[Wish], addresses: dict[str, Any], hour: str) -> None:
        form = SignUp(tuple(wishes), addresses, digest_at=hour)
        sign_up(self.building.house, self.town, form)

    def _confirm_mails(self) -> None:
        """Do what a person does: open the mail, press the button."""
        for mail in list(self.mailbox.mails):
            body = mail.get_body(("plain",))
            found = re.search(r"http\S+/c/(\S+)", body.get_content() if body else "")
            if found:
                confirm(self.building.house, found[1])

    def cycle(self) -> None:
        """Let the clock tick once, a minute and a bit later, and finish all that follows."""
        self.clock.forward(seconds=75)
        self.building.tick()
        self.building.run_all()

    def once(self, *, quiet: bool) -> dict[str, Any]:
        """Play everything once; returns the figures of ``ortsruf demo --once --json``."""
        self.building.tick()
        self.building.run_all()
        self.move_in()
        for stage in (1, LAST_STAGE):
            self.world.stage = stage
            self.cycle()
            self.cycle()
        result = figures(self)
        if not quiet:
            self.watch.show(self, final=True)
        return result

    def live(self) -> None:
        """Serve pages and play the story over and over until Ctrl-C."""
        from hub.serve import serve

        self.building.tick()
        self.building.run_all()
        self.move_in()
        threading.Thread(target=self._tell, daemon=True, name="demo-story").start()
        serve(self.settings, say=self.watch.say, building=self.building, extra=[self.watch.pages(self)])

    def _tell(self) -> None:
        """Bring the news, then the changes, and show what became of them."""
        for stage in (0, 1, LAST_STAGE):
            self.world.stage = stage
            for _ in range(2):
                self.clock.forward(seconds=75)
                self.building.tick()
                time.sleep(4)
                self.watch.show(self, final=stage == LAST_STAGE)

    def web(self) -> Flask:
        """Return the web application of the town."""
        from hub.web import create_app

        return create_app(self.building.house, self.settings)

    def active(self) -> list[Any]:
        """Return the living endpoints with their subscriber's generation."""
        with self.building.store.read() as session:
            ids = session.scalars(select(endpoint.c.id).where(endpoint.c.state == "active")).all()
            return subscribers.endpoints(session, ids)

    def close(self) -> None:
        """End everything."""
        self.building.close()
        self.world.stop()
        self.mailbox.stop()


_CAL: Way = ("ical", Action.CALENDAR, "")


def _mail(address: str) -> tuple[str, dict[str, str], str]:
    return address, {}, urlsplit(f"//{address}").hostname or ""
