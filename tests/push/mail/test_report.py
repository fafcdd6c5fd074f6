"""Bounces as mail servers write them (synthetic), and whatever else comes to a return path."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.bounces import Sort
from push.mail.report import read

FOLDER = Path(__file__).parent / "bounces"
PATH, LINK = "bounces+7-0123456789abcdef0123@example.org", "https://meldungen.example/u/token.sig"
SORTS = {
    "postfix-unknown": Sort.HARD, "exim-unknown": Sort.HARD, "gmail-unknown": Sort.HARD, "exchange-unknown": Sort.HARD,
    "qmail-unknown": Sort.HARD, "postfix-full": Sort.SOFT, "postfix-expired": Sort.SOFT, "exchange-policy": Sort.SOFT,
    "gmail-disabled": Sort.SOFT, "postfix-delayed": Sort.NOTHING, "postfix-delivered": Sort.NOTHING, "vacation": Sort.NOTHING,
    "reply": Sort.NOTHING, "empty": Sort.NOTHING, "yahoo-complaint": Sort.COMPLAINT, "jmrp-complaint": Sort.COMPLAINT,
    "opt-out-complaint": Sort.COMPLAINT, "not-spam": Sort.NOTHING, "dmarc-failure": Sort.NOTHING,
}  # fmt: skip


def sample(name, path=PATH, link=LINK):
    text = (FOLDER / f"{name}.eml").read_text(encoding="utf-8")
    return text.replace("RETURN_PATH", path).replace("UNSUBSCRIBE", link).encode()


def test_every_sample_is_named_here():
    assert {one.stem for one in FOLDER.glob("*.eml")} == set(SORTS)


@pytest.mark.parametrize("name", SORTS)
@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_samples(name, ends):
    report = read(sample(name).replace(b"\n", ends))
    assert report.sort is SORTS[name], report
    if name in {"empty", "jmrp-complaint"}:
        assert not report.paths or PATH not in report.paths
    else:
        assert PATH in report.paths
    assert (LINK in report.links) is (name not in {"vacation", "reply", "empty"})


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(SORTS)), st.binary(max_size=40), st.integers(0, 2000), st.integers(0, 300))
def test_no_mail_breaks_the_reader(name, noise, at, cut):
    raw = sample(name)
    assert read(raw[:at] + noise + raw[at + cut :]).sort in Sort


@given(st.binary(max_size=600))
def test_nor_does_noise(raw):
    assert read(raw).sort in Sort
