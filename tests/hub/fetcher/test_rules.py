"""The pure rules: addresses, URLs, redirects, push endpoints."""

from __future__ import annotations

import contextlib
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.errors import AddressRefused
from hub.fetcher.addresses import exemptions, is_public, refused
from hub.fetcher.endpoints import check_endpoint
from hub.fetcher.urls import checked, redirected

PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.1.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.5",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:0:53aa:64c::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "5f00::1",
    "4000::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "172.32.0.1",
    "193.99.144.80",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2606:4700::1111",
    "2a00:1450:4001::1",
]


@pytest.mark.parametrize("text", PRIVATE)
def test_nothing_private_special_or_embedded_is_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_the_public_internet_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@given(st.ip_addresses(v=4))
def test_what_the_standard_library_calls_private_is_never_public(address: IPv4Address) -> None:
    if not address.is_global:
        assert not is_public(address)
        assert not is_public(IPv6Address((0xFFFF << 32) | int(address)))


def test_one_bad_address_among_good_ones_refuses_the_host() -> None:
    assert refused("h", 443, ["8.8.8.8", "10.0.0.1"], ()) == "10.0.0.1"
    assert refused("h", 443, ["8.8.8.8", "1.1.1.1"], ()) == ""
    assert refused("h", 443, ["rubbish"], ()) == "rubbish"


@pytest.mark.parametrize(
    ("entry", "host", "address", "port", "covered"),
    [
        ("127.0.0.1", "x", "127.0.0.1", 80, True),
        ("127.0.0.1", "x", "::ffff:127.0.0.1", 80, True),
        ("127.0.0.1", "x", "127.0.0.2", 80, False),
        ("127.0.0.1:8080", "x", "127.0.0.1", 8080, True),
        ("127.0.0.1:8080", "x", "127.0.0.1", 8081, False),
        ("10.0.0.0/8", "x", "10.9.9.9", 80, True),
        ("::1", "x", "::1", 80, True),
        ("[::1]:8080", "x", "::1", 80, False),
        ("Intranet.town:80", "intranet.town", "10.0.0.1", 80, True),
        ("intranet.town", "evil.intranet.town", "10.0.0.1", 80, False),
    ],
)
def test_exemptions_cover_what_they_name_and_no_more(
    entry: str, host: str, address: str, port: int, *, covered: bool
) -> None:
    assert (refused(host, port, [address], exemptions([entry])) == "") is covered


@pytest.mark.parametrize("entry", ["", "a/b", "host:port", "host:99999", "u@h", ":80"])
def test_a_broken_exemption_is_named(entry: str) -> None:
    with pytest.raises(ValueError, match="not a host"):
        exemptions([entry])


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://town.example/", "gopher://town.example/", "data:,x", "javascript:alert(1)", "/relative",
        "", "https://", "http:///x", "https://user@town.example/", "https://user:pw@town.example/", "https://town.example:25/",
        "https://town.example:22/", "https://town.example:0/", "https://town.example:99999/", "https://town.example/a b",
        "https://town.example/\r\nX: y", "https://town.example\\@evil.example/", "https://town.example/\x00", "http://[::1/",
        "http://[fe80::1%25eth0]/", "https://town.example/" + "a" * 5000, "https://town\u200b.example/",
    ],
)  # fmt: skip
def test_a_url_that_breaks_a_rule_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        checked(url)


@pytest.mark.parametrize(
    "url",
    ["http://town.example", "https://TOWN.example:8443/a?b#c", "https://bürger.example/ü", "http://[2606:4700::1]/"],
)
def test_an_ordinary_url_passes(url: str) -> None:
    assert checked(url).host


@given(st.text())
def test_any_text_is_parsed_or_refused(text: str) -> None:
    for url in (text, "https://" + text):
        with contextlib.suppress(AddressRefused):
            assert checked(url).scheme in ("http", "https")


@pytest.mark.parametrize(
    ("start", "location"),
    [
        ("https://a.example/", "http://a.example/"),
        ("https://a.example/", "https://a.example:8443/"),
        ("http://a.example:8080/", "http://a.example:9090/"),
        ("http://a.example/", "file:///etc/passwd"),
        ("http://a.example/", "//user@b.example/"),
        ("http://a.example/", "http://[/"),
    ],
)
def test_a_redirect_that_breaks_a_rule_is_refused(start: str, location: str) -> None:
    with pytest.raises(AddressRefused):
        redirected(checked(start), location)


def test_an_ordinary_redirect_passes() -> None:
    assert str(redirected(checked("http://a.example/x/y"), "../z")) == "http://a.example/z"
    assert str(redirected(checked("http://a.example:8080/"), "https://b.example/")) == "https://b.example/"
    assert str(redirected(checked("http://a.example:8080/"), "/b")) == "http://a.example:8080/b"


@pytest.mark.parametrize(
    "url",
    [
        "https://fcm.googleapis.com/fcm/send/abc:d", "https://updates.push.services.mozilla.com/wpush/v2/x",
        "https://FCM.googleapis.com:443/x", "https://db5p.notify.windows.com/w/?token=a", "https://web.push.apple.com/Q",
        "https://api.push.apple.com/x", "https://push.own.example/x", "https://eu.other.example/x",
    ],
)  # fmt: skip
def test_known_push_services_pass(url: str) -> None:
    origin = check_endpoint(url, hosts_allowed=["push.own.example", "*.other.example"])
    assert origin == "https://" + url.split("/")[2].lower().removesuffix(":443")


@pytest.mark.parametrize(
    "url",
    [
        "http://fcm.googleapis.com/x", "https://fcm.googleapis.com:8443/x", "https://fcm.googleapis.com.evil.example/x",
        "https://evilfcm.googleapis.com/x", "https://evil.example/fcm.googleapis.com", "https://evil.example/?fcm.googleapis.com",
        "https://fcm.googleapis.com@evil.example/x", "https://evil.example#@fcm.googleapis.com/", "https://x.fcm.googleapis.com/x",
        "https://127.0.0.1/x", "https://[::1]/x", "https://2130706433/x", "https://notify.windows.com/x",
        "https://evilnotify.windows.com/x", "https://fcm.googleapis.com./x", "https://fcm.googleapis.com\\.evil.example/x",
        "https://fcm。googleapis。com/x", "https://fcm.googleapis.com/\r\nx", "https://fcm.googleapis.com", "", "x",
        "https://fcm.googleapis.com:x/", "https://fcm.googleapis.com/" + "a" * 3000, "https://.push.apple.com/x",
        "https://x.push.own.example/x", "http://127.0.0.1:8099/x",
    ],
)  # fmt: skip
def test_anything_else_is_no_push_endpoint(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_endpoint(url, hosts_allowed=["push.own.example"])


def test_a_whole_origin_may_be_allowed_for_trials() -> None:
    assert check_endpoint("http://127.0.0.1:8099/x", hosts_allowed=["http://127.0.0.1:8099"]) == "http://127.0.0.1:8099"
    with pytest.raises(AddressRefused):
        check_endpoint("http://127.0.0.1:8098/x", hosts_allowed=["http://127.0.0.1:8099"])
