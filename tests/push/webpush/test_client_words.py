"""The scripts of the browser say every sentence in every language of the house."""

from __future__ import annotations

import re
from pathlib import Path

import push
from hub.core.tongues import TONGUES, direction, primary

CLIENT = Path(push.__file__).parent / "webpush" / "client"


def block(script: str, name: str) -> str:
    found = re.search(rf"^const {name} = {{\n(.*?)^}};", (CLIENT / script).read_text(), re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_a_page_says_where_its_device_stands_in_every_language() -> None:
    said = {
        code: dict(re.findall(r'^    (\w+): "(.+)",$', texts, re.MULTILINE))
        for code, texts in re.findall(r'^  "?([\w-]+)"?: {\n(.*?)^  },', block("subscribe.js", "TEXTS"), re.MULTILINE | re.DOTALL)
    }  # fmt: skip
    assert said.keys() == TONGUES.keys()
    assert {code: texts.keys() for code, texts in said.items()} == dict.fromkeys(TONGUES, said["de"].keys())
    assert len(said["de"]) == 10
    for texts in zip(*(one.values() for one in said.values()), strict=True):
        assert len(set(texts)) == len(TONGUES), texts  # none is a copy of another


def test_a_push_that_cannot_be_read_is_told_in_every_language_that_a_browser_has() -> None:
    lines = re.findall(
        r'^  (\w+): { lang: "(\w+)", dir: "(\w+)", title: "(.+)", body: "(.+)" },$',
        block("sw.js", "FALLBACK"),
        re.MULTILINE,
    )
    assert [one[0] for one in lines] == list(dict.fromkeys(primary(code) for code in TONGUES))
    assert all(key == lang and way == direction(lang) and title and body for key, lang, way, title, body in lines)
