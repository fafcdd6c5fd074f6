"""Over real SMTP: what arrives, and what a server's moods mean."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from hub.core.message import Change, Outcome, Outlet, Payload, Result
from hub.core.notice import NoticeText
from push.mail import Settings
from push.mail.render import render
from push.mail.send import nameless
from push.mail.send import send as send_lazily
from tests.push.samples import BASE, MESSAGES, ROAD, SITE, entry, message, recipient


def send(chunk, sink):
    return list(send_lazily(chunk, sink))


def outlet(port, **more):
    return Outlet(None, Settings(**({"host": "127.0.0.1", "port": port, "timeout": 2} | more)))


def letter(address="anna@example.org", told=MESSAGES["new"]):
    to = recipient(endpoint=address.partition("@")[0], address=address)
    return to, render(told, to, SITE)


def results(outcomes):
    return [one.result for one in outcomes]


def test_the_mail_arrives_as_it_was_written(serve, postbox):
    to, payload = letter()
    (outcome,) = send([(to, payload)], outlet(serve()))
    assert (outcome.endpoint, outcome.result, outcome.status) == ("anna", Result.SENT, 250)
    ((address, arrived),) = postbox.mails
    assert address == "anna@example.org"
    assert arrived == payload.body
    assert f"List-Unsubscribe: <{BASE}/u/{'t' * 120}>".encode() in arrived
    assert postbox.senders == [SITE.sender]


def test_no_address_is_kept_from_what_a_server_says():
    refused = Outcome("7", Result.FAILED, 554, detail="5.7.1 <Anna@Example.org>: rejected, anna@example.org is full")
    assert nameless(refused, b"anna@example.org").detail == "5.7.1 <…>: rejected, … is full"
    assert nameless(Outcome("7", Result.SENT), b"anna@example.org") == Outcome("7", Result.SENT)


def test_one_connection_for_a_chunk(serve, postbox):
    chunk = [letter(f"a{number}@example.org") for number in range(10)]
    assert results(send(chunk, outlet(serve()))) == [Result.SENT] * 10
    assert postbox.connections == 1
    assert len(postbox.mails) == 10


def test_dot_lines_end_nothing(serve, postbox):
    text = "eins\n.\nMAIL FROM:<x@y.z>\n..\n.drei\r\n.\r\nvier"
    notice = replace(ROAD, texts=(NoticeText("de", "Titel", text),))
    send([letter(told=message(Change.NEW, entry(notice, Change.NEW)))], outlet(serve()))
    ((_, arrived),) = postbox.mails
    plain = message_from_bytes(arrived, policy=default).get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert "eins\n.\nMAIL FROM:<x@y.z>\n..\n.drei\n.\nvier" in plain


@pytest.mark.parametrize(
    ("kind", "result", "status", "says"),
    [
        ("rcpt451", Result.RETRY, 451, "not now"),
        ("rcpt450", Result.RETRY, 450, "not now"),
        ("rcpt452", Result.RETRY, 452, "not now"),
        ("rcpt550", Result.GONE, 550, "no such mailbox"),
        ("rcpt551", Result.GONE, 551, "no such mailbox"),
        ("rcpt5505-7-1", Result.FAILED, 550, "5.7.1"),
        ("rcpt552", Result.FAILED, 552, "said the server"),
        ("rcpt554", Result.FAILED, 554, "said the server"),
        ("rcpt5505-2-1", Result.FAILED, 550, "5.2.1"),
        ("rcpt5505-1-8", Result.FAILED, 550, "5.1.8"),
        ("rcpt5505-1-10", Result.GONE, 550, "5.1.10"),
        ("data451", Result.RETRY, 451, "not now"),
        ("data550", Result.FAILED, 550, "not this one"),
        ("data552", Result.FAILED, 552, "not this one"),
        ("data554", Result.FAILED, 554, "not this one"),
        ("rcpt421", Result.RETRY, 421, ""),
        ("data421", Result.RETRY, 421, ""),
        ("drop", Result.RETRY, 0, "connection was lost"),
    ],
)
def test_a_mood_concerns_one_recipient_only(serve, kind, result, status, says):
    chunk = [letter("before@example.org"), letter(f"{kind}@example.org"), letter("after@example.org")]
    outcomes = send(chunk, outlet(serve()))
    assert results(outcomes) == [Result.SENT, result, Result.SENT]
    assert outcomes[1].status == status
    assert says in outcomes[1].detail


def test_what_was_dropped_after_data_is_sent_again_as_the_same_mail(serve, postbox):
    port = serve()
    for _ in range(2):
        assert results(send([letter("drop@example.org")], outlet(port))) == [Result.RETRY]
    ids = {message_from_bytes(mail, policy=default)["Message-ID"] for _, mail in postbox.mails}
    assert len(postbox.mails) == 2
    assert len(ids) == 1


def test_a_server_that_keeps_hanging_up_is_left_alone(serve, postbox):
    chunk = [letter("drop@example.org"), letter("drop@example.org"), letter("c@example.org"), letter("d@example.org")]
    assert results(send(chunk, outlet(serve()))) == [Result.RETRY] * 4
    assert postbox.connections == 2


def test_a_refused_sender_is_told_to_the_operator(serve):
    outcomes = send([letter(), letter("b@example.org")], outlet(serve(), return_path="mail550@example.org"))
    assert results(outcomes) == [Result.MARKED] * 2
    assert "sender" in outcomes[0].detail


def test_nobody_listens():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        outcomes = send([letter(), letter("b@example.org")], outlet(closed.getsockname()[1]))
    assert results(outcomes) == [Result.RETRY] * 2
    assert "cannot be reached" in outcomes[0].detail


def test_a_server_that_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcomes = send([letter(), letter("b@example.org")], outlet(silent.getsockname()[1], timeout=0.2))
    assert results(outcomes) == [Result.RETRY] * 2


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")  # loopback
def test_a_password_is_used_and_a_wrong_one_is_told(serve, postbox, wants_password):
    port = serve(auth_require_tls=False, **wants_password)
    assert results(send([letter()], outlet(port, username="ortsruf", password="geheim"))) == [Result.SENT]
    outcomes = send(
        [letter(), letter("b@example.org")], outlet(port, username="ortsruf", password="falsch", timeout=10)
    )
    assert results(outcomes) == [Result.RETRY] * 2
    assert "user name or password" in outcomes[0].detail
    assert "falsch" not in outcomes[0].detail
    assert len(postbox.mails) == 1


def test_starttls_with_a_verified_certificate(serve, postbox, authority, wants_password):
    trusted, context = authority
    port = serve(tls_context=context, require_starttls=True, **wants_password)
    sent = outlet(port, security="starttls", authority=trusted, username="ortsruf", password="geheim")
    assert results(send([letter()], sent)) == [Result.SENT]
    assert len(postbox.mails) == 1


def test_an_unknown_certificate_is_not_accepted(serve, postbox, authority):
    outcomes = send([letter()], outlet(serve(tls_context=authority[1]), security="starttls"))
    assert results(outcomes) == [Result.RETRY]
    assert "TLS" in outcomes[0].detail
    assert not postbox.mails


def test_a_certificate_of_another_name_is_not_accepted(serve, postbox, authority):
    port = serve(tls_context=authority[1])
    outcomes = send([letter()], outlet(port, security="starttls", authority=authority[0], host="127.0.0.2"))
    assert results(outcomes) == [Result.RETRY]
    assert not postbox.mails


def test_without_starttls_nothing_is_sent_in_the_clear(serve, postbox):
    outcomes = send([letter()], outlet(serve(), security="starttls"))
    assert results(outcomes) == [Result.RETRY]
    assert "lacks" in outcomes[0].detail
    assert not postbox.mails


def test_tls_from_the_first_byte_does_not_speak_to_a_plain_server(serve, postbox):
    outcomes = send([letter()], outlet(serve(), security="tls", timeout=0.5))
    assert results(outcomes) == [Result.RETRY]
    assert not postbox.mails


def test_the_operators_return_path_wins(serve, postbox):
    send([letter()], outlet(serve(), return_path="bounces@example.org"))
    assert postbox.senders == ["bounces@example.org"]


def test_an_address_list_is_never_handed_over(serve, postbox):
    to, payload = letter()
    outcomes = send([(replace(to, address="a@b.de>, <x@y.z"), payload), letter("b@example.org")], outlet(serve()))
    assert results(outcomes) == [Result.FAILED, Result.SENT]
    assert [address for address, _ in postbox.mails] == ["b@example.org"]


def test_an_empty_chunk_opens_nothing(serve, postbox):
    assert send([], outlet(serve())) == []
    assert postbox.connections == 0


def test_the_context_verifies():
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED


def test_an_odd_payload_stops_nobody(serve):
    to, _ = letter()
    odd = Payload(None)  # type: ignore[arg-type]
    assert results(send([(to, odd), letter("b@example.org")], outlet(serve()))) == [Result.RETRY, Result.SENT]
