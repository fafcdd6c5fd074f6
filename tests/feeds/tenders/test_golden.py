"""Whole notices from real and official files, compared field by field with what was checked by hand."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from hub.core.codec import from_json, to_json

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize(
    "name",
    [
        "ocds-de/release_giessen.json",
        "ocds-de/release_brandenburg.json",
        "eforms/real_2024-OJS018-00050164.xml",
        "eforms/real_2024-OJS028-00082127.xml",
        "eforms/change-cn_24_open_dates.xml",
        "eforms/can_24_minimal.xml",
        "eforms/E1_minimal.xml",
        "synthetic/service_bund_like.rss.xml",
        "synthetic/below_threshold_E3.xml",
        "synthetic/below_threshold_E4_award.xml",
        "synthetic/ted_F14_wedel.xml",
        "ted-xml-r209/066521-2022.xml",
        "ted-xml-r209/122390-2022.xml",
        "ted-xml-r209/429035-2018.xml",
    ],
)
def test_notice_is_as_checked(name, corpus, notices):
    found = [to_json(one) for one in notices((corpus / name).read_bytes())]
    path = GOLDEN / f"{Path(name).stem}.json"
    if os.environ.get("ORTSRUF_GOLDEN") == "write":
        path.write_text(json.dumps(found[0], ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    expected = json.loads(path.read_text(encoding="utf-8"))
    assert found == [expected]


def test_every_readable_file_gives_notices_that_survive_storage(corpus, notices):
    files = [one for one in corpus.rglob("*.*") if "INVALID" not in one.name and one.name != "ted_search_page.json"]
    assert len(files) > 15
    for file in files:
        found = notices(file.read_bytes())
        assert found, file
        for notice in found:
            assert from_json(json.loads(json.dumps(to_json(notice)))) == notice
            assert notice.title
            assert notice.sent
            assert (notice.expires is None) == (notice.deadline is None)
            assert all(len(code) == 8 and code.isdigit() for code in notice.cpv)
            assert len({one.key for one in notice.occurrences}) == len(notice.occurrences)


def test_multilingual_notice_has_its_own_language_first_and_german_too(corpus, notices):
    (notice,) = notices((corpus / "eforms" / "cn_24_multilingual.xml").read_bytes())
    assert notice.texts[0].lang == "en"
    assert len(notice.texts) == 24
    assert notice.text("de").title.startswith("Bereitstellung von IT-Dienstleistungen")
    assert notice.text("de").body.startswith("IT-Dienste im Zusammenhang")
