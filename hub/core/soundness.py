"""Is an installation set up soundly? Facts become findings in plain words, with what to do. Pure.

The texts are English and keys of the office's catalogue, so that page and command line say the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.core import circumstances, configured
from hub.core.facts import Facts, Finding, Grade


def findings(facts: Facts) -> list[Finding]:
    """Return what is found about everything, the worst first."""
    found = [one for rule in (*configured.RULES, *circumstances.RULES) for one in rule(facts)]
    return sorted(found, key=lambda one: -one.grade)


def worst(found: Sequence[Finding]) -> Grade:
    """Return the worst grade of all."""
    return max((one.grade for one in found), default=Grade.GREEN)
