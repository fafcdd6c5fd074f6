"""The table of providers, their addresses, the manners of asking, and their forms."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime

import pytest
from fakes.http import FakeHttp
from hypothesis import given
from hypothesis import strategies as st

from feeds.waste import providers
from feeds.waste.providers._ask import MOST, Ask, EnoughError
from feeds.waste.providers._forms import read_forms
from hub.core.errors import AddressRefused, SourceConfigError, SourceRefused, SourceUnreachable
from hub.core.source import Document

NOW = datetime(2026, 6, 10, tzinfo=UTC)


def test_every_row_fits_its_family_and_is_found_by_its_name():
    names = [one.name for one in providers.rows()]
    assert len(set(names)) == len(names)
    for one in providers.rows():
        assert re.fullmatch(providers.family(one.family).KEY, one.key), one
        assert one.url == "" or one.url.startswith(("https://", "http://"))
        assert providers.account(f"provider:{one.name}") == one
        assert providers.account(one.address).key == one.key


@pytest.mark.parametrize(
    ("family", "name"),
    [("awido", "Landkreis Rosenheim"), ("abfallnavi", "Stadt Aachen"), ("jumomind", "Stadt Minden"), ("abfallio", "Stadt Landshut"),
     ("abfallio-graphql", "Landkreis Reutlingen"), ("c-trace", "Bremer Stadtreinigung"), ("insert-it", "Stadt Mannheim"), ("muellmax", "USB Bochum")],
)  # fmt: skip
def test_a_clerk_finds_a_provider_by_the_name_they_know(family, name):
    assert providers.account(f"provider:{name.upper()}").family == family


def test_a_customer_that_is_in_no_row_works_by_its_address():
    assert providers.account("awido:neukreis").address == "awido:neukreis"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [("abfallio:short", "cannot be a customer of abfallio"), ("awido:../x", "cannot be a customer of awido"), ("awido:", "Name the customer: awido:<customer>. Known are "),
     ("nobody:x", "no family of providers called 'nobody'"), ("provider:Kreis", "No single provider is called 'Kreis'")],
)  # fmt: skip
def test_addresses_that_lead_nowhere_say_so(url, sentence):
    with pytest.raises(SourceConfigError) as caught:
        providers.account(url)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("url", "is_one"),
    [("awido:x", True), ("provider:a b", True), ("https://example.org", False), ("webcal://a", False), ("/tmp/a.ics", False),
     ("C:\\a.ics", False), ("wcs:a", False), ("nobody://host/x", False), ("", False)],
)  # fmt: skip
def test_what_is_a_providers_address(url, is_one):
    assert providers.is_address(url) is is_one


def test_a_poll_asks_no_more_than_is_polite():
    http = FakeHttp().answers("https://a.example/", body=b"[]")
    ask = Ask(http, NOW)
    for _ in range(MOST):
        ask.get("https://a.example/")
    with pytest.raises(EnoughError):
        ask.get("https://a.example/")
    assert len(http.asked) == MOST


def test_a_slow_provider_does_not_outlast_the_lease():
    times = iter([0.0, 10.0, 80.0])
    ask = Ask(FakeHttp().answers("https://a.example/", body=b"[]"), NOW, clock=lambda: next(times))
    ask.get("https://a.example/")
    with pytest.raises(EnoughError):
        ask.get("https://a.example/")


def test_cookies_go_back_to_their_own_host_only():
    http = FakeHttp().answers(
        "https://a.example/", body=b"x", headers={"Set-Cookie": "PHPSESSID=abc; Path=/; HttpOnly, other=1; Secure"}
    )
    http.answers("https://b.example/", body=b"x")
    ask = Ask(http, NOW)
    ask.get("https://a.example/")
    ask.form("https://a.example/", {"a": "ä"})
    ask.get("https://b.example/")
    assert [one.headers.get("cookie") for one in http.asked] == [None, "PHPSESSID=abc; other=1", None]
    assert http.asked[1].body == b"a=%C3%A4"
    assert http.asked[1].headers["content-type"] == "application/x-www-form-urlencoded"


def test_the_clients_errors_become_a_sources():
    http = FakeHttp().hangs("https://a.example/").fails("https://b.example/", AddressRefused("private"))
    with pytest.raises(SourceUnreachable):
        Ask(http, NOW).get("https://a.example/")
    with pytest.raises(SourceRefused, match="private"):
        Ask(http, NOW).get("https://b.example/")


def test_forms_are_read_with_their_quirks():
    page = read_forms(Document("u", "text/html", """
      <form><INPUT TYPE=HIDDEN NAME=mm_ses VALUE='a&amp;b'><input type="checkbox" name="k_1" value="7">
      <select name="f"><option value="0">bitte w&auml;hlen<option value="1">Stra\u00dfe &amp; Weg<option>Ohne Wert</select>
      <button name="go" value="1">los</button><input name="q">""".encode()))  # fmt: skip
    assert page.hidden == {"mm_ses": "a&b"}
    assert page.options("f") == [("Straße & Weg", "1"), ("Ohne Wert", "Ohne Wert")]
    assert (page.boxes, page.buttons, page.texts) == ({"k_1": "7"}, {"go": "1"}, ["q"])
    assert page.options("none") == []


@given(st.binary(max_size=400))
def test_no_page_breaks_the_reading_of_forms(body):
    with contextlib.suppress(SourceRefused):  # the only thing that may come out
        assert read_forms(Document("u", "text/html", b"<form><select name=a><option>" + body)).hidden is not None


def test_a_form_as_large_as_a_country_is_refused():
    with pytest.raises(SourceRefused, match="more choices"):
        read_forms(Document("u", "", b"<select name=a>" + b"<option value=1>x" * 21_000))
