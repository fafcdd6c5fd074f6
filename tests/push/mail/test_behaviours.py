"""Whatever a server does at any step: nothing is lost, and nothing is doubled but what nobody can know (E-05)."""

from __future__ import annotations

from collections import Counter
from email import message_from_bytes
from email.policy import default

import pytest

from hub.core.message import Outlet, Payload, Result
from push.mail import Settings
from push.mail.pool import POOL
from push.mail.send import send
from tests.push.mail.scripted import Scripted
from tests.push.samples import recipient

NAMES = [f"r{number}@example.org" for number in range(8)]
# name -> script, for whom ("" the first that comes), results for that one
BEHAVIOURS = {
    "nothing odd": ({}, "", Result.SENT),
    "greylisted": ({"rcpt": "450 4.7.1 greylisted, come again"}, "r3", Result.RETRY),
    "greylisted by 451": ({"rcpt": "451 4.7.1 greylisted"}, "r3", Result.RETRY),
    "greylisted after the mail": ({"content": "451 4.7.1 greylisted"}, "r3", Result.RETRY),
    "421 at greeting": ({"greeting": "421 4.3.2 closing"}, "r0", Result.RETRY),
    "421 at EHLO": ({"ehlo": "421 4.3.2 closing"}, "r0", Result.RETRY),
    "421 at MAIL": ({"mail": "421 4.3.2 closing"}, "r0", Result.RETRY),
    "421 at RCPT": ({"rcpt": "421 4.3.2 closing"}, "r3", Result.RETRY),
    "421 at DATA": ({"data": "421 4.3.2 closing"}, "r3", Result.RETRY),
    "421 after the mail": ({"content": "421 4.3.2 closing"}, "r3", Result.RETRY),
    "lost at MAIL": ({"mail": "close"}, "r0", Result.SENT),
    "lost at RCPT": ({"rcpt": "close"}, "r3", Result.SENT),
    "reset at RCPT": ({"rcpt": "abort"}, "r3", Result.SENT),
    "lost at DATA": ({"data": "close"}, "r3", Result.SENT),
    "lost after the mail, not taken": ({"content": "close"}, "r3", Result.RETRY),
    "lost after the mail, taken": ({"after": "abort"}, "r3", Result.RETRY),
    "hangs at RCPT": ({"rcpt": "hang"}, "r3", Result.SENT),
    "hangs after the mail": ({"after": "hang"}, "r3", Result.RETRY),
    "mailbox full": ({"rcpt": "552 5.2.2 full"}, "r3", Result.FAILED),
    "too big": ({"content": "552 5.3.4 too big"}, "r3", Result.FAILED),
    "unknown": ({"rcpt": "550 5.1.1 unknown"}, "r3", Result.GONE),
    "unknown in words": ({"rcpt": "550 No such user here"}, "r3", Result.GONE),
    "policy": ({"rcpt": "550 5.7.1 blocked, user unknown to our list"}, "r3", Result.FAILED),
    "sender refused": ({"mail": "550 5.7.1 not you"}, "r0", Result.MARKED),
    "refused at DATA": ({"data": "554 5.7.1 no"}, "r3", Result.FAILED),
    "refused after the mail": ({"content": "554 5.7.1 spam"}, "r3", Result.FAILED),
    "goes on although nobody is left": ({"rcpt": "550 5.1.1 unknown", "forgetful": ""}, "r3", Result.GONE),
    "a reply of many lines": ({"rcpt": "550-5.1.1 nobody\r\n550-5.1.1 has\r\n550 5.1.1 it"}, "r3", Result.GONE),
    "no reply at all": ({"rcpt": "hello?"}, "r3", Result.SENT),
    "a wrong code": ({"data": "250 ok"}, "r3", Result.RETRY),
}
# Where all that is under way when the connection is lost may have arrived.
CHUNKED = {name: told for name, told in BEHAVIOURS.items() if name != "a wrong code"} | {
    "a chunk refused for now": ({"chunk": "452 4.3.1 no room"}, "r0", Result.RETRY),
    "a chunk refused": ({"chunk": "552 5.3.4 too big"}, "r0", Result.FAILED),
    "421 at a chunk": ({"chunk": "421 4.3.2 closing"}, "r0", Result.RETRY),
    "lost at a chunk": ({"chunk": "close"}, "r0", Result.SENT),
    "hangs at a chunk": ({"chunk": "hang"}, "r0", Result.SENT),
    "lost in the midst, taken": ({"after": "close"}, "r6", Result.RETRY),
}
FINAL = {Result.FAILED, Result.GONE, Result.MARKED}
LOSSES = ("lost", "reset", "hangs", "no reply")


