"""E-mail: one message per recipient, text and HTML from one content model, handed to an SMTP server.

Every mail but the confirmation carries one-click unsubscribing (RFC 8058). DKIM is the mail server's work. There is no
tracking and nothing remote in any mail.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

CHANNEL = "mail"
PULL = False
CHUNK = 10
WINDOW = 20  # mails under way while what became of others is written; a kill may repeat as many more

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Security(StrEnum):
    """How the connection to the mail server is protected; a certificate is always verified."""

    NONE = "none"
    STARTTLS = "starttls"  # required, not merely tried (RFC 3207)
    TLS = "tls"  # from the first byte (RFC 8314, 3)


class Settings(BaseModel):
    """The section ``[mail]``.

    ``sender``: the address that mails come from; a municipality may have its own, and a ``dkim_domain`` whose DNS leads
    to the same key. ``return_path``: where a mail server sends what it could not deliver, else ``sender``; with
    ``verp`` each mail has its own, with a signed name of its endpoint after a plus, which ``ortsruf bounces`` reads.
    ``authority``: file with certificates (PEM) to trust instead of the system's. ``timeout``: seconds for each step
    with the server. ``connections``: at most so many at once for one process, the last only for what may not wait;
    ``per_domain``: at most so many with mails to one domain (0: the mail server sees to that). ``dkim_domain``,
    ``dkim_selector``, ``dkim_key_file`` (PEM): sign each mail where no relay does. ``canary``: a mailbox that the
    hourly test message goes to; without one the test ends at the server's door.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "localhost"
    port: int = Field(default=25, ge=1, le=65535)
    security: Security = Security.NONE
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: str = ""
    return_path: str = ""
    canary: str = ""
    authority: str = ""
    timeout: float = Field(default=30.0, gt=0, le=300)
    connections: int = Field(default=8, ge=2, le=100)
    per_domain: int = Field(default=0, ge=0, le=100)
    verp: bool = False
    dkim_domain: str = ""
    dkim_selector: str = ""
    dkim_key_file: str = ""

    @field_validator("sender", "return_path", "canary")
    @classmethod
    def _addresses(cls, value: str) -> str:
        from push.mail.address import addr_spec

        return addr_spec(value) if value else ""

    @model_validator(mode="after")
    def _room_for_a_token(self) -> Settings:
        from push.mail.verp import LONGEST

        if self.verp and len((self.return_path or self.sender).rpartition("@")[0]) > LONGEST:
            raise ValueError(f"with verp, the part before the @ of return_path may have {LONGEST} characters at most")
        return self

    @model_validator(mode="after")
    def _a_whole_signature(self) -> Settings:
        named = (self.dkim_domain, self.dkim_selector, self.dkim_key_file)
        if any(named):
            if not all(named):
                raise ValueError("a signature needs dkim_domain, dkim_selector and dkim_key_file")
            from push.mail.signature import signer

            signer(*named)
        return self

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Settings:
        if self.username and self.security is Security.NONE and self.host.lower() not in _LOOPBACK:
            raise ValueError("a password may not travel unprotected: set security to starttls or tls")
        return self


def check(address: str, keys: Mapping[str, str], settings: Settings) -> tuple[str, Mapping[str, str]]:  # noqa: ARG001 - the channel's contract
    """Return exactly one mail address as stored, or raise ``SubscribeError``."""
    from hub.core.errors import SubscribeError
    from push.mail.address import addr_spec

    try:
        return addr_spec(address), {}
    except ValueError as error:
        raise SubscribeError(str(error), subject="address") from error


def service(address: str) -> str:
    """Return the domain: whose server takes the mail in the end."""
    return address.rpartition("@")[2]
