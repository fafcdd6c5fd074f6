"""Sources, meetings and a fake OParl server."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from feeds.council.normalise import normalise
from feeds.council.parse import parse
from hub.core.notice import PlaceRef
from hub.core.ports import Answer
from hub.core.source import Document, Fetched, FetchState, Source

CORPUS = Path(__file__).parents[2] / "corpus" / "council"
BASE = "https://ris.example/oparl/v1.1"
TOWN = (PlaceRef("ars", "053340002002", "Musterstadt"),)


class Council:
    """Parses and normalises bytes, objects or corpus files."""

    def source(self, url=f"{BASE}/system", **config):
        return Source(id="s1", kind="council", url=url, places=TOWN, config=config)

    def body(self, answer):
        if isinstance(answer, bytes):
            return answer
        return (CORPUS / answer).read_bytes() if isinstance(answer, str) else json.dumps(answer).encode()

    def fetched(self, *answers):
        documents = tuple(Document(f"{BASE}/x", "application/json", self.body(one)) for one in answers)
        return Fetched(documents, datetime(2026, 3, 15, tzinfo=UTC), FetchState(), self.source())

    def items(self, *answers):
        return parse(self.fetched(*answers))

    def notices(self, *answers):
        return [normalise(item, self.source()) for item in self.items(*answers) if not (item.fault or item.note)]

    def meeting(self, number=1, **more):
        return {
            "id": f"{BASE}/meeting/{number}",
            "type": "https://schema.oparl.org/1.1/Meeting",
            "name": "Gemeinderat",
            "start": "2026-03-20T18:00:00+01:00",
            "modified": "2026-03-01T08:00:00+01:00",
        } | more


class Server:
    """An OParl server: answers by address without query parameters that it does not page by."""

    def __init__(self, pages):
        self.pages = dict(pages)
        self.asked = []

    def get(self, url, *, headers=None, limits=None):
        self.asked.append(url)
        parts = urlsplit(url)
        page = parse_qs(parts.query).get("page", [""])[0]
        plain = f"{parts.scheme}://{parts.netloc}{parts.path}" + (f"?page={page}" if page else "")
        found = self.pages.get(plain, 404)
        if callable(found):
            found = found(url)
        if isinstance(found, int):
            return Answer(found, {}, b"", url)
        return Answer(200, {}, found if isinstance(found, bytes) else json.dumps(found).encode(), url)

    def post(self, url, *, body, headers=None, limits=None):
        raise AssertionError("nothing is posted")


@pytest.fixture
def council():
    return Council()


@pytest.fixture
def serve():
    return Server


@pytest.fixture
def pages(council):
    """A server's pages: System, one Body, organizations, and two pages of meetings."""

    def listed(*objects, following=""):
        return {"data": list(objects), "pagination": {}, "links": {"next": following} if following else {}}

    body = {
        "id": f"{BASE}/body/1", "type": "https://schema.oparl.org/1.1/Body", "name": "Stadt Muster", "ags": "5358016",
        "organization": f"{BASE}/organization", "meeting": f"{BASE}/meeting",
    }  # fmt: skip
    committee = {
        "id": f"{BASE}/organization/7",
        "type": "https://schema.oparl.org/1.1/Organization",
        "name": "Bauausschuss",
    }
    return {
        f"{BASE}/system": {
            "id": f"{BASE}/system",
            "type": "https://schema.oparl.org/1.1/System",
            "body": f"{BASE}/body",
        },
        f"{BASE}/body": listed(body),
        f"{BASE}/body/1": body,
        f"{BASE}/organization": listed(committee),
        f"{BASE}/meeting": listed(council.meeting(1), following=f"{BASE}/meeting?page=2"),
        f"{BASE}/meeting?page=2": listed(
            council.meeting(2, name="3. Sitzung", organization=[f"{BASE}/organization/7"])
        ),
    }
