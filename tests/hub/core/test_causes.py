"""Every error of a source has a sentence that a clerk understands, and says what to do."""

from __future__ import annotations

import re

import pytest

from hub.core import errors
from hub.core.causes import cause, every_cause
from hub.core.plausibility import Doubt, Hold
from hub.language import Language


@pytest.mark.parametrize(
    ("label", "detail", "code"),
    [
        ("source-refused", "The source asks for a login (401).", "login"),
        ("source-refused", "The source refuses to answer us (403).", "forbidden"),
        ("source-refused", "There is nothing at this address any more (404).", "gone"),
        ("source-refused", "The source says that this address is gone for good (410).", "gone"),
        ("source-unreachable", "The source asks us to come less often (429).", "too-often"),
        ("source-unreachable", "The source is out of service for now (503).", "server-fault"),
        ("source-unreachable", "The source has a fault of its own (500).", "server-fault"),
        ("source-unreachable", "No complete answer within 20 s.", "slow"),
        ("source-unreachable", "The exchange failed: [Errno 111] Connection refused.", "unreachable"),
        ("source-unreachable", "The exchange failed: [Errno -2] Name or service not known.", "no-such-host"),
        (
            "source-unreachable",
            "The exchange failed: certificate verify failed: self-signed certificate.",
            "certificate",
        ),
        ("source-unreachable", "The address redirects more than 5 times.", "redirects"),
        ("source-refused", "The source redirects from https to unprotected http.", "redirects"),
        ("source-refused", "The address of intern.example is not a public one.", "address"),
        ("source-refused", "The source answered with a web page instead of data.", "web-page"),
        ("source-refused", "The address answered with a web page (HTML), not with a calendar.", "web-page"),
        ("source-refused", "The calendar contains no collection dates.", "empty"),
        ("source-refused", "The source answered with nothing at all.", "empty"),
        ("source-refused", "The archive is broken or cut off.", "broken"),
        ("source-too-large", "The calendar is larger than 5 MB.", "too-large"),
        ("source-config", "The OParl system has no such body.", "settings"),
        ("source", "unexpected: KeyError", "unexpected"),
        ("source-refused", "This is no CAP alert: the file begins with <rss>.", "unreadable"),
        ("", "", "unknown"),
    ],
)
def test_an_error_is_explained(label: str, detail: str, code: str) -> None:
    assert cause(label, detail).code == code


@pytest.mark.parametrize("reason", [*Doubt, *Hold])
def test_every_reason_to_hold_something_back_is_explained(reason: str) -> None:
    assert cause(reason.value, "").code == reason.value  # type: ignore[attr-defined]


def source_errors(error: type[errors.OrtsrufError] = errors.SourceError) -> list[type[errors.OrtsrufError]]:
    return [error, *(deeper for one in error.__subclasses__() for deeper in source_errors(one))]


@pytest.mark.parametrize("error", source_errors(), ids=lambda one: one.__name__)
def test_every_class_of_error_has_a_cause_of_its_own_words(error: type[errors.OrtsrufError]) -> None:
    assert cause(error.label, str(error())).what


def test_causes_are_plain_sentences_in_both_languages() -> None:
    for one in every_cause():
        for text in (one.what, one.todo, Language("de").text(one.what), Language("de").text(one.todo)):
            assert re.fullmatch(r"[A-ZÄÖÜ].*[.!]", text), text
        assert Language("de").text(one.what) != one.what
