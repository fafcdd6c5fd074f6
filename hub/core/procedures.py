"""How a contract is awarded, in the few kinds that bidders tell apart. Pure.

Sources name procedures by codes of eForms (BT-105) or OCDS (``procurementMethod``), or in a portal's German words.
"""

from __future__ import annotations

from hub.core.notice import Notice

OPEN, RESTRICTED, NEGOTIATED, DIRECT, OTHER = "open", "restricted", "negotiated", "direct", "other"
KINDS = (OPEN, RESTRICTED, NEGOTIATED, DIRECT, OTHER)
_CODES = {
    "open": OPEN, "restricted": RESTRICTED, "selective": RESTRICTED, "neg-w-call": NEGOTIATED,
    "neg-wo-call": NEGOTIATED, "comp-dial": NEGOTIATED, "innovation": NEGOTIATED, "limited": DIRECT, "direct": DIRECT,
    "oth-single": OTHER, "oth-mult": OTHER, "comp-tend": OTHER,
}  # fmt: skip
# The first word that is found decides: "nicht offenes Verfahren" is no open one.
_WORDS = (
    ("nicht offen", RESTRICTED), ("nichtoffen", RESTRICTED), ("beschränkt", RESTRICTED), ("verhandlung", NEGOTIATED),
    ("dialog", NEGOTIATED), ("freihändig", DIRECT), ("direkt", DIRECT), ("offen", OPEN), ("öffentlich", OPEN),
)  # fmt: skip


def procedure(notice: Notice) -> str:
    """Return the kind of procedure (one of ``KINDS``) of a tender; empty if its source does not say."""
    told = next((fact.value for fact in notice.facts if fact.name == "procedure"), "").strip().casefold()
    if not told or told in _CODES:
        return _CODES.get(told, "")
    return next((kind for word, kind in _WORDS if word in told), OTHER)
