"""Texts made to fit."""

from __future__ import annotations

import re


def cut(text: str, most: int) -> str:
    """Return ``text``, shortened at a word if it is longer than ``most`` characters."""
    return text if len(text) <= most else re.sub(r"\S{0,40}\Z", "", text[: most - 2]).rstrip(" ,.;:–-") + " …"


def one_line(text: str, most: int) -> str:
    """Return ``text`` on one line, at most ``most`` characters long."""
    return cut(" ".join(text.split()), most)
