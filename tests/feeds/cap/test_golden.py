"""Recorded answers become exactly these notices (``golden/``); outlines and long lists are told by their number."""

import json
from pathlib import Path

import pytest

from hub.core.codec import from_json, to_json

GOLDEN = Path(__file__).parent / "golden"
CASES = {
    "dwd_sequence": [f"synthetic/dwd_{name}.xml" for name in ("1_alert", "2_vorabinformation", "3_update_aufhebung")],
    "dwd_bundle": ["dwd/Z_CAP_C_EDZW_LATEST_PVW_STATUS_PREMIUMDWD_COMMUNEUNION_MUL.zip"],
    "dwd_groups": ["synthetic/dwd_4_groups.xml"],
    "nina_mowas": [f"nina/mow.DE-HE-KS-SE106-20250313-106-001.{end}" for end in ("json", "geojson")],
    "nina_others": [
        f"synthetic/nina_{name}"
        for name in ("katwarn.json", "katwarn.geojson", "biwapp_update.json", "lhp.json", "polizei.json")
    ],
    "meteoalarm_atom": ["meteoalarm/meteoalarm-legacy-atom-germany.xml"],
    "meteoalarm_json": ["synthetic/meteoalarm_warnings.json"],
    "canada": ["cap-google/canada.cap"],
    "macao": ["cap-world/mo-cap_monsoon.xml"],
}


def shortened(notice):
    data = to_json(notice)
    if data["geometry"]:
        for name in ("polygons", "exclusions"):
            data["geometry"][name] = [[len(ring), ring[0]] for ring in data["geometry"][name]]
    if len(data["places"]) > 10:
        data["places"] = [len(data["places"]), data["places"][0], data["places"][-1]]
    return data


@pytest.mark.parametrize("name", CASES)
def test_recorded_answers(name, corpus, read) -> None:
    notices, faults = read(*((corpus / one).read_bytes() for one in CASES[name]))
    assert faults == []
    assert [shortened(one) for one in notices] == json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    assert [from_json(to_json(one)) for one in notices] == notices


def test_the_all_clear_ends_the_alert_and_not_the_pre_alert(corpus, read) -> None:
    (alert, early, clear), _ = read(*((corpus / one).read_bytes() for one in CASES["dwd_sequence"]))
    assert (alert.status, early.status, clear.status) == ("active", "active", "cancelled")
    assert clear.references == (alert.key,)
    assert not alert.key.endswith(".DEU")
    assert (alert.category, early.category) == ("40", "40/future")
    assert early.title.startswith("VORABINFORMATION")
    assert alert.attribution == "Quelle: Deutscher Wetterdienst"


def test_the_real_bundle_has_eight_languages_german_first(corpus, read) -> None:
    (rain, _, _), _ = read((corpus / CASES["dwd_bundle"][0]).read_bytes())
    assert [one.lang for one in rain.texts] == ["de-DE", "en", "fr", "es", "ar", "ru", "tr", "pl"]
    assert rain.references == ("2.49.0.0.276.0.DWD.PVW.1687483260000.e335908e-7419-4d5f-8376-422c14b4f25c",)
    assert len(rain.places) == 45
    assert rain.geometry is not None
    assert rain.geometry.polygons[0][0] == pytest.approx((9.630033, 51.406734), abs=1.5)


def test_every_recorded_alert_is_read_or_refused_with_a_reason(corpus, read) -> None:
    counts = {path.name: tuple(map(len, read(path.read_bytes()))) for path in sorted(corpus.glob("cap-world/*.xml"))}
    assert set(counts.values()) == {(1, 0)}
    assert len(counts) == 5
