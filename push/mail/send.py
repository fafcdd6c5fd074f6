"""Hand mails to the SMTP server (RFC 5321): one connection for a chunk, one answer for each recipient."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress

from hub.core.message import Outcome, Outlet, Payload, Recipient, Result
from hub.failpoints import reached
from push.mail import Security, Settings
from push.mail.address import addr_spec

_LOST = 2  # lost connections after which the rest of the chunk waits
_LONGEST = 200  # characters of a server's answer that we keep
_CLOSING = 421  # RFC 5321, 3.8


class _Unavailable(Exception):
    """The server cannot be used at all now; the text is for the operator."""


def send(chunk: Sequence[tuple[Recipient, Payload]], outlet: Outlet) -> list[Outcome]:
    """Hand every mail over; one outcome each, nothing is raised.

    A mail whose fate is unknown is sent again later: its Message-ID stays the same, so mail programs show one.
    """
    settings = outlet.settings if isinstance(outlet.settings, Settings) else Settings()
    line = _Line(settings)
    try:
        return [line.deliver(recipient, payload) for recipient, payload in chunk]
    finally:
        line.close()


class _Line:
    """A connection that is opened when needed, and again when the server hung up."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._smtp: smtplib.SMTP | None = None
        self._lost = 0
        self._fault = ""

    def deliver(self, recipient: Recipient, payload: Payload) -> Outcome:
        """Return what became of one mail."""
        if self._fault:
            return Outcome(recipient.endpoint, Result.RETRY, detail=self._fault)
        try:
            smtp = self._smtp or self._open()
            code, answer, refused = _hand_over(
                smtp, self._return_path(payload), addr_spec(recipient.address), payload.body
            )
        except _Unavailable as error:
            self._fault = str(error)
            return Outcome(recipient.endpoint, Result.RETRY, detail=self._fault)
        except (smtplib.SMTPException, OSError) as error:
            self._drop("the mail server closed the connection too often")
            return Outcome(recipient.endpoint, Result.RETRY, detail=f"the connection was lost: {_brief(error)}")
        except ValueError as error:
            return Outcome(recipient.endpoint, Result.FAILED, detail=_brief(error))
        except Exception as error:  # noqa: BLE001 - send never raises: one odd mail must not stop the others
            self._drop("the mail server could not be spoken to")
            return Outcome(recipient.endpoint, Result.RETRY, detail=f"unforeseen: {type(error).__name__}")
        if code == _CLOSING:
            self._drop("the mail server takes no mail at present (421)")
        return judge(recipient.endpoint, code, answer, refused)

    def close(self) -> None:
        """Say good-bye, if anybody listens."""
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
            self._smtp.close()
            self._smtp = None

    def _return_path(self, payload: Payload) -> str:
        return self._settings.return_path or payload.headers.get("Return-Path", "") or self._settings.sender

    def _open(self) -> smtplib.SMTP:
        try:
            self._smtp = _connected(self._settings)
        except smtplib.SMTPAuthenticationError as error:
            raise _Unavailable(f"the mail server refuses user name or password: {_said(error.smtp_error)}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise _Unavailable(f"the mail server lacks what the settings ask for: {_brief(error)}") from error
        except ssl.SSLError as error:
            raise _Unavailable(f"the mail server's certificate or TLS is not acceptable: {_brief(error)}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise _Unavailable(f"the mail server cannot be reached: {_brief(error)}") from error
        return self._smtp

    def _drop(self, fault: str) -> None:
        """Give the connection up; after the second time the rest of the chunk waits."""
        self._lost += 1
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None
        if self._lost >= _LOST:
            self._fault = fault


def _connected(settings: Settings) -> smtplib.SMTP:
    """Return a greeted, protected and authenticated connection; STARTTLS is required, never merely tried."""
    context = ssl.create_default_context(cafile=settings.authority or None)
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
    return smtp


def _hand_over(smtp: smtplib.SMTP, sender: str, recipient: str, mail: bytes) -> tuple[int, bytes, str]:
    """Return the server's last code and answer, and the command that it refused (empty: taken)."""
    for command in ("MAIL", "RCPT"):
        code, answer = smtp.mail(sender) if command == "MAIL" else smtp.rcpt(recipient)
        if not 200 <= code < 300:  # noqa: PLR2004 - RFC 5321, 4.2.1
            if code != _CLOSING:
                smtp.rset()
            return code, answer, command
    reached("mail.before-data")
    try:
        code, answer = smtp.data(mail)
        reached("mail.after-data")
    except smtplib.SMTPDataError as error:
        if error.smtp_code != _CLOSING:
            smtp.rset()
        return error.smtp_code, _bytes(error.smtp_error), "DATA"
    return code, answer, "" if 200 <= code < 300 else "DATA"  # noqa: PLR2004 - RFC 5321, 4.2.1


def judge(endpoint: str, code: int, answer: bytes, refused: str) -> Outcome:
    """Return what a reply means (RFC 5321, 4.2; enhanced codes of RFC 3463). No answer ends an endpoint by itself."""
    said = _said(answer)
    if not refused:
        return Outcome(endpoint, Result.SENT, code)
    if 500 <= code < 600:  # noqa: PLR2004 - RFC 5321, 4.2.1: permanent
        if refused == "MAIL":  # about us, not about the recipient
            return Outcome(endpoint, Result.MARKED, code, detail=f"the mail server refuses our sender: {said}")
        hard = refused == "RCPT" and (code in {550, 551, 553}) and not said.startswith(("5.7.", "5.2."))
        return Outcome(endpoint, Result.FAILED, code, detail=f"{'hard bounce: ' if hard else ''}{said}")
    return Outcome(endpoint, Result.RETRY, code, detail=f"not now: {said}")


def _bytes(answer: bytes | str) -> bytes:
    return answer if isinstance(answer, bytes) else answer.encode()


def _said(answer: bytes | str) -> str:
    return " ".join(_bytes(answer).decode("ascii", "replace").split())[:_LONGEST]


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:_LONGEST] or type(error).__name__
