"""The pages where municipalities and the whole installation are run; in the office's languages."""

from __future__ import annotations
