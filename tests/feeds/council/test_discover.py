"""From whatever address a clerk has to the councils behind it."""

import pytest

from feeds.council.discover import discover
from feeds.council.fetch import read
from feeds.council.parse import parse
from hub.core.errors import AddressRefused, SourceRefused, SourceUnreachable
from hub.core.source import FetchState
from tests.fakes.http import FakeHttp

from .test_fetch import BASE, NOW

HOST = "https://ris.example"


@pytest.mark.parametrize("entry", ["system", "body", "body/1"])
def test_one_offer_per_body_with_its_place(council, serve, pages, entry):
    (offer,) = discover(council.source(f"{BASE}/{entry}"), serve(pages))
    assert offer.title == "Stadt Muster"
    assert [(one.scheme, one.value) for one in offer.places] == [("ags", "05358016")]
    chosen = council.source(offer.url, **offer.settings)
    assert len(parse(read(chosen, FetchState(), serve(pages), NOW))) == 2, "the offer leads to the meetings"
    assert discover(chosen, serve(pages)) == [], "what was chosen is complete"


def test_several_bodies_over_several_pages(council, serve, pages):
    first = pages[f"{BASE}/body"]
    other = pages[f"{BASE}/body/1"] | {"id": f"{BASE}/body/2", "name": "Kreis", "meeting": f"{BASE}/kreis"}
    without = {"id": f"{BASE}/body/3", "type": "https://schema.oparl.org/1.1/Body", "name": "Ohne Sitzungen"}
    first["links"] = {"next": f"{BASE}/body?page=2"}
    pages |= {f"{BASE}/body?page=2": {"data": [other, without], "links": {"next": f"{BASE}/body?page=2"}}}
    pages[f"{BASE}/kreis"] = {"data": [council.meeting(7)], "links": {}}
    offers = discover(council.source(), serve(pages))
    assert [one.title for one in offers] == ["Stadt Muster", "Kreis"]
    chosen = council.source(offers[1].url, **offers[1].settings)
    assert [one.key for one in parse(read(chosen, FetchState(), serve(pages), NOW))] == [f"{BASE}/meeting/7"]


@pytest.mark.parametrize(
    ("start", "system"),
    [
        (f"{HOST}/", "/oparl/v1.1/system"),
        (HOST, "/webservice/oparl/v1.0/system"),
        (f"{HOST}/bi/si010.asp?MM=3", "/bi/oparl/1.0/system.asp"),
        (f"{HOST}/rim4220", "/rim4220/webservice/oparl/v1/system"),
    ],
)
def test_the_start_page_is_enough(council, serve, pages, start, system):
    found = {f"{HOST}{system}": pages[f"{BASE}/system"] | {"id": f"{HOST}{system}"}}
    pages = {url: page for url, page in pages.items() if not url.endswith("/system")} | found
    server = serve(pages | {start: b"<html><body>Ratsinfo</body></html>"})
    assert [one.title for one in discover(council.source(start), server)] == ["Stadt Muster"]
    assert len(server.asked) <= 30


def test_a_link_of_the_page_is_followed_on_its_own_server_only(council, serve, pages):
    page = (
        b"<html><a href='https://evil.example/oparl'>OParl</a><a href='/weit/weg/oparl-schnittstelle'>OParl</a></html>"
    )
    server = serve(pages | {HOST: page, f"{HOST}/weit/weg/oparl-schnittstelle": pages.pop(f"{BASE}/system")})
    assert [one.title for one in discover(council.source(HOST), server)] == ["Stadt Muster"]
    assert not any("evil" in url for url in server.asked)


@pytest.mark.parametrize(
    "body", [b"BEGIN:VCALENDAR\nEND:VCALENDAR", b"<rss version='2.0'/>", b"Gremium;Datum\nRat;1.1.2026"]
)
def test_an_export_is_complete(council, serve, body):
    assert discover(council.source(f"{HOST}/export"), serve({f"{HOST}/export": body})) == []


def test_meetings_and_a_committee_are_complete(council, serve, pages):
    committee = {"id": f"{BASE}/organization/7", "type": "Organization", "meeting": f"{BASE}/meeting"}
    server = serve(pages | {f"{BASE}/organization/7": committee, f"{BASE}/none": {"data": [], "links": {}}})
    assert [discover(council.source(f"{BASE}/{one}"), server) for one in ("meeting", "organization/7", "none")] == [
        []
    ] * 3


def test_nothing_found_says_what_is_needed(council, serve):
    with pytest.raises(SourceRefused, match="often ends in /oparl/v1/system"):
        discover(council.source(f"{HOST}/"), serve({f"{HOST}/": b"<html>Willkommen</html>"}))


def test_a_busy_server_is_not_taken_for_an_empty_one(council, serve):
    with pytest.raises(SourceUnreachable):
        discover(council.source(f"{HOST}/"), serve({f"{HOST}/": 503}))


def test_an_address_that_may_not_be_dialled_is_said_to_be_so(council):
    http = FakeHttp().fails(f"{HOST}/", AddressRefused("The address of ris.example is not a public one."))
    with pytest.raises(SourceRefused, match="not a public one"):
        discover(council.source(f"{HOST}/"), http)
