"""Entities, size and noise: refused with a sentence, and nothing but ``SourceError`` leaves (P-01, P-05)."""

import random

import pytest

from feeds.rss.normalise import normalise
from feeds.rss.parse import MAX_BODY, parse
from hub.core.codec import to_json
from hub.core.errors import SourceError, SourceRefused, SourceTooLarge

ITEM = "<channel><title>V</title><item><title>&x;Fest</title></item></channel></rss>"


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("CANARY")
    return path


@pytest.mark.parametrize("head", [
    "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file://{path}'>]>", "<!DOCTYPE rss [<!ENTITY % x SYSTEM 'file://{path}'>%x;]>", "<!doctype rss [<!entity x 'y'>]>",
    "<!-- <rss> --><!DOCTYPE rss [<!ENTITY x '<rss>'>]>", "<!DOCTYPE rss [<!ENTITY a 'ha'><!ENTITY x '&a;&a;&a;&a;'>]>", "<!DOCTYPE rss [<!ATTLIST rss a CDATA 'b'>]>",
])  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_entity_declarations_are_refused(head, encoding, secret, make_fetched) -> None:
    body = f'<?xml version="1.0"?>{head.format(path=secret)}<rss version="2.0">{ITEM}'
    with pytest.raises(SourceRefused, match="declares"):
        parse(make_fetched(body.encode(encoding)))


def test_an_external_dtd_is_ignored_and_never_read(secret, read) -> None:
    body = f'<!DOCTYPE rss PUBLIC "-//N//DTD RSS 0.91//EN" "file://{secret}"><rss version="0.91">{ITEM}'
    assert [one.title for one in read(body)] in (["&x;Fest"], ["Fest"])


@pytest.mark.parametrize("body", ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:9/feed"])
def test_a_body_that_names_a_file_or_an_address_is_only_text(body, make_fetched) -> None:
    with pytest.raises(SourceRefused, match="no feed"):
        parse(make_fetched(body))


def test_words_about_entities_in_the_text_are_no_declaration(rss, read) -> None:
    feed = rss("<title>Kurs</title><description><![CDATA[Wir lernen <!ENTITY und <!DOCTYPE]]></description>")
    assert [one.title for one in read(feed)] == ["Kurs"]


def test_a_feed_of_more_than_ten_megabytes_is_refused(rss, make_fetched) -> None:
    with pytest.raises(SourceTooLarge):
        parse(make_fetched(rss("<title>T</title>") + " " * MAX_BODY))


@pytest.mark.parametrize("reference", ["&#xD800;", "&#0;", "&#x1F;", "&#xFFFE;", "&#99999999;"])
def test_characters_that_do_not_exist_never_reach_a_notice(reference, rss, read) -> None:
    for notice in read(
        rss(f"<title>Fest {reference}</title><description>{reference} x</description><guid>g{reference}</guid>")
    ):
        assert "\0" not in str(to_json(notice))
        str(to_json(notice)).encode()


def mutated(body: bytes, rng: random.Random) -> bytes:
    found = bytearray(body)
    for _ in range(rng.randint(1, 6)):
        at, what = rng.randrange(len(found)), rng.randrange(5)
        if what == 0:
            found[at] = rng.randrange(256)
        elif what == 1:
            del found[at : at + rng.randint(1, 40)]
        elif what == 2:
            found[at:at] = rng.choice(
                [
                    b"\0",
                    b"\xff\xfe",
                    b"&#xD800;",
                    b"<!--",
                    b"]]>",
                    b"<![CDATA[",
                    b'"',
                    b"<item>",
                    b"http://[",
                    b"\\ud800",
                    b"1e999",
                ]
            )
        elif what == 3:
            other = rng.randrange(len(found))
            found[at:at] = found[other : other + 200]
        else:
            found = found[: max(40, at)]
    return bytes(found)


def test_noise_ends_in_notices_or_a_source_error(corpus, make_fetched) -> None:
    rng = random.Random(20301117)
    seeds = [one.read_bytes() for one in sorted(corpus.rglob("*.*"))]
    outcomes = {"read": 0, "refused": 0, "silent": 0}
    for number in range(2_000):
        fetched = make_fetched(mutated(seeds[number % len(seeds)], rng))
        try:
            for item in parse(fetched):
                if not (item.fault or item.note):
                    str(to_json(normalise(item, fetched.source))).encode()
            outcomes["read"] += 1
        except SourceError as error:
            outcomes["refused" if str(error) else "silent"] += 1
    assert outcomes.pop("silent") == 0
    assert min(outcomes.values()) > 100
