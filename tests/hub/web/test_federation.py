"""What a municipality gives: whole notices, signed; alerts that obey CAP 1.2 and that our own reader believes; no more."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fakes.cap_rules import broken
from fakes.federation import Peer
from fakes.house import NOON, news
from lxml import etree

from feeds.cap.normalise import normalise
from feeds.cap.parse import parse
from feeds.ortsruf.seal import check
from hub.core.errors import SourceRefused
from hub.core.federation_record import read
from hub.core.notice import Fact, Geometry, Link, Notice, NoticeText, Occurrence, PlaceRef, Severity, Status
from hub.core.ports import Answer
from hub.core.source import Document, Fetched, FetchState, Source
from hub.jobs import own
from hub.jobs.record import COMMAND
from hub.jobs.seal import rotate
from hub.jobs.switch import remove
from hub.store import federation

CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
BRIDGE = replace(
    news("bridge", "Rurbrücke gesperrt", topic="roads", severity=Severity.MODERATE),
    texts=(
        NoticeText("de", "Rurbrücke <gesperrt>", "Bis Freitag.\x0bUmleitung & mehr.", "<p>x</p>", "Über Nideggen."),
        NoticeText("en", "Bridge closed"),
    ),
    places=(PlaceRef("ars", "053580016016", "Hürtgenwald"), PlaceRef("street", "Rurbrücke", "Rurbrücke")),
    geometry=Geometry(
        points=((6.4, 50.7),), lines=(((6.4, 50.7), (6.5, 50.7)),),
        polygons=(((6.4, 50.7), (6.41, 50.7), (6.41, 50.71)),), circles=(((6.4, 50.7), 1.5),),
        exclusions=(((6.401, 50.701), (6.402, 50.701), (6.402, 50.702)),),
    ),
    occurrences=(Occurrence("c", NOON, NOON + timedelta(days=3)),), facts=(Fact("detour", "Nideggen"),),
    publisher="Bauhof", links=(Link("enclosure", "https://bauhof.example/a.pdf", "Plan"),),
)  # fmt: skip


@pytest.fixture
def peer(peers) -> Peer:
    (made,) = peers("huertgenwald")
    made.own_source()
    return made


def get(peer: Peer, path: str, **headers: str) -> Any:
    return peer.app.test_client().get(path, base_url=f"https://{peer.host}", headers=headers)


def feed(peer: Peer) -> dict[str, Any]:
    found: dict[str, Any] = get(peer, "/huertgenwald/federation.json").json
    return found


def given(peer: Peer) -> dict[str, Notice]:
    return {notice.title: notice for notice, _ in (read(one["_ortsruf"]) for one in feed(peer)["items"])}


def alerts(peer: Peer) -> list[bytes]:
    index = get(peer, "/huertgenwald/alerts.atom").text
    return [get(peer, one).data for one in re.findall(r'cap\+xml" href="https://huertgenwald\.example([^"]+)"', index)]


def test_a_notice_leaves_whole(peer) -> None:
    peer.town.poll("s1", BRIDGE)
    (found,) = given(peer).values()
    assert replace(found, id="", key="", origin=None, references=()) == replace(BRIDGE, id="", key="")
    ((notice, _),) = peer.notices()
    assert (found.origin.installation, found.origin.notice) == (peer.seal.installation, notice.id)
    assert (found.origin.municipality, found.origin.revision, found.origin.hops) == ("huertgenwald", 1, ())


def test_other_readers_find_a_plain_json_feed(peer) -> None:
    peer.town.poll("s1", BRIDGE)
    found = feed(peer)
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    (item,) = found["items"]
    assert {"id", "url", "title", "content_html", "date_published", "date_modified"} <= set(item)


def test_what_is_called_off_or_over_stays_some_days_and_then_goes(peer) -> None:
    peer.town.poll("s1", news(), news("n2", "Fest", expires=NOON + timedelta(hours=2)))
    peer.town.poll("s1", news(status=Status.CANCELLED), news("n2", "Fest", expires=NOON + timedelta(hours=2)))
    peer.town.clock.forward(days=1)
    found = given(peer)
    assert found["Freibad öffnet"].status is Status.CANCELLED
    assert found["Fest"].expires == NOON + timedelta(hours=2)
    peer.town.clock.at += federation.LINGERS
    assert given(peer) == {}


def test_neither_the_desk_nor_hidden_topics_leave(peer) -> None:
    from hub.core.errors import SourceUnreachable

    peer.town.poll("s1", news())
    peer.town.gatherer.breaks("s1", SourceUnreachable("no answer"))
    for _ in range(60):
        peer.town.clock.forward(hours=6)
        peer.town.run()
    assert any(notice.kind == "desk" for notice, _ in peer.notices()), "the source fell silent"
    assert set(given(peer)) == {"Freibad öffnet"}


def test_an_unchanged_feed_is_not_sent_again_and_not_even_written_again(peer, monkeypatch) -> None:
    peer.town.poll("s1", news())
    first = get(peer, "/huertgenwald/federation.json")
    written: list[int] = []
    monkeypatch.setattr("hub.web.given.json_feed", lambda *_: written.append(1))
    again = get(peer, "/huertgenwald/federation.json", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, written) == (304, b"", [])
    whole = get(peer, "/huertgenwald/federation.json")
    assert (whole.data, whole.headers["Signature"], written) == (first.data, first.headers["Signature"], [])
    assert not first.headers["ETag"].startswith("W/")


def test_whatever_changes_the_feed_changes_its_tag(peer) -> None:
    tags = [get(peer, "/huertgenwald/federation.json").headers["ETag"]]

    def look() -> None:
        tags.append(get(peer, "/huertgenwald/federation.json").headers["ETag"])

    peer.town.poll("s1", news(expires=NOON + timedelta(days=1)))
    look()
    peer.town.poll("s1", news(title="Freibad öffnet um 11", expires=NOON + timedelta(days=1)))
    look()
    peer.town.poll("s1", news(title="Freibad öffnet um 11", expires=NOON + timedelta(days=1), status=Status.CANCELLED))
    look()
    peer.town.clock.forward(days=20)
    look()
    rotate(peer.town.store, peer.town.clock())
    look()
    assert len(set(tags)) == len(tags)


def test_a_feed_never_seems_older_than_it_was(peer) -> None:
    def updated() -> str:
        found: str = feed(peer)["_ortsruf"]["updated"]
        return found

    peer.town.poll("s1", news(expires=NOON + timedelta(days=1)))
    moments = [updated()]
    peer.town.clock.forward(days=30)
    moments.append(updated())
    peer.town.clock.forward(days=1)
    remove(peer.town.house, "s1")
    moments.append(updated())
    assert moments == sorted(moments)
    assert feed(peer)["items"] == []


def test_two_keys_sign_while_one_follows_the_other(peer) -> None:
    peer.town.poll("s1", news())
    old = peer.seal.keys[0].public
    new = rotate(peer.town.store, peer.town.clock()).keys[0].public

    def believes(key: str) -> bool:
        found = get(peer, "/huertgenwald/federation.json")
        lower = {name.lower(): value for name, value in found.headers.items()}
        try:
            check(Answer(200, lower, found.data, "x"), "/huertgenwald/federation.json", [key])
        except SourceRefused:
            return False
        return True

    assert (believes(old), believes(new)) == (True, True)
    assert [one["key"] for one in feed(peer)["_ortsruf"]["keys"]] == [new, old]
    peer.town.clock.forward(days=31)
    assert (believes(old), believes(new)) == (False, True)
    assert [one["key"] for one in feed(peer)["_ortsruf"]["keys"]] == [new]
    rotate(peer.town.store, peer.town.clock(), overlap=False)
    assert (believes(old), believes(new)) == (False, False)


def test_the_keys_stand_at_a_known_address(peer) -> None:
    found = get(peer, "/.well-known/ortsruf.json").json
    assert found["installation"] == peer.seal.installation
    assert [one["x"] for one in found["keys"]] == [peer.seal.keys[0].public]
    assert found["municipalities"][0]["feed"] == peer.feed
    assert "PRIVATE" not in json.dumps(found)


def test_an_alert_obeys_cap(peer) -> None:
    peer.town.poll("s1", BRIDGE)
    (body,) = alerts(peer)
    root = etree.fromstring(body)
    assert broken(root) == []
    assert [root.findtext(f"{CAP}{name}") for name in ("msgType", "sender", "scope")] == [
        "Alert", "huertgenwald@huertgenwald.example", "Public",
    ]  # fmt: skip
    assert [one.text for one in root.iter(f"{CAP}event")] == ["Straßensperrungen", "Road closures"]


def test_the_checker_of_cap_sees_what_is_wrong(peer) -> None:
    peer.town.poll("s1", BRIDGE)
    (body,) = alerts(peer)
    for right, wrong in [
        (b"<scope>Public</scope>", b"<scope>Everybody</scope>"),
        (b"<msgType>Alert</msgType>", b"<msgType>Update</msgType>"),
        (b"<certainty>Unknown</certainty>", b""),
        (rb"(<sent>[^+]+)\+01:00", rb"\1Z"),
        (rb"<areaDesc>[^<]+", b"<areaDesc>"),
        (rb"(<polygon>.*) [^ ]+</polygon>", rb"\1</polygon>"),
        (rb"<urgency>.*</urgency>(<severity>.*</severity>)", rb"\1<urgency>Past</urgency>"),
    ]:
        altered = re.sub(right, wrong, body, count=1)
        assert altered != body
        assert broken(etree.fromstring(altered)), right


def as_read(peer: Peer, *bodies: bytes, **config: str) -> list[Notice]:
    source = Source("c", "cap", "https://x.example", topic="warnings", config=config)
    documents = tuple(Document(f"a{number}.xml", "", one) for number, one in enumerate(bodies))
    items = parse(Fetched(documents, NOON + timedelta(days=1), FetchState(), source))
    assert [one.fault for one in items if one.fault] == []
    return [normalise(one, source) for one in items if not one.note]


def test_our_own_reader_understands_and_believes_an_alert(peer) -> None:
    peer.town.poll("s1", BRIDGE)
    (body,) = alerts(peer)
    (found,) = as_read(peer, body, signature="required", certificate=peer.seal.pem)
    assert (found.severity, found.publisher, found.expires) == (Severity.MODERATE, "Bauhof", NOON + timedelta(days=3))
    assert {one.lang: one.title for one in found.texts} == {"de": "Rurbrücke <gesperrt>", "en": "Bridge closed"}
    assert PlaceRef("ars", "053580016016") in [replace(one, name="") for one in found.places]
    assert found.geometry.circles[0] == ((6.4, 50.7), 1.5)
    assert len(found.geometry.exclusions) == 1
    assert as_read(peer, body, signature="required", certificate=peer.seal.certified)


def test_an_altered_alert_is_not_believed(peer) -> None:
    peer.town.poll("s1", BRIDGE)
    (body,) = alerts(peer)
    source = Source("c", "cap", "https://x.example", config={"signature": "required", "certificate": peer.seal.pem})
    altered = body.replace(b"Moderate", b"Extreme", 1)
    assert altered != body
    (item,) = parse(Fetched((Document("a", "", altered),), NOON, FetchState(), source))
    assert "altered" in item.fault


def test_updates_and_the_end_refer_to_all_that_went_before(peer) -> None:
    bodies = []
    for notice in (
        BRIDGE,
        replace(BRIDGE, severity=Severity.MINOR),
        replace(BRIDGE, severity=Severity.MINOR, status=Status.CANCELLED),
    ):
        peer.town.poll("s1", notice)
        bodies += alerts(peer)
    roots = [etree.fromstring(one) for one in bodies]
    assert [broken(one) for one in roots] == [[], [], []]
    assert [one.findtext(f"{CAP}msgType") for one in roots] == ["Alert", "Update", "Cancel"]
    names = [one.findtext(f"{CAP}identifier") for one in roots]
    assert [one.split(",")[1] for one in roots[2].findtext(f"{CAP}references").split()] == names[:2]
    *_, ended = sorted(as_read(peer, *bodies), key=lambda one: one.sent)
    assert (ended.status, set(ended.references)) == (Status.CANCELLED, set(names[:2]))


def test_an_alert_has_the_same_bytes_each_time(peer) -> None:
    peer.town.poll("s1", BRIDGE)
    assert alerts(peer) == alerts(peer)


@pytest.mark.parametrize(
    "notice",
    [
        news(),  # plain news warn of nothing
        replace(BRIDGE, kind="cap"),  # its authority has an alert of its own
        replace(BRIDGE, series=True),
    ],
)
def test_what_is_no_alert_of_ours_is_none(peer, notice) -> None:
    peer.town.poll("s1", notice)
    assert alerts(peer) == []
    assert len(feed(peer)["items"]) == 1
    ((kept, _),) = peer.notices()
    assert get(peer, f"/huertgenwald/alerts/{kept.id}-1.xml").status_code == 404


def test_there_are_no_other_alerts(peer) -> None:
    peer.town.poll("s1", BRIDGE)
    ((kept, _),) = peer.notices()
    assert get(peer, f"/huertgenwald/alerts/{kept.id}-1.xml").status_code == 200
    for path in (f"{kept.id}-2.xml", f"{kept.id}-0.xml", "nobody-1.xml"):
        assert get(peer, f"/huertgenwald/alerts/{path}").status_code == 404
    assert get(peer, "/nowhere/federation.json").status_code == 404


def test_a_municipality_with_its_own_host_is_believed_at_both_addresses(peer) -> None:
    peer.town.poll("s1", BRIDGE)
    tags = {get(peer, "/huertgenwald/federation.json").headers["ETag"]}
    own.change(peer.town.house, COMMAND, "huertgenwald", {"hosts": "ruf.huertgenwald.example"})
    for host in (peer.host, "ruf.huertgenwald.example"):
        found = peer.app.test_client().get("/huertgenwald/federation.json", base_url=f"https://{host}")
        assert found.json["feed_url"] == "https://ruf.huertgenwald.example/huertgenwald/federation.json"
        lower = {name.lower(): value for name, value in found.headers.items()}
        check(Answer(200, lower, found.data, "x"), "/huertgenwald/federation.json", [peer.seal.keys[0].public])
        tags.add(found.headers["ETag"])
    assert len(tags) == 2, "another address is another feed"
    (known,) = get(peer, "/.well-known/ortsruf.json").json["municipalities"]
    assert known["feed"] == "https://ruf.huertgenwald.example/huertgenwald/federation.json"
