"""The forecast beside a form: each topic, each level, and the whole choice by channel, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import RowMapping

from hub.core.forecast import Figure, Sort, figure, is_whole
from hub.core.subscription import Action
from hub.jobs.foresee import Foresight
from hub.jobs.subscribe import Wish
from hub.web.choices import Choice, Setting, read
from hub.web.language import Language
from hub.web.places import TOWN, fields, prefixes, read_places
from hub.web.surroundings import is_circle
from hub.web.topics import CHANNELS, TOPICS, Topic

_UNSAID = ("webpush", Action.NOW, "")  # for whom has not said how yet


@dataclass(frozen=True, slots=True)
class Figures:
    """Sentences: by field name of a topic, by that and level, and of the whole choice, one for each channel."""

    topics: dict[str, str] = field(default_factory=dict)
    levels: dict[str, dict[str, str]] = field(default_factory=dict)
    total: list[str] = field(default_factory=list)


def _(message: str) -> str:
    return message


@dataclass(frozen=True, slots=True)
class Teller:
    """Counts and says, for one municipality and one language."""

    foresight: Foresight
    town: RowMapping
    language: Language
    now: datetime

    def figures(self, values: Mapping[str, str], setting: Setting) -> Figures:
        """Return the figures for a form as it stands; topics that are not chosen are told as if they were."""
        whole = Figures(total=self.total(read_places(values, setting)))
        for prefix in prefixes(values):
            own = fields(values, prefix)
            here = setting.of(own.get(TOWN, ""))
            for topic in TOPICS.values():
                whole.topics[prefix + topic.name] = self._topic(topic, own, here)
                whole.levels[prefix + topic.name] = {
                    level: self._topic(topic, {**own, f"{topic.name}.severity": level}, here, short=True)
                    for level in topic.levels
                }
        return whole

    def _topic(self, topic: Topic, own: Mapping[str, str], setting: Setting | None, *, short: bool = False) -> str:
        """Return the figure of one topic on its busiest channel; empty where a street is missing, or the place."""
        if setting is None:
            return ""
        others = {name: value for name, value in own.items() if name not in TOPICS}
        choice = read({**others, topic.name: "1"}, setting)
        if "waste.zone" in choice.faults and topic.name == "waste":
            return ""
        wishes = [replace(one, ways=one.ways or (_UNSAID,), town=setting.town) for one in choice.wishes]
        outlook = self.foresight.outlook(self.town, wishes)
        return self.say(figure(max(outlook.counts.values(), default=0), outlook.since, self.now), short=short)

    def total(self, choice: Choice) -> list[str]:
        """Return the sentence for each channel that the whole choice uses."""
        wishes: tuple[Wish, ...] = tuple(one for one in choice.wishes if one.ways and not is_circle(one))
        digest_at = "07:00" if "digest_at" in choice.faults else choice.digest_at
        outlook = self.foresight.outlook(self.town, wishes, digest_at=digest_at, digest_days=choice.digest_days)
        used = [name for name in CHANNELS if name != "ical" and choice.uses(name)]
        lines = [
            self.language.text(
                _("{channel}: {figure}"), channel=self.language.text(CHANNELS[name]),
                figure=self.say(figure(outlook.counts.get(name, 0), outlook.since, self.now)),
            )
            for name in used
        ]  # fmt: skip
        beyond = [self.language.text(_("What happens around your places is not counted here."))]
        return lines + (beyond if any(map(is_circle, choice.wishes)) else [])

    def of_wishes(self, wishes: Sequence[Wish], channel: str) -> str:
        """Return the sentence for wishes that are stored, on one channel."""
        outlook = self.foresight.outlook(self.town, [one for one in wishes if not is_circle(one)])
        return self.say(figure(outlook.counts.get(channel, 0), outlook.since, self.now))

    def say(self, one: Figure, *, short: bool = False) -> str:
        """Write a figure out; where less than twelve months are known, it says so, unless it is ``short``."""
        text, whole = self.language.text, is_whole(one.since, self.now)
        since = self.language.span(max(self.now - one.since, timedelta(minutes=1)))
        if one.sort is Sort.NONE:
            return text(_("none in the last twelve months")) if whole else text(
                _("none in the {span} since we began"), span=since)  # fmt: skip
        if one.sort is Sort.SINCE:
            return text(_("{count} in the {span} since we began"), count=one.count, span=since)
        if one.sort is Sort.MONTHLY:
            told = text(_("about one message a month")) if one.count == 1 else text(
                _("about {count} messages a month"), count=one.count)  # fmt: skip
        else:
            told = text(_("about one message a year")) if one.count == 1 else text(
                _("about {count} messages a year"), count=one.count)  # fmt: skip
        return told if whole or short else text(_("{figure} (known for {span} only)"), figure=told, span=since)
