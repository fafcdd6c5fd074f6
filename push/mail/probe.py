"""Ask the mail server at its door whether it would take our mail, without sending one (RFC 5321, 3.3: RSET)."""

from __future__ import annotations

import smtplib
import ssl

from push.mail import Security, Settings


def probe(settings: Settings) -> str:
    """Return an empty string if the server takes a mail from our sender to our sender, else what it says."""
    context = ssl.create_default_context(cafile=settings.authority or None)
    where, name = (settings.host, settings.port), settings.sender.rpartition("@")[2] or "localhost"
    timeout = min(settings.timeout, 20.0)
    try:
        secure = settings.security is Security.TLS
        with (
            smtplib.SMTP_SSL(*where, local_hostname=name, timeout=timeout, context=context)
            if secure
            else smtplib.SMTP(*where, local_hostname=name, timeout=timeout)
        ) as smtp:
            if settings.security is Security.STARTTLS:
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if settings.username:
                smtp.login(settings.username, settings.password.get_secret_value())
            for code, answer in (smtp.mail(settings.sender), smtp.rcpt(settings.sender)):
                if not 200 <= code < 300:  # noqa: PLR2004 - RFC 5321, 4.2.1
                    return f"{code} {answer.decode('ascii', 'replace')}"[:200]
            smtp.rset()
    except (smtplib.SMTPException, OSError) as error:
        return " ".join(str(error).split())[:200] or type(error).__name__
    return ""
