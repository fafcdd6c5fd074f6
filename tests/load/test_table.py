"""The file of results: every run has its section, the plan stands once and at the end."""

from __future__ import annotations

from benchmarks.table import Run, written

FIRST = Run("mail", "python benchmarks/mail.py", ["| P6 | e-mail | | 1 /s | | | |"], 3.0)
SECOND = Run("growth", "python benchmarks/growth.py", ["| P9 | rows | | 2 rows | | | |"], 5.0)


def test_a_run_that_is_appended_follows_the_earlier_ones_and_the_plan_stays_last() -> None:
    first = written([FIRST], "make bench")
    both = written([SECOND], "make bench ARGS=--append", first)
    assert both.startswith(first.partition("## What it would take")[0])
    order = [
        "# Results",
        FIRST.rows[0],
        FIRST.command,
        SECOND.rows[0],
        SECOND.command,
        "### 84,000,000",
        "### 10,000,000",
    ]
    assert [both.count(one) for one in order] == [1] * len(order)
    assert sorted(order, key=both.index) == order


def test_what_did_not_come_to_its_end_is_told() -> None:
    said = written([Run("load", "python benchmarks/load.py", [], 1.0, fault="no database")], "make bench")
    assert "`python benchmarks/load.py` did not come to its end:\n\n```\nno database\n```" in said
