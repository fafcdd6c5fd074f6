"""What is written to people who sign in, and what their roles are called, in the languages of the pages. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from hub.core.notice import NoticeText
from hub.core.permission import Role
from hub.language import Language
from hub.office_texts import TEXTS


def _(message: str) -> str:
    return message


ROLES: Mapping[Role, tuple[str, str]] = {  # name, and what it is for
    Role.AUTHOR: (_("Writing"), _("Drafts notices; somebody else publishes them.")),
    Role.EDITOR: (_("Editing"), _("Writes and publishes ordinary notices.")),
    Role.APPROVER: (_("Approval"), _("Releases severe warnings that somebody else has written.")),
    Role.SOURCE_KEEPER: (_("Care of sources"), _("Decides on what sources brought and was held back.")),
    Role.OPERATOR: (_("Operation"), _("Looks after sources, settings and people of the municipality.")),
    Role.COUNTY_OPERATOR: (_("Operation of all municipalities"), _("Looks after the whole installation.")),
    Role.CLUB: (_("Club desk"), _("Writes in one topic, within limits that you set.")),
}

# Title and body; the body's last sentence stands above the button, where there is one.
_TEXTS: Mapping[str, tuple[str, str]] = {
    "invitation": (
        _("Invitation to the office of {town}"),
        _(
            "You are invited to work with Ortsruf for {town}: {role}.\n\nThe link below is for you alone. It "
            "works once and for seven days. You choose a password there and set up a second step for signing "
            "in. If you do not know what this is about, you need do nothing."
        ),
    ),
    "reset": (
        _("A new password for Ortsruf"),
        _(
            "Somebody asked for a new password for your account, probably you.\n\nThe link below works once "
            "and for one hour. If it was not you, you need do nothing: your password stays as it is."
        ),
    ),
    "address": (
        _("Please confirm your new address"),
        _(
            "This is to be the address of your account with Ortsruf.\n\nThe link below works once and for "
            "one hour. If it was not you, you need do nothing."
        ),
    ),
    "address-changed": (
        _("Your account has another address"),
        _(
            "The address of your account with Ortsruf was changed. Mails about it no longer come here.\n\nIf "
            "it was not you, please turn to your operator at once."
        ),
    ),
    "password-changed": (
        _("Your password was changed"),
        _(
            "The password of your account with Ortsruf was changed, and you are signed out everywhere "
            "else.\n\nIf it was not you, please ask for a new one at once and tell your operator."
        ),
    ),
    "factors-changed": (
        _("Your second step was changed"),
        _(
            "The ways to sign in to your account with Ortsruf were changed: {what}.\n\nIf it was not you, "
            "please turn to your operator at once."
        ),
    ),
    "code-used": (
        _("A recovery code was used"),
        _(
            "Somebody signed in to your account with Ortsruf by one of your recovery codes. {count} are "
            "left.\n\nIf it was not you, please change your password at once and tell your operator."
        ),
    ),
}  # fmt: skip
_WHAT: Mapping[str, str] = {
    "totp": _("codes of an app were set up"), "totp-removed": _("the codes of the app were removed"),
    "passkey": _("a passkey was added"), "passkey-removed": _("a passkey was removed"),
    "codes": _("new recovery codes were made"), "reset": _("everything was reset by an operator"),
    "directory": _("the directory was connected"),
}  # fmt: skip
SORTS = frozenset(_TEXTS)


def role_name(role: Role, language: Language) -> str:
    """Return what a role is called."""
    return language.text(ROLES[role][0])


def letter_text(sort: str, given: Mapping[str, str], language: Language) -> NoticeText:
    """Return title and body of a letter."""
    title, body = _TEXTS.get(sort) or TEXTS[sort]
    values = dict(given)
    if "role" in values:
        values["role"] = role_name(Role(values["role"]), language)
    if "what" in values:
        what = _WHAT[values["what"]]
        values["what"] = language.text(what)
    values.setdefault("town", "")
    return NoticeText(language.code, language.text(title).format(**values), language.text(body).format(**values))
