"""What the settings say: findings about address, keys, mail, sign-in and what may be reached. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from hub.core.facts import LEAST_SECRET, Facts, Finding, Grade, Rule, is_loopback

LEAST_TOKEN = 16  # characters


def _(message: str) -> str:
    return message


def _address(facts: Facts) -> Iterator[Finding]:
    title, parts = _("Public address"), urlsplit(facts.base_url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        yield Finding(title, Grade.GREEN, _("{address} is protected (https)."), given={"address": facts.base_url})
    elif is_loopback(host):
        yield Finding(
            title, Grade.YELLOW, _("{address} is seen on this machine only."),
            _("Before residents come: set base_url to the public https address."), {"address": facts.base_url},
        )  # fmt: skip
    else:
        yield Finding(
            title, Grade.RED, _("{address} is not protected: cookies and links can be read on the way, push is off."),
            _("Put a web server with a certificate in front, and set base_url to its https address."),
            {"address": facts.base_url},
        )  # fmt: skip


def _proxy(facts: Facts) -> Iterator[Finding]:
    title = _("Web server in front")
    if facts.trusted_proxy:
        yield Finding(title, Grade.GREEN, _("{address} is believed who comes."), given={"address": facts.trusted_proxy})
    elif facts.base_url.startswith("https:"):
        yield Finding(
            title, Grade.YELLOW, _("None is named: all visitors seem to be one, and limits hit everybody."),
            _("Name its address as trusted_proxy."),
        )  # fmt: skip


def _secret(facts: Facts) -> Iterator[Finding]:
    title = _("Key of the secret links")
    if 0 < facts.secret_length < LEAST_SECRET:
        yield Finding(
            title, Grade.RED, _("The setting secret is short: it can be guessed."),
            _("Use at least 32 random characters. All links change with it."),
        )  # fmt: skip
    elif facts.secret_length or "links" in facts.keys:
        yield Finding(title, Grade.GREEN, _("It is long and random."))
    else:
        yield Finding(title, Grade.RED, _("There is none."), _("Run `ortsruf init`."))


def _push(facts: Facts) -> Iterator[Finding]:
    title = _("Notifications")
    if "vapid_private" not in facts.keys:
        yield Finding(title, Grade.RED, _("The keys of the push are missing."), _("Run `ortsruf init`."))
    elif not facts.push_subject:
        yield Finding(
            title, Grade.YELLOW, _("Push services do not learn whom to write to; some refuse such senders."),
            _("Set webpush.subject to mailto: and an address of yours."),
        )  # fmt: skip
    else:
        yield Finding(
            title, Grade.GREEN, _("Keys and contact are there ({subject})."), given={"subject": facts.push_subject}
        )


def _mail(facts: Facts) -> Iterator[Finding]:
    title = _("E-mail")
    if not facts.sender:
        yield Finding(
            title, Grade.YELLOW, _("E-mail is off: no sender is named."), _("Set mail.host and mail.sender.")
        )  # fmt: skip
        return
    domain = facts.sender.rpartition("@")[2]
    given = {"sender": facts.sender, "domain": domain, "host": facts.mail_host}
    if facts.dkim_domain and not _aligned(domain, facts.dkim_domain):
        yield Finding(
            title, Grade.RED, _("Mails of {sender} are signed for another domain ({dkim})."),
            _("Let mail.dkim_domain be the domain of the sender."), given | {"dkim": facts.dkim_domain},
        )  # fmt: skip
        return
    signed = _("Mails come from {sender}, signed here.") if facts.dkim_domain else _("Mails come from {sender}.")
    hint = _("In the name service of {domain} there should be SPF (v=spf1 a:{host} -all), DKIM, and DMARC (_dmarc).")
    relay = _("{host} should sign them (DKIM). In the name service of {domain} there should be SPF, DKIM and DMARC.")
    yield Finding(title, Grade.GREEN, signed, hint if facts.dkim_domain else relay, given)


def _aligned(sender: str, signer: str) -> bool:
    return sender == signer or sender.endswith(f".{signer}")


def _metrics(facts: Facts) -> Iterator[Finding]:
    title = _("Figures for monitoring")
    if 0 < facts.metrics_token < LEAST_TOKEN:
        yield Finding(
            title, Grade.RED, _("The setting metrics_token is short: it can be guessed."),
            _("Use at least 16 random characters."),
        )  # fmt: skip
    elif facts.metrics_token:
        yield Finding(title, Grade.GREEN, _("/metrics opens to whoever has the token."))
    else:
        yield Finding(
            title, Grade.GREEN, _("/metrics is closed to the world."),
            _("To watch from elsewhere, set metrics_token."),
        )  # fmt: skip


def _directory(facts: Facts) -> Iterator[Finding]:
    if not facts.oidc_issuer:
        return
    title, given = _("Directory of the county"), {"issuer": facts.oidc_issuer}
    if not facts.oidc_rules:
        yield Finding(
            title, Grade.YELLOW, _("People of {issuer} may sign in, but no group has a role."),
            _("Name groups and roles in oidc_rules."), given,
        )  # fmt: skip
    elif not facts.oidc_second_factor:
        yield Finding(
            title, Grade.GREEN, _("People of {issuer} sign in, and set up a second factor here."),
            _("If the directory always asks for one, set oidc_second_factor."), given,
        )  # fmt: skip
    else:
        yield Finding(title, Grade.GREEN, _("People of {issuer} sign in."), given=given)


def _debugging(facts: Facts) -> Iterator[Finding]:
    title = _("Debugging")
    if facts.debug:
        yield Finding(
            title, Grade.RED, _("It is on: {names}. Strangers may see what is inside."), _("Unset it, and restart."),
            {"names": ", ".join(facts.debug)},
        )  # fmt: skip
    else:
        yield Finding(title, Grade.GREEN, _("It is off."))


def _network(facts: Facts) -> Iterator[Finding]:
    if facts.allow_hosts:
        yield Finding(
            _("Private network"), Grade.YELLOW, _("Sources and push addresses may reach into it: {hosts}."),
            _("Name in allow_hosts only what you need."), {"hosts": ", ".join(facts.allow_hosts)},
        )  # fmt: skip


RULES: tuple[Rule, ...] = (_address, _proxy, _secret, _push, _mail, _metrics, _directory, _debugging, _network)
