"""What people who sign in are written to: golden mails, with no link to the one who did not ask, and nothing remote."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.policy import default

import pytest
from fakes.people import account, operator

import push
from hub.account_texts import SORTS
from hub.core.message import Recipient, Site
from hub.jobs import correspond
from hub.language import LANGUAGES, Language
from hub.store import letters
from tests.push.samples import agrees_with_golden

GOLDEN = ("de", "en")
GIVEN = {
    "invitation": {"town": "Hürtgenwald", "role": "editor"}, "factors-changed": {"what": "passkey"},
    "code-used": {"count": "9"},
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sort", sorted(SORTS))
def test_letters_read_as_they_always_did(village, sort: str, language: str) -> None:
    made = account(village, "anna@example.org", operator())
    with village.store.begin() as session:
        number = correspond.write(
            village.house, session, sort, "anna@example.org", language, account_id=made, **GIVEN.get(sort, {})
        )
        row = letters.get(session, number)
    row = {**row, "invitation_id": 3 if sort == "invitation" else None}
    message = correspond._message(village.house, row, Language(language))
    site = Site("https://ortsruf.example", "Ortsruf", "rathaus@example.org", language)
    recipient = Recipient(endpoint=f"letter-{number}", address="anna@example.org", language=language)
    mail = message_from_bytes(push.load("mail").render(message, recipient, site).body, policy=default)
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert re.findall(r"<(?:img|link|script)\b", html) == []
    assert mail["List-Unsubscribe"] is None
    assert ("https://ortsruf.example/" in text) is (sort in {"invitation", "reset", "address", "password-changed"})
    assert not set("{}") & set(text)
    if language in GOLDEN:
        agrees_with_golden(f"letters/{sort}.{language}.txt", f"{mail['Subject']}\n\n{text}".encode())


def test_a_letter_that_is_over_or_used_is_not_sent(village) -> None:
    with village.store.begin() as session:
        first = correspond.write(
            village.house, session, "invitation", "a@example.org", "de", invitation_id=None, town="A", role="club"
        )
        second = correspond.write(village.house, session, "reset", "nobody@example.org", "de")
        used = correspond.write(village.house, session, "address", "b@example.org", "de")
        assert letters.use(session, used, "address", village.clock())
    village.clock.forward(days=4)
    village.run()
    with village.store.read() as session:
        assert [letters.get(session, one)["state"] for one in (first, second, used)] == ["failed"] * 3
    assert village.mail.sent == []


def test_without_a_sender_letters_wait(village) -> None:
    object.__setattr__(village.house, "sender", "")
    with village.store.begin() as session:
        waiting = correspond.write(village.house, session, "password-changed", "a@example.org", "de")
    village.run()
    with village.store.read() as session:
        assert letters.get(session, waiting)["state"] == "open"
    object.__setattr__(village.house, "sender", "rathaus@example.org")
    village.clock.forward(hours=1)
    village.run()
    assert len(village.mail.sent) == 1
