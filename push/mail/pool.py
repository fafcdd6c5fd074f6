"""Connections to mail servers, kept between chunks: opening one costs more than a hundred mails on it.

A process holds at most ``connections`` to a server, the last of them for what may not wait. They close when nobody
used them for a while, after so many mails, and after any fault.
"""

from __future__ import annotations

import atexit
import os
import smtplib
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Container
from contextlib import suppress

from push.mail import Security, Settings
from push.mail.chunks import Chunks
from push.mail.dialogue import Dialogue
from push.mail.wire import Line

IDLE = 20.0  # seconds; servers hang up after some minutes themselves
MOST_MAILS = 500  # on one connection: servers set bounds, and a relay spreads over its own machines
_PATIENCE = 5.0  # seconds that a chunk waits for another to give its connection back
_LONGEST = 200  # characters of what a server says


class Unavailable(Exception):
    """The server cannot be used at all now; the text is for the operator."""


class Pool:
    """The connections of one process, by server and login."""

    def __init__(self) -> None:
        """Begin empty; nothing is opened before it is needed."""
        self._free: dict[Settings, list[Line]] = {}
        self._taken: Counter[Settings] = Counter()
        self._domains: Counter[tuple[Settings, str]] = Counter()
        self._unspoken: set[Settings] = set()
        self._changed = threading.Condition()
        self._sweeping = False
        self._process = os.getpid()

    def take(self, settings: Settings, domain: str, *, urgent: bool, wait: bool = True) -> Line | None:
        """Return a connection for mails to ``domain``; ``None`` if all are taken. Raises ``Unavailable``."""
        self._forget_after_fork()
        with self._changed:
            patience = _PATIENCE if wait else 0
            if not self._changed.wait_for(lambda: self._may(settings, domain, urgent=urgent), patience):
                return None
            self._taken[settings] += 1
            self._domains[settings, domain] += 1
            kept = self._free.get(settings, [])
            line = kept.pop() if kept else None
        while line is not None and line.stale():
            line.close()
            with self._changed:
                line = kept.pop() if kept else None
        try:
            return line or _opened(settings, chunking=settings not in self._unspoken)
        except BaseException:
            self._leave(settings, domain)
            raise

    def give_back(self, settings: Settings, domain: str, line: Line, *, sound: bool) -> None:
        """Keep a connection for the next chunk, or close it if it is not ``sound`` or has carried enough."""
        keep = sound and line.idle and line.mails < MOST_MAILS
        if not keep:
            line.close(politely=sound)
        else:
            line.used_at = time.monotonic()
            with self._changed:
                self._free.setdefault(settings, []).append(line)
                self._sweep_later()
        self._leave(settings, domain)

    def without_chunks(self, settings: Settings) -> None:
        """Never again believe, while this process lives, that this server knows BDAT."""
        with self._changed:
            self._unspoken.add(settings)
            others, self._free[settings] = self._free.get(settings, []), []
        for line in others:
            line.close(politely=True)

    def close(self) -> None:
        """Close everything that nobody uses at the moment."""
        self._close(before=float("inf"))

    def _may(self, settings: Settings, domain: str, *, urgent: bool) -> bool:
        if urgent:
            return self._taken[settings] < settings.connections
        few = not settings.per_domain or self._domains[settings, domain] < settings.per_domain
        return few and self._taken[settings] < max(1, settings.connections - 1)

    def _leave(self, settings: Settings, domain: str) -> None:
        with self._changed:
            self._taken[settings] -= 1
            self._domains[settings, domain] -= 1
            if not self._domains[settings, domain]:
                del self._domains[settings, domain]
            self._changed.notify_all()

    def _sweep_later(self) -> None:
        if not self._sweeping:
            self._sweeping = True
            timer = threading.Timer(IDLE, self._sweep)
            timer.daemon = True
            timer.start()

    def _sweep(self) -> None:
        self._close(before=time.monotonic() - IDLE)
        with self._changed:
            self._sweeping = False
            if any(self._free.values()):
                self._sweep_later()

    def _close(self, *, before: float) -> None:
        with self._changed:
            old = [line for lines in self._free.values() for line in lines if line.used_at <= before]
            for settings, lines in self._free.items():
                self._free[settings] = [line for line in lines if line.used_at > before]
        for line in old:
            line.close(politely=True)

    def _forget_after_fork(self) -> None:
        """A child must not speak on its parent's connections."""
        if self._process != os.getpid():
            self.__init__()  # type: ignore[misc]


POOL = Pool()
atexit.register(POOL.close)


def _opened(settings: Settings, *, chunking: bool) -> Line:
    try:
        return _connected(settings, chunking=chunking)
    except smtplib.SMTPAuthenticationError as error:
        raise Unavailable(f"the mail server refuses user name or password: {said(error.smtp_error)}") from error
    except smtplib.SMTPNotSupportedError as error:
        raise Unavailable(f"the mail server lacks what the settings ask for: {brief(error)}") from error
    except ssl.SSLError as error:
        raise Unavailable(f"the mail server's certificate or TLS is not acceptable: {brief(error)}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(f"the mail server cannot be reached: {brief(error)}") from error


def _connected(settings: Settings, *, chunking: bool) -> Line:
    """Return a greeted, protected and authenticated connection; STARTTLS is required, never merely tried."""
    secured = settings.security is not Security.NONE  # reading all authorities takes milliseconds
    context = ssl.create_default_context(cafile=settings.authority or None) if secured else None
    name = settings.sender.rpartition("@")[2] or "localhost"  # EHLO; the host's own name may cost a DNS time-out
    where = (settings.host, settings.port)
    smtp: smtplib.SMTP
    if settings.security is Security.TLS:
        smtp = smtplib.SMTP_SSL(*where, local_hostname=name, timeout=settings.timeout, context=context)
    else:
        smtp = smtplib.SMTP(*where, local_hostname=name, timeout=settings.timeout)
    try:
        if settings.security is Security.STARTTLS:
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if settings.username:
            smtp.login(settings.username, settings.password.get_secret_value())
    except BaseException:
        smtp.close()
        raise
    if smtp.sock is None:
        raise Unavailable("the mail server hung up")
    # The library has no pipelining: from here on the socket is ours.
    line = _line(smtp.sock, smtp.esmtp_features, chunking=chunking)
    if smtp.file is not None:
        smtp.file.close()
    smtp.sock = smtp.file = None
    with suppress(OSError):
        line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def _line(sock: socket.socket, offered: Container[str], *, chunking: bool) -> Line:
    """Return the connection as fast as the server offers."""
    pipelining = "pipelining" in offered
    if chunking and pipelining and "chunking" in offered:
        return Chunks(sock)
    return Dialogue(sock, pipelining=pipelining)


def said(answer: bytes | str) -> str:
    """Return a server's words on one line, cut."""
    words = answer.decode("ascii", "replace") if isinstance(answer, bytes) else answer
    return " ".join(words.split())[:_LONGEST]


def brief(error: Exception) -> str:
    """Return an error's words on one line, cut."""
    return " ".join(str(error).split())[:_LONGEST] or type(error).__name__
