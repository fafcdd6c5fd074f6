"""What the export of a person's data calls things, and what that means: on its page and on the privacy page."""

from __future__ import annotations


def _(message: str) -> str:
    return message


# The parts of the export in order, and what every key in it means: shown on the page and on the privacy page.
PARTS = {
    "links": _("Your secret links"),
    "person": _("Your habits"),
    "ways": _("How we reach you"),
    "choices": _("Your choices"),
    "muted": _("Muted"),
    "waiting": _("Waiting for your next collected mail"),
    "messages": _("Messages of the last 30 days"),
    "failures": _("What did not arrive"),
    "moving": _("Your move to another device"),
    "asked": _("Confirmations sent within a day"),
}
# What the codes in it mean.
VALUES = {
    "active": _("in use"), "pending": _("not confirmed yet"), "ended": _("ended by you or replaced"),
    "gone": _("no longer reachable"), "now": _("at once"), "digest": _("collected"), "weekly": _("once a week"),
    "calendar": _("in the calendar"), "reminder": _("reminder"),
    "handed_over": _("handed over, unless it is named below"), "not_handed_over": _("waits, or was left out"),
    "new": _("new"), "revised": _("changed"),
    "withdrawn": _("over or called off"), "correction": _("a date moved"), "bundle": _("several together"),
    "confirm": _("confirmation of the address"), "test": _("test message"), "failed": _("did not arrive"),
    "retry": _("is tried again"), "topic": _("topic"), "place": _("place"),
}  # fmt: skip
# Our own numbers of rows: in the file they tie its parts together, on the page they would only be in the way.
NUMBERS = frozenset({
    "number", "first_publication", "revision", "delivery", "links_renewed", "notice", "mail", "way_number",
})  # fmt: skip
KEYS = {
    "own_page": _("your own page"), "calendar": _("your private calendar"),
    "number": _("our number for it"), "language": _("language of the messages"), "signed_up_at": _("signed up"),
    "mail_hour": _("hour of the collected mail"), "mail_days": _("its days, 1 is Monday"),
    "next_mail_at": _("next collected mail"), "quiet_from": _("quiet from"), "quiet_to": _("quiet until"),
    "paused_until": _("paused until"), "monthly_mail_day": _("day of the monthly mail"),
    "next_monthly_mail_at": _("next monthly mail"), "last_sign_of_life": _("last sign of life, to within a month"),
    "messages_read_until": _("older messages count as read"),
    "asked_whether_to_keep_at": _("asked whether to keep everything"),
    "links_renewed": _("which edition of your secret links holds"),
    "kind": _("kind"), "address": _("address"), "service": _("whose server takes it"),
    "keys": _("keys that encrypt or sign what is sent there"), "state": _("state"), "added_at": _("added"),
    "confirmation_sent_at": _("confirmation sent"), "confirmed_at": _("confirmed"), "ended_at": _("ended"),
    "ended_because": _("why it ended"), "failing_since": _("failing since"),
    "returned_mails": _("mails that came back"), "told_of_failure_at": _("told that it failed"),
    "expires_at": _("ends"), "told_of_expiry_at": _("told that it ends"),
    "first_publication": _("number of the last message before it was added"),
    "replaces_number": _("number of the address that it replaces"),
    "topics": _("topics"), "places": _("places"), "centre": _("point on the map, to about 100 metres"),
    "radius_km": _("kilometres around it"), "words": _("words"), "without": _("without these words"),
    "categories": _("kinds of bins"), "procedures": _("procedures"), "cpv": _("CPV codes"),
    "least_value": _("lowest value"), "most_value": _("highest value"), "days": _("least days to bid"),
    "severity": _("lowest level"), "told_by": _("how you are told"), "action": _("what happens"),
    "before": _("how long before"), "what": _("what"), "until": _("until"),
    "way_number": _("number of the way"), "notice": _("number of the message"), "title": _("title"),
    "revision": _("edition"), "mail": _("number of the mail that it goes out with"), "change": _("why it was sent"),
    "delivery": _("number of the delivery"), "made_at": _("planned"), "handed_over_until": _("handed over by"),
    "result": _("what became of it"), "attempts": _("attempts"), "tried_again_at": _("tried again"),
    "reason": _("reason"), "at": _("when"), "code_valid_until": _("the code holds until"),
    "ways_that_end": _("ways that end when the new device works"),
}  # fmt: skip
