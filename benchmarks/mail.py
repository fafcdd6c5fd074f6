"""Measure handing over e-mail (P6): ours beside smtplib with EmailMessage, and Postfix's smtp-source.

    python benchmarks/mail.py [--mails 3000] [--rounds 5] [--sessions 1 2 4]

All three send mails of the same size to a sink on another core: that of this folder with CHUNKING (which Postfix, Exim
and Exchange offer, and only ours uses) and without it, then Postfix's smtp-sink. smtplib builds each mail as its
documentation shows and keeps its connection, the usual way at its best; ours writes the mail once for all and fills it
in; smtp-source sends the same bytes again and again (the best of ``--sessions`` connections). A fourth only pushes
bytes that were written before, which shows what a sink takes at most; a fifth is a whole hub: batches claimed,
recipients read, mails composed and handed over, outcomes counted in a SQLite file. First a small recording server gets
mails of both and they are compared: headers, text and HTML. Needs smtp-sink and smtp-source (Debian: postfix).
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import shutil
import smtplib
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from functools import partial
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1])]

from benchmarks import mail_sink
from benchmarks.mail_recorder import Recorder
from benchmarks.mail_town import mail_town
from benchmarks.rounds import Row, clocked, interleaved, show
from hub import log
from hub.core.message import Change, Entry, Message, Outlet, Payload, Reason, Recipient, Result, Site
from hub.core.notice import Notice, NoticeText
from hub.links import Links
from push.mail import Settings, send
from push.mail.prepare import prepare

BASE = "https://meldungen.example"
SITE = Site(BASE, "Bannewitz", "meldungen@bannewitz.example", slug="bannewitz")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LINKS = Links(BASE, "a key of the bench")
BATCH = 500
SIZE = 23_000
PARAGRAPH = "Die Brücke über den Mühlgraben wird erneuert; die Umleitung führt über Hänichen und ist ausgeschildert. "
Peer = tuple[Recipient, str]


def notice() -> Notice:
    """Return a notice whose mail has about 23 KB."""
    body = "\n\n".join(f"{number}. {PARAGRAPH * 2}" for number in range(28))
    return Notice(
        "road1", "r", "roads", "roads", (NoticeText("de", "B 170 gesperrt", body),), publisher="Straßenbauamt"
    )


def message() -> Message:
    """Return what everybody is told."""
    entry = Entry(notice(), 1, Change.NEW, f"{BASE}/bannewitz/n/road1", Reason("roads", "Possendorf"))
    return Message(Change.NEW, (entry,), thread="t" * 26, serial="0", now=NOW, valid_until=NOW + timedelta(hours=6))


def people(count: int) -> list[Peer]:
    """Return recipients and the serials of their mails; links were made before, for both sides."""
    return [
        (
            Recipient(
                str(number), f"person{number}@example.org", "de", {},
                LINKS.manage(number, 1, "road1"), LINKS.unsubscribe(number, 1),
            ),
            f"{number:032x}",
        )
        for number in range(1, count + 1)
    ]  # fmt: skip


class Usual:
    """The usual way: each mail is built with ``EmailMessage`` from text and HTML that are there, links put in."""

    def __init__(self, told: Message) -> None:
        """Take text, HTML and headers from one mail of ours, so that both sides say the same."""
        self._nobody, serial = people(1)[0]
        whole = message_from_bytes(prepare(told, "de", SITE).fill(self._nobody, serial).body, policy=default)
        self._text, self._html = (part.get_content() for part in whole.iter_parts())
        self._heads = {
            name: str(value) for name, value in whole.items() if name not in {"MIME-Version", "Content-Type"}
        }

    def build(self, to: Recipient, serial: str) -> EmailMessage:
        """Return one mail."""
        mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
        own = self._heads | {
            "To": to.address,
            "Message-ID": f"<{serial}@bannewitz.example>",
            "List-Unsubscribe": f"<{to.unsubscribe_url}>, <mailto:{SITE.sender}?subject=unsubscribe>",
        }
        for name, value in own.items():
            mail[name] = value
        mail.set_content(self._linked(self._text, to))
        mail.add_alternative(self._linked(self._html, to), subtype="html")
        mail["Content-Language"] = "de"  # earlier it would move into the text part
        return mail

    def _linked(self, content: str, to: Recipient) -> str:
        return content.replace(self._nobody.manage_url, to.manage_url).replace(
            self._nobody.unsubscribe_url, to.unsubscribe_url
        )

    def hand_over(self, port: int, who: list[Peer]) -> None:
        """Send on one kept connection, which is more than ``smtplib.SMTP(...)`` in a loop would do."""
        with smtplib.SMTP("127.0.0.1", port, local_hostname="bench.example") as server:
            for to, serial in who:
                server.send_message(self.build(to, serial), SITE.sender, [to.address])


def ours(told: Message, port: int, who: list[Peer]) -> None:
    """Send as the deliver job does: one template a batch, filled while it is sent."""
    outlet = Outlet(None, Settings(host="127.0.0.1", port=port, sender=SITE.sender))  # type: ignore[arg-type]
    for start in range(0, len(who), BATCH):
        batch = who[start : start + BATCH]
        written = prepare(told, "de", SITE)
        filled: Iterator[tuple[Recipient, Payload]] = ((to, written.fill(to, serial)) for to, serial in batch)
        results = [one.result for one in send.send(filled, outlet)]
        if results != [Result.SENT] * len(batch):
            raise SystemExit("the sink did not take every mail")


def bytes_again(port: int, count: int, sessions: int) -> None:
    """Let Postfix's smtp-source send ``count`` mails of our size, on the core that the others use."""
    command = ["smtp-source", "-s", str(sessions), "-l", str(SIZE), "-m", str(count), f"127.0.0.1:{port}"]
    subprocess.run(command, check=True)


