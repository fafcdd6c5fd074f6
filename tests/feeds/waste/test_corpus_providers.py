"""The protocols in writing: what each provider answers on the way to one town, kept as files beside the real samples."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fakes.waste import SERVERS, Town

from feeds.waste.answers import read_json
from feeds.waste.glance import context_of, glance
from feeds.waste.providers import family
from feeds.waste.tour import fetch_provider
from hub.core.source import Document, FetchState, Source

FOLDER = Path(__file__).parents[2] / "corpus" / "waste" / "synthetic"
ENDINGS = {"{": "json", "[": "json", "B": "ics", "<": "html"}


def small_town() -> Town:
    days = [date(2026, 11, 2), date(2026, 11, 16), date(2026, 12, 1), date(2027, 1, 4)]
    return Town(dates={("A", "Restmüll"): days, ("A", "Biotonne"): days[:2], ("B", "Restmüll"): days[1:]})


def walk(name: str) -> dict[str, str]:
    """Return the answers of a poll of a whole town in November, by file name."""
    make, url = SERVERS[name]
    server = make(small_town())
    source = Source("s", "waste", url, config={"town": "Musterdorf"})
    fetch_provider(source, FetchState(), server, datetime(2026, 11, 26, tzinfo=UTC))
    found = {}
    for at, (asked, body) in enumerate(server.answered, 1):
        text = body.decode()
        if text in ("[]", "{}"):
            continue  # a letter of the alphabet without a street
        call = re.findall(r"(?:waction=|r=|/)([A-Za-z_]{3,30})(?=[/?&=.]|$)", asked.url)[-1]
        found[f"{at:02}-{call}.{ENDINGS.get(text[0], 'txt')}"] = text
    return found


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_the_files_are_what_the_servers_say(name):
    folder = FOLDER / name
    stored = {one.name: one.read_bytes().decode() for one in sorted(folder.glob("*"))}
    assert stored == walk(name)


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_a_glance_sees_what_whole_reading_sees(name):
    """The two readers of one answer may not disagree: zones come from the one, dates from the other."""
    asked, context = family(name), context_of("Europe/Berlin", date(2026, 11, 26), {"0": "Restmüll", "1": "Biotonne"})
    seen = 0
    for file in sorted((FOLDER / name).glob("*")):
        document = Document(file.name, "", file.read_bytes())
        try:
            pickups = asked.read(document, context).pickups
        except Exception:  # noqa: BLE001 - a step on the way, no dates
            continue
        found = glance([document], asked, context)
        days = {(title, day) for key, title in found.titles.items() for day in found.days.get(key, ())}
        assert days == {(one.title, one.day) for one in pickups}
        seen += bool(pickups)
    assert seen


REAL = ("ics-real/abfallplus_aichwald.ics", "ics-real/regioit_aachen_2020.ics", "ics-real/bremen_c-ware.ics", "synthetic/awido.ics",
        "synthetic/mymuell_sabre.ics")  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_a_glance_sees_what_real_exports_hold(name):
    asked, context = family("c-trace"), context_of("Europe/Berlin", date(2020, 6, 1), {})
    document = Document("u", "", (FOLDER.parent / name).read_bytes())
    pickups = [one for one in asked.read(document, context).pickups if not one.cancelled]
    found = glance([document], asked, context)
    assert {(found.titles[key], day) for key, days in found.days.items() for day in days} == {
        (one.title, one.day) for one in pickups
    }


def test_the_sampled_answers_of_providers_are_still_read():
    awido = read_json(Document("u", "", (FOLDER / "awido_getData.json").read_bytes()), {}, awido=True)
    assert {one.title for one in awido.pickups} == {"Restmülltonne", "Biotonne"}
    regio = read_json(
        Document("u", "", (FOLDER / "regioit_termine.json").read_bytes()), {"3": "Gelber Sack", "1": "Restabfall"}
    )
    assert {one.title for one in regio.pickups} == {"Gelber Sack", "Restabfall"}
