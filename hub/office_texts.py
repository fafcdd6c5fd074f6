"""What is written to people of the office about notices: by whom something waits, went wrong, or was stopped. Pure."""

from __future__ import annotations

from collections.abc import Mapping


def _(message: str) -> str:
    return message


# Title and body; the body's last sentence stands above the button.
TEXTS: Mapping[str, tuple[str, str]] = {
    "review-wanted": (
        _("A warning waits for you: {title}"),
        _(
            "{name} has written “{title}” for {town} and asks for a second person.\n\nPlease read it carefully and "
            "compare it with what you know. You release it on its page, after signing in with your second step."
        ),
    ),
    "release-wanted": (
        _("Please look at this: {title}"),
        _("{name} has written “{title}” for {town} and asks for its release.\n\nYou find it on its page."),
    ),
    "returned": (
        _("Please change this once more: {title}"),
        _("{name} has given “{title}” back to you: {reason}\n\nYou can go on writing on its page."),
    ),
    "glass-broken": (
        _("Released without a second person: {title}"),
        _(
            "{name} has released the warning “{title}” for {town} alone. Reason given: {reason}\n\nPlease look at it "
            "now. On its page you can stop it, correct it or call it off."
        ),
    ),
    "club-delayed": (
        _("A club publishes soon: {title}"),
        _(
            "“{title}” by {name} goes out in {town} at {at} unless somebody objects.\n\nOn its page you can stop it "
            "until then."
        ),
    ),
    "held-back": (
        _("Not sent: {title}"),
        _(
            "“{title}” was to go out in {town} and was held back, because {why}. It is a draft again; nobody was "
            "told.\n\nOn its page you can change it and release it anew."
        ),
    ),
}
WHY: Mapping[str, str] = {  # why something was held back, after "because"
    "state": _("nobody's release of it could be found"),
    "stale": _("it is not what was released"),
    "self": _("whoever released it had written part of it"),
    "second": _("it warns of a danger and no second person released it"),
    "over": _("it would have been over by then"),
    "test": _("it is a test"),
    "empty": _("it says nothing, or a municipality that it is for is gone"),
    "restored": _("it was due while nothing was sent, and may have gone out from another copy"),
}