@pytest.fixture
def servers():
    running = []

    def start(**more):
        server = Scripted(**more)
        running.append(server)
        return server, server.start()

    yield start
    POOL.close()
    for one in running:
        one.stop()


def mail(address, number=0):
    body = f"To: {address}\r\nMessage-ID: <{address}>\r\n\r\n.\r\n..\r\n.line {number}\r\n" + "x" * 9_000 + "\r\n"
    return recipient(endpoint=address, address=address), Payload(body.encode(), {"Return-Path": "a@example.org"})


def outlet(port, **more):
    return Outlet(None, Settings(**({"host": "127.0.0.1", "port": port, "timeout": 0.5} | more)))


def in_rounds(port):
    """Send to everybody until nobody waits; returns the first results, and how often each was said to be sent."""
    waiting, rounds = list(NAMES), 0
    first: dict[str, Result] = {}
    settled: Counter[str] = Counter()
    while waiting and rounds < 4:
        rounds += 1
        outcomes = list(send([mail(one) for one in waiting], outlet(port)))
        assert sorted(one.endpoint for one in outcomes) == sorted(waiting)  # one outcome for each, always
        first = first or {one.endpoint: one.result for one in outcomes}
        settled.update(one.endpoint for one in outcomes if one.result is Result.SENT)
        waiting = [one.endpoint for one in outcomes if one.result is Result.RETRY]
    assert not waiting
    return first, settled


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "lock-step"])
@pytest.mark.parametrize("name", BEHAVIOURS)
def test_nothing_is_lost_and_nothing_doubled(servers, name, pipelining):
    script, whom, expected = BEHAVIOURS[name]
    server, port = servers(script=script, whom=whom if whom != "r0" else "", pipelining=pipelining)
    first, settled = in_rounds(port)
    taken = Counter(address for address, _ in server.boxes)
    for address in NAMES:
        odd = address == f"{whom}@example.org"
        if name.startswith("421"):  # a reply may get lost in the reset; who was not even asked waits
            assert first[address] in {Result.SENT, Result.RETRY}
        else:
            assert first[address] is (expected if odd else Result.SENT), address
        assert settled[address] == (0 if odd and expected in FINAL else 1)
        assert taken[address] == settled[address] + server.unanswered.count(address)  # doubled: the unknown ones only
    as_written(server)


@pytest.mark.parametrize("name", CHUNKED)
def test_by_chunks_nothing_is_lost_and_only_the_unknown_is_doubled(servers, name):
    script, whom, expected = CHUNKED[name]
    server, port = servers(script=script, whom=whom if whom != "r0" else "", chunking=True)
    first, settled = in_rounds(port)
    taken = Counter(address for address, _ in server.boxes)
    for address in NAMES:
        odd = address == f"{whom}@example.org"
        known = {expected} if odd else {Result.SENT}
        if name.startswith("421"):  # a reply may get lost in the reset
            known = {Result.SENT, Result.RETRY}
        elif name.startswith(LOSSES) and "chunk" not in name:
            known |= {Result.RETRY}
        assert first[address] in known, address
        assert settled[address] == (0 if odd and expected in FINAL else 1)
        doubled = taken[address] - settled[address]
        assert doubled == server.unanswered.count(address) or (doubled == 1 and first[address] is Result.RETRY)
    as_written(server)


def as_written(server):
    taken = {address for address, _ in server.boxes}
    assert {message_from_bytes(body, policy=default)["Message-ID"] for _, body in server.boxes} == {
        f"<{one}>" for one in taken
    }
    assert all(body == mail(address)[1].body for address, body in server.boxes)


@pytest.mark.parametrize("heard", [0, 1, 2, 3, 5])
def test_a_server_that_only_says_it_knows_chunks_gets_everything_all_the_same(servers, heard):
    server, port = servers(chunking=True, deaf_after=heard)
    first, settled = in_rounds(port)
    assert settled == Counter(NAMES)
    taken = Counter(address for address, _ in server.boxes)
    doubled = [address for address in NAMES if taken[address] > 1]
    assert all(first[address] is Result.RETRY for address in doubled)
    assert not (doubled and heard == 0)
    assert len([one for one in server.commands if one.startswith("DATA")]) >= len(NAMES) - heard
    as_written(server)
    asked = [one for one in server.commands if one.startswith("BDAT")]
    assert [one.result for one in send([mail("z@example.org")], outlet(port))] == [Result.SENT]
    assert [one for one in server.commands if one.startswith("BDAT")] == asked  # it is not believed again


