"""The fixed sentences of mails, by language; they stand in ``push._words``."""

from __future__ import annotations

from push._words import tables

TEXTS, MONTHLY = tables("mail"), tables("monthly")
