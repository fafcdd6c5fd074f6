"""A message as a whole mail (RFC 5322, MIME), the same bytes for the same message. Pure.

Nothing here is random or late: Date is the minute of ``message.now``, the Message-ID is ``message.serial`` and the
endpoint, the MIME boundary follows from both.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.core.message import Change, Message, Payload, Recipient, Site
from hub.core.notice import Severity
from push._wording import one_line
from push.mail.letter import Letter, letter

if TYPE_CHECKING:
    from css_inline import CSSInliner
    from jinja2 import Environment

_HERE = Path(__file__).parent
# In a wheel the site's templates lie inside the hub, in a checkout beside it.
_BASES = (_HERE.parents[1] / "hub" / "_templates" / "mail", _HERE.parents[1] / "templates" / "mail")
# Never RFC 2047-encoded: a List-Unsubscribe longer than a line would be, which ends one-click (RFC 8058, 3.1).
_PLAIN = frozenset({"list-unsubscribe", "message-id", "references", "in-reply-to", "feedback-id", "list-id"})
_WIDE = SMTP.clone(max_line_length=998)


class _Wire(EmailPolicy):
    """Folds as usual, but leaves the headers that machines read on one line."""

    def fold(self, name: str, value: str) -> str:
        """Return one header with its line ends."""
        folded: str = _WIDE.fold(name, value) if name.lower() in _PLAIN else super().fold(name, value)
        return folded

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return one header with its line ends as bytes."""
        return _WIDE.fold_binary(name, value) if name.lower() in _PLAIN else super().fold_binary(name, value)


DKIM_DOMAIN = "DKIM-Domain"  # a hint for the hand-over
LINE = 76  # characters: no line of quoted-printable may be longer (RFC 2045, 6.7)
_POLICY = _Wire(linesep="\r\n", max_line_length=LINE)


def render(message: Message, recipient: Recipient, site: Site) -> Payload:
    """Write the mail. Raises ``ValueError`` if sender or recipient is no address."""
    message = of_the_minute(message)
    content = letter(message, recipient, site)
    mail = EmailMessage(_POLICY)
    for name, value in _headers(message, recipient, site, content).items():
        mail[name] = value
    # Quoted-printable passes every server, and no line of it can be too long or a smuggled command.
    mail.set_content(_text(content), cte="quoted-printable")
    mail.add_alternative(_html(content), subtype="html", cte="quoted-printable")
    mail["Content-Language"] = content.tongue  # now: earlier it would have moved into the text part
    mail.set_boundary(f"=_{digest(message.serial, recipient.endpoint)}")
    return Payload(mail.as_bytes(), _hints(message, site))


def of_the_minute(message: Message) -> Message:
    """Return the message as of the minute: what is told within one is the same mail for many."""
    return replace(message, now=message.now.replace(second=0, microsecond=0))


def _hints(message: Message, site: Site) -> dict[str, str]:
    """Return what the hand-over needs to know beside the mail: where it returns to, who signs, whether it may wait.

    What comes back goes to the installation, whoever the mail is from: it is what reads bounces.
    """
    urgent = message.change in (Change.CONFIRM, Change.TEST, Change.LINK) or message.severity >= Severity.SEVERE
    signed = {DKIM_DOMAIN: site.dkim_domain} if site.dkim_domain else {}
    return {"Return-Path": site.returns_to or site.sender, **signed, **({"Urgency": "high"} if urgent else {})}


def _headers(message: Message, recipient: Recipient, site: Site, content: Letter) -> dict[str, Any]:
    """Return all headers but those of MIME, in the order they are sent."""
    domain = site.sender.rpartition("@")[2]
    town = re.sub(r"[^a-z0-9-]+", "-", (site.slug or "ortsruf").lower()).strip("-") or "ortsruf"
    found: dict[str, Any] = {
        "From": Address(display_name=one_line(site.sender_name) or content.site, addr_spec=site.sender),
        **({"Reply-To": Address(addr_spec=site.reply_to)} if site.reply_to else {}),
        "To": Address(addr_spec=recipient.address),
        "Subject": content.subject,
        "Date": format_datetime(message.now),
        "Message-ID": f"<{atom(message.serial)}.{digest(recipient.endpoint)}@{domain}>",
    }
    if len(message.entries) == 1 and message.change is not Change.DIGEST:
        # A parent that was never sent: mail programs thread by it all the same (RFC 5322, 3.6.4).
        root = f"<{atom(message.thread)}.{digest(recipient.endpoint)}.thread@{domain}>"
        found |= {"In-Reply-To": root, "References": root}
    if message.change is not Change.CONFIRM and recipient.unsubscribe_url:
        monthly = message.change is Change.MONTHLY  # a list of its own, which is left alone
        letter_box = "" if monthly else f", <mailto:{site.returns_to or site.sender}?subject=unsubscribe>"
        found["List-Unsubscribe"] = f"<{recipient.unsubscribe_url}>{letter_box}"
        found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        found["List-Id"] = f"<monthly.{town}.{domain}>" if monthly else f"<{town}.{domain}>"
    found["Feedback-ID"] = f"{message.change.value}:{town}:mail:ortsruf"
    found["Auto-Submitted"] = "auto-generated"
    return found


def atom(name: str) -> str:
    """Return ``name`` if it may stand in a Message-ID, else its hash."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name, re.ASCII) else digest(name)


def digest(*parts: str) -> str:
    """Return a short name for ``parts``, the same each time."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]


def _text(content: Letter) -> str:
    rendered = _whole(_templates().get_template("mail.txt").render(letter=content))
    return re.sub(r"\n{3,}", "\n\n", rendered).strip() + "\n"


def _html(content: Letter) -> str:
    return _inliner().inline(_whole(_templates().get_template("mail.html").render(letter=content)))


def _whole(text: str) -> str:
    """Return ``text`` with halves of surrogate pairs as question marks: UTF-8 cannot carry them."""
    return text.encode("utf-8", "replace").decode()


@cache
def _templates() -> Environment:
    """Return the templates: this channel's own, and the base that a municipality may restyle."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader([_HERE / "templates", *_BASES]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _inliner() -> CSSInliner:
    """Return what writes the style sheet into the elements; it loads nothing from anywhere."""
    from css_inline import CSSInliner

    return CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)
