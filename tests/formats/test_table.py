"""The table of formats says what the code does, of every recorded answer."""

from __future__ import annotations

from tests.formats.table import REFERENCE, TABLE, corpus_rows, elsewhere_rows, table

GENERIC = ("could not be read", "could not be understood", "makes no sense", "without an answer", "Error)")


def test_the_table_is_what_the_code_does() -> None:
    corpus = corpus_rows()
    assert TABLE.read_text(encoding="utf-8") == table(corpus + elsewhere_rows())


def test_whoever_is_refused_is_told_why() -> None:
    for one in (*corpus_rows(), *elsewhere_rows()):
        if not one.items and one.remark != REFERENCE:
            assert len(one.remark) > 12, one.file
            assert not any(word in one.remark for word in GENERIC), (one.file, one.remark)