def test_before_a_server_has_taken_a_chunk_it_sees_one_line(servers):
    server, port = servers(chunking=True, deaf_after=0)
    assert [one.result for one in send([mail("z@example.org")], outlet(port))] == [Result.SENT]
    said = {one[:4].upper() for one in server.commands} - {"EHLO", "MAIL", "RCPT", "BDAT", "DATA"}
    assert said <= {"TO: "}


def test_a_refused_recipient_lends_nobody_its_return_path(servers):
    from push.mail.verp import endpoint_of

    server, port = servers(script={"rcpt": "550 5.1.1 unknown"}, whom="r3", chunking=True)
    own = Outlet(
        None, Settings(host="127.0.0.1", port=port, verp=True, return_path="bounces@example.org"), {"links": "k"}
    )
    people = [recipient(endpoint=str(number), address=f"r{number}@example.org") for number in range(8)]
    results = {one.endpoint: one.result for one in send([(to, mail(to.address)[1]) for to in people], own)}
    assert results == {to.endpoint: Result.GONE if to.endpoint == "3" else Result.SENT for to in people}
    assert {to: endpoint_of(path, "k") for to, path in server.paths.items()} == {
        to.address: to.endpoint for to in people if to.endpoint != "3"
    }


def test_chunks_travel_without_waiting(servers):
    server, port = servers(chunking=True)
    many = [f"a{number}@example.org" for number in range(80)]
    assert Counter(one.result for one in send(map(mail, many), outlet(port))) == {Result.SENT: 80}
    assert server.connections == 2
    assert "DATA" not in server.commands
    assert Counter(address for address, _ in server.boxes) == Counter(many)
    as_written(server)


def test_a_lost_connection_whose_place_another_chunk_takes_keeps_no_mail(servers):
    _, port = servers(script={"content": "close"}, whom="a40", pipelining=False)
    own = outlet(port, connections=3)  # two for bulk
    taken = []

    def drawn():
        for number in range(80):
            if number > 40 and not taken:
                taken.append(POOL.take(own.settings, "example.org", urgent=False, wait=False))
            yield mail(f"a{number}@example.org")

    results = {one.endpoint: one.result for one in send(drawn(), own)}
    POOL.give_back(own.settings, "example.org", taken[0], sound=True)
    assert {one for one, result in results.items() if result is not Result.SENT} == {"a40@example.org"}
    assert len(results) == 80


def test_a_server_that_takes_one_connection_only_is_asked_for_another_once(servers):
    server, port = servers(at_once=1)
    outcomes = list(send([mail(f"a{number}@example.org") for number in range(80)], outlet(port)))
    assert [one.result for one in outcomes] == [Result.SENT] * 80
    assert server.connections == 2


@pytest.mark.parametrize("offers", [{}, {"pipelining": False}, {"chunking": True}], ids=str)
def test_a_slow_server_is_waited_for(servers, offers):
    server, port = servers(slowly=True, **offers)
    assert {one.result for one in send([mail(one) for one in NAMES], outlet(port, timeout=10))} == {Result.SENT}
    assert Counter(address for address, _ in server.boxes) == Counter(NAMES)


def test_the_next_envelope_travels_with_the_content(servers):
    server, port = servers()
    list(send([mail(one) for one in NAMES], outlet(port)))
    assert server.connections == 1
    assert not [one for one in server.commands if one.startswith("RSET")]


def test_connections_are_kept_for_the_next_chunk_and_left_when_stale(servers):
    server, port = servers()
    for _ in range(3):
        assert [one.result for one in send([mail(NAMES[0])], outlet(port))] == [Result.SENT]
    assert server.connections == 1
    POOL.close()
    assert server.commands[-1] == "QUIT"
    list(send([mail(NAMES[0])], outlet(port)))
    assert server.connections == 2


def test_a_large_chunk_uses_two_connections_by_turns(servers):
    server, port = servers()
    many = [f"a{number}@example.org" for number in range(80)]
    assert Counter(one.result for one in send(map(mail, many), outlet(port))) == {Result.SENT: 80}
    assert server.connections == 2
    assert Counter(address for address, _ in server.boxes) == Counter(many)


def test_a_large_chunk_survives_a_loss_on_either_connection(servers):
    server, port = servers(script={"after": "abort"}, whom="a60@")
    many = [f"a{number}@example.org" for number in range(80)]
    results = {one.endpoint: one.result for one in send(map(mail, many), outlet(port))}
    unknown = [address for address, result in results.items() if result is Result.RETRY]
    assert sorted(unknown) == sorted(server.unanswered)
    assert Counter(address for address, _ in server.boxes) == Counter(many)