def the_same(told: Message) -> int:
    """Stop unless both sides' mails read the same to a recipient, by DATA and by BDAT; returns the bytes of one."""
    who, way = people(20), Usual(told)
    for recorder in (Recorder(), Recorder(chunking=True)):
        port = recorder.start()
        way.hand_over(port, who)
        ours(told, port, who)
        theirs, mine = (
            {_read(one)["To"]: _read(one) for one in recorder.mails[start : start + len(who)]}
            for start in (0, len(who))
        )
        if len(recorder.mails) != 2 * len(who) or theirs != mine:
            raise SystemExit("the two sides did not send the same mails")
        send.close()
    return len(recorder.mails[-1])


def _read(mail: bytes) -> dict[str, str]:
    """Return what a reader gets: headers without the names that each side makes up, text and HTML."""
    read = message_from_bytes(mail, policy=default)
    skipped = {"Message-ID", "Content-Type", "References", "In-Reply-To"}
    heads = {name: str(value) for name, value in read.items() if name not in skipped}
    text, html = (part.get_content().replace("\r\n", "\n") for part in read.iter_parts())
    return {**heads, "text": text, "html": html}


@contextmanager
def postfix(core: int) -> Iterator[int]:
    """Run smtp-sink on one core; gives its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = ["taskset", "-c", str(core), "smtp-sink", "-u", "nobody", f"127.0.0.1:{port}", "100"]
    with subprocess.Popen(command) as running:
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.01)
        try:
            yield port
        finally:
            running.terminate()


@contextmanager
def quick(core: int, options: Sequence[str] = ()) -> Iterator[int]:
    """Run the sink of this folder on one core; gives its port."""
    command = ["taskset", "-c", str(core), sys.executable, str(Path(mail_sink.__file__)), *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        try:
            yield int(running.stdout.readline())
        finally:
            running.stdin.close()


@dataclass(frozen=True)
class Pace:
    """What one contestant did in one round: mails a second, and what one cost its own side, in µs of processor."""

    rate: float
    cost: float


def paced(mails: int, work: Callable[[], object]) -> Pace:
    """Let a contestant hand over so many mails."""
    spent: list[float] = []

    def watched() -> None:
        begin = _spent()
        work()
        spent.append(_spent() - begin)

    seconds = clocked(watched)
    return Pace(mails / seconds, spent[0] / mails * 1e6)


def _spent() -> float:
    """Return the processor seconds of this process and of those it waited for."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def contest(
    port: int, told: Message, *, chunking: bool, mails: int, rounds: int, sessions: tuple[int, ...], size: int
) -> Contest:
    """Let all send to one sink by turns; to one with CHUNKING, a whole hub as well."""
    few, many, way = people(max(100, mails // 20)), people(mails), Usual(told)
    contestants: dict[str, Callable[[], Pace]] = {
        "smtplib": lambda: paced(len(few), lambda: way.hand_over(port, few)),
        "ours": lambda: paced(mails, lambda: ours(told, port, many)),
        "limit": lambda: paced(mails, lambda: mail_sink.prewritten(port, mails, size, chunking=chunking)),
    }
    for one in sessions:
        contestants[f"smtp-source -s {one}"] = lambda one=one: paced(mails, lambda: bytes_again(port, mails, one))
    with ExitStack() as stack:
        stack.callback(send.close)
        if chunking:
            town = stack.enter_context(mail_town(port, mails))
            contestants["hub"] = lambda: Pace(town.rate(notice().texts[0].body), 0)
        return Contest(interleaved(contestants, rounds=rounds))


@dataclass(frozen=True)
class Contest:
    """The paces of all who sent to one sink, by round."""

    paces: dict[str, list[Pace]]

    def rate(self, name: str) -> float:
        """Return the median of mails a second."""
        return statistics.median(one.rate for one in self.paces[name])

    def cost(self, name: str) -> float:
        """Return the median of µs a mail."""
        return statistics.median(one.cost for one in self.paces[name])

    def rows(self, sink: str, size: int) -> list[Row]:
        """Return what is worth a line."""
        mine, usual, limit = self.rate("ours"), self.rate("smtplib"), self.rate("limit")
        peer = max((one for one in self.paces if one.startswith("smtp-source")), key=self.rate)
        best, own, theirs = self.rate(peer), self.cost("ours"), self.cost("smtplib")
        what, note = f"e-mail: build and hand over to {sink}", f"{size:,} bytes each; one core beside the sink's"
        reached = f"bytes written before; ours is at {mine / limit:.0%} of it"
        found = [
            Row("P6", what, "≥ 60x smtplib + EmailMessage", mine, usual, "/s", mine / usual, note),
            Row("P6", "the same, processor time of the sender", "", own, theirs, "µs a mail", theirs / own, "smtplib"),
            Row("P6", what, f"≥ 1x Postfix {peer}", mine, best, "/s", mine / best, "which builds nothing"),
            Row("P6", f"what {sink} takes at most", "", limit, usual, "/s", limit / usual, reached),
        ]
        if "hub" in self.paces:
            hub = self.rate("hub")
            whole = "e-mail: claimed, composed, handed over, counted, state in SQLite"
            found.append(
                Row("P6", whole, "", hub, usual, "/s", hub / usual, f"smtplib, which keeps no state; to {sink}")
            )
        return found


def measure(*, mails: int = 3000, rounds: int = 5, sessions: tuple[int, ...] = (1, 2, 4)) -> list[Row]:
    """Return mails a second of all contestants, as rows, for each sink."""
    for tool in ("smtp-sink", "smtp-source", "taskset"):
        if shutil.which(tool) is None:
            raise SystemExit(f"{tool} is missing; on Debian: apt install postfix util-linux")
    told = message()
    size = the_same(told)
    cores = sorted(os.sched_getaffinity(0))
    sinks = {
        "a quick sink with CHUNKING": partial(quick, options=["--chunking"]),
        "a quick sink": quick,
        "smtp-sink": postfix,
    }
    found: list[Row] = []
    for name, sink in sinks.items():
        with sink(cores[-1]) as port:
            os.sched_setaffinity(0, cores[:1])
            try:
                had = contest(
                    port, told, chunking=name.endswith("CHUNKING"), mails=mails, rounds=rounds, sessions=sessions,
                    size=size,
                )  # fmt: skip

            finally:
                os.sched_setaffinity(0, cores)
        found += had.rows(name, size)
    return found


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser()
    options.add_argument("--mails", type=int, default=3000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--sessions", type=int, nargs="+", default=[1, 2, 4])
    chosen = options.parse_args()
    log.configure("json")
    logging.disable(logging.WARNING)
    show(measure(mails=chosen.mails, rounds=chosen.rounds, sessions=tuple(chosen.sessions)))


if __name__ == "__main__":
    main()
