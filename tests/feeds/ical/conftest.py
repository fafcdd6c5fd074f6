"""Fetched event calendars, and what becomes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.ical.parse import parse
from tests.fakes.fetches import fetches_of, notices_of


@pytest.fixture
def corpus() -> Path:
    return Path(__file__).parents[2] / "corpus"


@pytest.fixture
def make_fetched():
    return fetches_of("ical", "https://verein.example/kalender.ics", "Musikverein")


@pytest.fixture
def items(make_fetched):
    return lambda *bodies, **settings: parse(make_fetched(*bodies, **settings))


@pytest.fixture
def notices(make_fetched):
    return lambda *bodies, **settings: notices_of(make_fetched(*bodies, **settings))
