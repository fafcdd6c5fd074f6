"""What a reader's report says to the editor, in every language of the pages. Pure."""

from __future__ import annotations

from hub.core.notice import NoticeText
from hub.language import LANGUAGES, Language


def _(message: str) -> str:
    """Mark a text for the catalogues."""
    return message


_TITLES = {"barrier": _("A reader reports a barrier"), "error": _("A reader reports an error")}


def texts(sort: str, words: str, address: str, about: tuple[str, str], first: str) -> tuple[NoticeText, ...]:
    """Return the report in all languages, ``first`` the one that comes first; ``about`` is title and address."""
    codes = sorted(LANGUAGES, key=lambda code: code != first)
    return tuple(_text(Language(code), sort, words, address, about) for code in codes)


def _text(language: Language, sort: str, words: str, address: str, about: tuple[str, str]) -> NoticeText:
    say, (title, url) = language.text, about
    parts = [say(_("It is about: {title}"), title=title)] if title else []
    parts += [url] if url else []
    parts.append(words)
    answer = say(_("They wish an answer to {address}."), address=address) if address else say(_("They wish no answer."))
    return NoticeText(language.code, say(_TITLES[sort]), "\n\n".join([*parts, answer]))
