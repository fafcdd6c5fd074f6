"""Hostile HTML becomes harmless, and its text stays readable (P-04, P-12)."""

import html.parser
from types import SimpleNamespace

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds._syndication import markup
from feeds._syndication.markup import MAX_DEPTH, MAX_HTML, depth, one_line, plain, safe_html, web_address

BASE = "https://verein.example/"
ALLOWED = {"p", "br", "a", "ul", "ol", "li", "strong", "em", "h2", "h3", "h4"}
ATTACKS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>x</a>", "<a href=' java\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>", "<svg><script>alert(1)</script></svg>", "<svg onload=alert(1)>", "<p style='position:fixed' onclick=x()>x</p>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>", "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form action=https://evil.example><input name=p></form>", "<b/onmouseover=alert(1)>x</b>", "<a href='https://a.example' target=_blank onclick=x>x</a>", "<<b>script>alert(1)<</b>/script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "<!--><script>alert(1)</script>-->", "<a href='vbscript:x'>x</a>", "<base href='https://evil.example/'>", "<h1/onclick=x>x</h1>", "<meta http-equiv=refresh content='0;url=https://evil.example'>",
]  # fmt: skip


class Looked(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))


def assert_harmless(cleaned: str) -> None:
    looked = Looked()
    looked.feed(cleaned)
    for tag, attributes in looked.tags:
        assert tag in ALLOWED
        assert set(attributes) <= ({"href", "rel"} if tag == "a" else set())
        assert (attributes.get("href") or "https:").startswith(("https:", "http:", "mailto:"))


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_are_harmless(attack) -> None:
    assert_harmless(safe_html(attack, BASE))


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_in_every_field_are_harmless(attack, rss, read) -> None:
    code = attack.replace("&", "&amp;").replace("<", "&lt;")
    inner = f"<title>Fest {code}</title><author>{code}</author><category>{code}</category><link>{code}</link><description>{code}</description><guid>{code}</guid>"
    for notice in read(rss(inner, channel=f"<title>{code}</title><link>{code}</link>")):
        assert_harmless(notice.texts[0].html)
        assert notice.url.startswith("https://") or notice.url == ""
        assert all(one.href.startswith("https://") for one in notice.links)
        assert notice.title.startswith("Fest")


@given(st.text(alphabet="<>/abp ihref=\"'javscript:&;#x01!-\n", max_size=200))
def test_any_markup_is_harmless(raw) -> None:
    assert_harmless(safe_html(raw, BASE))
    plain(raw)
    one_line(raw)


def test_what_is_allowed_stays() -> None:
    raw = "<h1>Titel</h1><p><b>fett</b> <i>kursiv</i> <a href='/x?a=1&amp;b=2' title=t>mehr</a></p><ul><li>eins</li></ul><div>a</div><div>b</div>"
    assert safe_html(raw, BASE) == (
        "<h2>Titel</h2><p><strong>fett</strong> <em>kursiv</em> "
        '<a href="https://verein.example/x?a=1&amp;b=2" rel="noopener noreferrer nofollow">mehr</a></p><ul><li>eins</li></ul>a<br>b'
    )


def test_plain_text_has_lines() -> None:
    assert (
        plain("<p>Eins&nbsp;&amp; zwei</p><ul><li>a</li><li>b</li></ul>drei<br>vier<script>x</script>")
        == "Eins & zwei\n– a\n– b\ndrei\nvier"
    )


@pytest.mark.parametrize(("raw", "title"), [
    ("Satzung &amp;amp; Anlage", "Satzung & Anlage"), ("1 &lt; 2", "1 < 2"), ("<b>Fest</b>\n am  See", "Fest am See"), ("&lt;script&gt;x&lt;/script&gt;", "x"), ("Nice <gorilla>", "Nice <gorilla>"),
])  # fmt: skip
def test_titles(raw, title) -> None:
    assert one_line(raw) == title


@pytest.mark.parametrize("raw", [
    "<div>" * 100_000, "<b>" * 20_000, "<a" * 60_000, "<a " * 60_000, "<img " * 60_000, "<" * 500_000, "<!--" * 100_000, "<script>" * 60_000, "<table><tr><td>" * 30_000,
    "<img src=" + "x" * 500_000, "&" * 300_000, "<b " + "a=" * 30_000, "<p>" * 20_000, "<ul><li>" * 5_000, "<![CDATA[" * 10_000,
])  # fmt: skip
def test_giant_and_deep_html_never_reaches_the_cleaner(raw, rss, read, monkeypatch) -> None:
    cleaned: list[str] = []

    def clean(text, **options):
        cleaned.append(text)
        return nh3.clean(text, **options)

    monkeypatch.setattr(markup, "nh3", SimpleNamespace(clean=clean))
    notices = read(
        rss(
            f"<title>T</title><description>{raw.replace('&', '&amp;').replace('<', '&lt;')}</description>",
            "<title>U</title><description>&lt;p&gt;ok&lt;/p&gt;</description>",
        )
    )
    assert [one.title for one in notices] == ["T", "U"]
    assert "<p>ok</p>" in cleaned
    assert all(len(one) <= MAX_HTML and depth(one) <= MAX_DEPTH for one in cleaned)


def test_too_deep_or_too_long_html_is_told_as_text() -> None:
    assert safe_html("<em>" * (MAX_DEPTH + 1) + "x", BASE) == ""
    assert safe_html("<em>" * MAX_DEPTH + "x", BASE) != ""
    assert safe_html("x" * (MAX_HTML + 1), BASE) == ""
    assert depth("<p>a<p>b<br><ul><li></li></ul>") == 2


def test_a_text_that_is_too_long_gives_way_to_its_teaser(rss, read) -> None:
    long = "wort " * 20_000
    feed = rss(
        f"<title>T</title><description>&lt;p&gt;kurz&lt;/p&gt;</description><content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>&lt;p&gt;{long}&lt;/p&gt;</content:encoded>"
    )
    assert read(feed)[0].texts[0].body == "kurz"
    only = read(rss(f"<title>T</title><description>&lt;p&gt;{long}&lt;/p&gt;</description>"))[0].texts[0]
    assert only.html == ""
    assert only.body.startswith("wort wort")
    assert len(only.body) <= MAX_HTML


@pytest.mark.parametrize(("url", "found"), [
    ("/a", "https://verein.example/a"), ("javascript:alert(1)", ""), ("data:,x", ""), ("", ""), ("mailto:a@b.de", ""), ("//cdn.example/x", "https://cdn.example/x"),
    ("https://a.example/x y", "https://a.example/x%20y"), ("https://[", ""), ("JAVASCRIPT:alert(1)", ""), ("java\nscript:alert(1)", ""), ('https://a.example/"onx', ""),
])  # fmt: skip
def test_addresses(url, found) -> None:
    assert web_address(url, BASE) == found
