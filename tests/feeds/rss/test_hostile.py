"""Entities, size and noise: refused with a sentence, and nothing but ``SourceError`` leaves (P-01, P-05)."""

import random
import re
from html import escape

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


ATTACKS = [
    "<script>alert(1)</script>Fest", "<img src=x onerror=alert(1)>Fest", "&lt;svg onload=alert(1)&gt;Fest", "Fest\"' onmouseover='alert(1)",
    "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;Fest", "<a href='javascript:alert(1)'>Fest</a>", "<iframe srcdoc='<script>x</script>'>Fest</iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "<form action='https://evil.example'><input name=p>Fest</form>",
    "<p style='background:url(javascript:alert(1))'>Fest</p>", "<a href='java&#10;script:alert(1)'>Fest</a>", "<base href='https://evil.example/'>Fest",
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("where", ["title", "description", "author", "category", "guid"])
def test_nothing_that_runs_gets_into_a_notice(attack, where, rss, read) -> None:
    """P-12: titles are text (escaped where they are shown), HTML holds only harmless tags, links only web addresses."""
    parts = {"title": "Fest", "description": "Text"} | {where: attack}
    feed = rss("".join(f"<{name}><![CDATA[{text}]]></{name}>" for name, text in parts.items()))
    for notice in read(feed):
        (text,) = notice.texts
        assert not re.search(r"<(?!/?(?:p|br|a|ul|ol|li|strong|em|h[234])[\s>])", text.html)
        assert not re.search(r"""\s(?:on\w+|style|src|action)\s*=\s*["']?[^<]*>""", text.html, re.IGNORECASE)
        assert "javascript:" not in "".join(re.findall(r'href="([^"]*)"', text.html))


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,<script>x</script>", "vbscript:x", "file:///etc/passwd"]
)
def test_only_web_addresses_become_links(address, rss, read) -> None:
    feed = rss(
        f"<title>Fest</title><link>{escape(address)}</link><enclosure url='{escape(address)}' type='image/png'/>"
        f"<description><![CDATA[<img src='{address}'><a href='{address}'>x</a>]]></description>"
    )
    (notice,) = read(feed)
    assert (notice.url, notice.links) == ("", ())
    assert "href" not in notice.texts[0].html