@pytest.mark.parametrize("chunking", [False, True])
def test_outcomes_come_while_mails_are_still_drawn(servers, chunking):
    _, port = servers(chunking=chunking)
    drawn, given, ahead = 0, 0, []

    def draw():
        nonlocal drawn
        for number in range(100):
            drawn += 1
            ahead.append(drawn - given)
            yield mail(f"a{number}@example.org")

    for outcome in send(draw(), outlet(port)):
        assert outcome.result is Result.SENT
        given += 1
    assert given == 100
    assert max(ahead) <= 10  # the channel's WINDOW


@pytest.mark.parametrize("chunking", [False, True])
def test_whoever_stops_listening_leaves_a_sound_pool(servers, chunking):
    server, port = servers(chunking=chunking)
    sending = send(map(mail, NAMES), outlet(port))
    assert next(sending).result is Result.SENT
    sending.close()
    assert [one.result for one in send([mail("z@example.org")], outlet(port))] == [Result.SENT]
    assert server.connections == 2


def test_too_fast_pauses_the_domain_and_not_the_others(servers):
    server, port = servers(script={"rcpt": "450 4.7.28 rate limit"}, whom="r3", times=9)
    chunk = [mail("r2@example.org"), mail("r3@example.org"), *map(mail, NAMES[4:]), mail("a@other.example")]
    outcomes = {one.endpoint: one for one in send(chunk, outlet(port))}
    assert outcomes["r3@example.org"].retry_after == 60
    assert outcomes["r7@example.org"].retry_after == 60  # not even tried
    assert outcomes["a@other.example"].result is outcomes["r2@example.org"].result is Result.SENT
    assert "a@other.example" in [address for address, _ in server.boxes]


@pytest.mark.parametrize("smuggled", ["\n.\n", "\r.\r", "\n.\r\n", "\r\n.\r", "\r.\r\n", "\r\n.\n", "\r\r\n.\r\n"])
@pytest.mark.parametrize("chunking", [False, True])
def test_no_mail_is_smuggled_in_another(servers, smuggled, chunking):
    server, port = servers(chunking=chunking)
    to, payload = mail("a@example.org")
    evil = f"{smuggled}MAIL FROM:<x@evil.example>\r\nRCPT TO:<y@example.org>\r\nDATA\r\nSubject: evil\r\n\r\nevil\r\n"
    body = payload.body + evil.encode()
    assert [one.result for one in send([(to, Payload(body, payload.headers))], outlet(port))] == [Result.SENT]
    ((_, arrived),) = server.boxes
    assert b"evil" in arrived
    assert b"\n" not in arrived.replace(b"\r\n", b"")
    assert b"\r" not in arrived.replace(b"\r\n", b"")
    assert len([one for one in server.commands if one.startswith("MAIL")]) == 1


def test_every_mail_has_its_own_signed_way_back(servers):
    from push.mail.verp import endpoint_of

    server, port = servers()
    to = [recipient(endpoint=str(number), address=f"a{number}@example.org") for number in range(3)]
    sink = Outlet(
        None, Settings(host="127.0.0.1", port=port, verp=True, return_path="bounces@example.org"), {"links": "k"}
    )
    list(send([(one, mail("x@example.org")[1]) for one in to], sink))
    paths = [one[11:-1] for one in server.commands if one.startswith("MAIL")]
    assert [endpoint_of(path, "k") for path in paths] == ["0", "1", "2"]
    assert endpoint_of(paths[0].upper(), "k") == "0"
    assert endpoint_of(paths[0], "another key") is None
    assert endpoint_of(paths[0].replace("+0-", "+1-"), "k") is None
    assert endpoint_of("bounces@example.org", "k") is None


def test_urgent_mails_have_a_connection_of_their_own(servers):
    _, port = servers()
    few = outlet(port, connections=2)
    bulk = send(map(mail, NAMES), few)
    next(bulk)  # holds the one connection that bulk may have
    to, payload = mail("urgent@example.org")
    urgent = Payload(payload.body, {**payload.headers, "Urgency": "high"})
    assert [one.result for one in send([(to, urgent)], few)] == [Result.SENT]
    assert Counter(one.result for one in bulk) == {Result.SENT: len(NAMES) - 1}


def test_so_many_connections_to_one_domain(servers, monkeypatch):
    monkeypatch.setattr("push.mail.pool._PATIENCE", 0)
    server, port = servers()
    limited = outlet(port, per_domain=1)
    first = send(map(mail, NAMES), limited)
    next(first)
    assert [one.result for one in send([mail("z@example.org")], limited)] == [Result.RETRY]
    assert [one.result for one in send([mail("z@other.example")], limited)] == [Result.SENT]
    assert Counter(one.result for one in first) == {Result.SENT: len(NAMES) - 1}
    assert [one.result for one in send([mail("z@example.org")], limited)] == [Result.SENT]
    assert server.connections == 2
