"""Languages of the pages; the catalogues themselves belong to the whole house."""

from __future__ import annotations

from hub.language import LANGUAGES, Language, catalogue, choose

__all__ = ["LANGUAGES", "Language", "catalogue", "choose"]
