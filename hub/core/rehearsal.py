"""Rehearsal: the messages that a choice would have brought, had somebody made it before all that happened. Pure.

It goes through the revisions of the past in their order and decides of each as publishing does (``jobs.publish``,
``jobs.fanout``): with the same matcher, bundles of bursts, digests, reminders, corrections and all-clears, for one
person without quiet hours, pauses and mutes whose ways are all open.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from hub.core.bursts import Told, part
from hub.core.codec import content_hash
from hub.core.fanout import valid_until
from hub.core.matching import matches
from hub.core.message import Change
from hub.core.notice import Notice, Severity, Status
from hub.core.past import Chosen, Past, Script
from hub.core.rehearsed import Bundle, Channel, State
from hub.core.said import Said
from hub.core.schedule import ends, ends_week, next_wall, reminder_at
from hub.core.subscription import WEEKLY, Action, lead

_ME = frozenset({1})  # bundles part sets of recipients; here there is one
_ANY = ""
_SURVIVES_EXPIRY = (Change.WITHDRAWN, Change.CORRECTION, Change.REMINDER)


def rehearse(chosen: Chosen, script: Script, until: datetime) -> dict[str, list[datetime]]:
    """Return by channel when a message would have come before ``until``."""
    return _Rehearsal(chosen, script, until).play()


class _Rehearsal:
    """Plays the past once for one choice."""

    def __init__(self, chosen: Chosen, script: Script, until: datetime) -> None:
        self._chosen, self._script, self._until = chosen, script, until
        self._notices: dict[str, State] = {}
        self._channels: dict[str, Channel] = defaultdict(Channel)
        self._due: list[tuple[datetime, int, str, tuple[str, ...]]] = []
        self._count = 0
        self._reminders: set[tuple[str, str, str, str, datetime]] = set()
        self._said = Said()

    def play(self) -> dict[str, list[datetime]]:
        """Let everything happen in its order."""
        topics = {topic for criteria, _ in self._chosen.wishes for topic in criteria.topics or (_ANY,)}
        for one in self._script.past:
            if not (_ANY in topics or one.notice.topic in topics):
                continue
            self._run(one.at)
            self._happens(one)
        self._run(self._until)
        sent: dict[str, list[datetime]] = defaultdict(list)
        for key, found in self._channels.items():
            sent[_channel(key)] += found.sent
        return {name: sorted(times) for name, times in sent.items() if times}

    def _at(self, at: datetime, what: str, *about: str) -> None:
        self._count += 1
        heapq.heappush(self._due, (at, self._count, what, about))

    def _run(self, until: datetime) -> None:
        """Let everything happen that is due before ``until``."""
        while self._due and self._due[0][0] < until:
            at, _, what, about = heapq.heappop(self._due)
            if what == "bundle":
                self._flush(at, *about)
            elif what == "digest":
                self._digest(at, *about)
            else:
                self._remind(at, *about)

    def _happens(self, one: Past) -> None:
        """Carry one revision out, stage by stage."""
        state = self._notices.setdefault(one.notice.id, State(one.notice))
        state.content, state.revision, state.withdrawn = one.notice, one.revision, one.notice.status is Status.CANCELLED
        state.history.append(one)
        self._said.now(one)
        withdrawn = one.change is Change.WITHDRAWN
        if withdrawn:
            self._take_out(one)
        else:
            state.fits = tuple(self._fitting(one))
        self._plan(one, state)
        if not one.announce:
            return
        told = set() if withdrawn else self._now(one, state)
        self._collect(one, state)
        self._earlier(one, state, told)

    def _fitting(self, one: Past) -> Iterator[int]:
        towns = self._chosen.towns
        for number, (criteria, _) in enumerate(self._chosen.wishes):
            here = not towns or towns[number] == one.town
            if here and matches(one.notice, one.places, criteria, elsewhere=one.centre) is not None:
                yield number

    def _ways(self, fits: Iterable[int], action: Action) -> list[tuple[int, str, str]]:
        """Return (wish, channel, lead) of the wishes that fit and ask for ``action``."""
        return [
            (number, channel, text)
            for number in fits
            for channel, asked, text in self._chosen.wishes[number][1]
            if asked is action
        ]

    def _now(self, one: Past, state: State) -> set[str]:
        """Tell at once, or in a bundle; returns the channels that were told alone."""
        urgent, alone = one.notice.severity >= Severity.SEVERE, set[str]()
        if urgent and one.revision > 1:
            self._take_out(one)
        until = valid_until(one.notice, one.change, one.at)
        for name in sorted({channel for _, channel, _ in self._ways(state.fits, Action.NOW)}):
            channel = self._channels[_key(name, one)]
            waits = one.revision > 1 and any(one.notice.id in each.notices for each in channel.waiting)
            twice = not waits and self._said.already(one, name, Action.NOW)
            if twice or not (urgent or waits or one.at < until):
                continue
            self._channels[name].digest.pop(self._said.note(one, name, Action.NOW), None)
            fresh = one.change is Change.NEW
            if waits or (fresh and not urgent and self._chosen.burst and self._bundled(name, one, until)):
                continue
            if fresh:
                channel.news.append(one.at)
            if not self._knows_it_so(one, state, name):
                channel.sent.append(one.at)
            state.reached.add(name)
            state.told[name] = one.revision
            alone.add(name)
        return alone

    def _bundled(self, name: str, one: Past, until: datetime) -> bool:
        """Put news into a bundle if other news came, or will come, within the window."""
        channel, window = self._channels[_key(name, one)], self._chosen.burst
        channel.news = [at for at in channel.news if at > one.at - window]  # no later news looks further back
        told = [Told(0, at, _ME) for at in channel.news]
        told += [Told(number, each.at, _ME, waiting=True) for number, each in enumerate(channel.waiting)]
        parts = part(_ME, told, one.at, window, until)
        for number in parts.join:
            channel.waiting[number].notices.append(one.notice.id)
        for end in parts.begin:
            channel.waiting.append(Bundle(end, [one.notice.id]))
            self._at(end, "bundle", _key(name, one))
        return not parts.alone

    def _take_out(self, one: Past) -> None:
        for channel in self._channels.values():
            for bundle in channel.waiting:
                bundle.notices = [each for each in bundle.notices if each != one.notice.id]

    def _flush(self, at: datetime, key: str) -> None:
        """Send the bundles whose time has come; one of which nothing holds any more says nothing."""
        channel, name = self._channels[key], _channel(key)
        for bundle in [one for one in channel.waiting if one.at <= at]:
            channel.waiting.remove(bundle)
            channel.news.append(bundle.at)
            states = [self._notices[one] for one in bundle.notices]
            if any(not one.withdrawn and not _over(one.content, Change.NEW, at) for one in states):
                channel.sent.append(at)
            for one in states:
                one.reached.add(name)
                one.told[name] = one.revision

    def _knows_it_so(self, one: Past, state: State, name: str) -> bool:
        """Whether everyday news is again what was told last: there and back, and they heard of neither."""
        last = state.told.get(name)
        if one.change is not Change.REVISED or last is None or one.moved or one.notice.severity is not Severity.UNKNOWN:
            return False
        before = next((each.notice for each in state.history if each.revision == last), None)
        return before is not None and content_hash(before) == content_hash(one.notice)

    def _collect(self, one: Past, state: State) -> None:
        """Let it wait for the digest of who is not told at once, or asked for both in one wish."""
        at_once = {number for number, _, _ in self._ways(state.fits, Action.NOW)}
        for number, name, _ in self._ways(state.fits, Action.DIGEST):
            channel, twice = self._channels[name], self._said.already(one, name, Action.DIGEST)
            if twice:
                channel.digest.pop(one.notice.id, None)
            if twice or (at_once and number not in at_once):
                continue
            if not channel.digest:
                at = next_wall(one.at, self._chosen.digest_at, self._chosen.zone, self._chosen.digest_days)
                self._at(at, "digest", name)
            channel.digest[one.notice.id] = one.revision
            self._said.note(one, name, Action.DIGEST)

    def _digest(self, at: datetime, name: str) -> None:
        channel, chosen = self._channels[name], self._chosen
        whole = ends_week(at, chosen.zone, chosen.digest_days)
        held = {} if whole else {one: which for one, which in channel.digest.items() if self._is_held(one, name)}
        waiting = {one: which for one, which in channel.digest.items() if one not in held}
        channel.digest = held
        if held:
            self._at(next_wall(at, chosen.digest_at, chosen.zone, chosen.digest_days), "digest", name)
        for notice, revision in waiting.items():
            state = self._notices[notice]
            then = next(each for each in state.history if each.revision == revision)
            if not (_over(then.notice, then.change, at) or _over(state.content, then.change, at)):
                channel.sent.append(at)
                return

    def _is_held(self, notice: str, name: str) -> bool:
        """Whether what fits now is wanted once a week only."""
        leads = {text for _, each, text in self._ways(self._notices[notice].fits, Action.DIGEST) if each == name}
        return leads == {WEEKLY}

    def _earlier(self, one: Past, state: State, told: set[str]) -> None:
        """Tell who was told before: that it is over, or no longer concerns them, or that a date moved."""
        if one.change is Change.WITHDRAWN:
            whom = state.reached
        else:
            moved = {each.slot for each in one.moved}
            gone = set() if one.notice.series or state.fits else state.reached
            whom = {name for name, slot in state.reminded if slot in moved} | gone
        for name in whom - told:
            self._channels[name].sent.append(one.at)
            state.told[name] = one.revision
        if one.change is Change.WITHDRAWN or not (one.notice.series or state.fits):
            state.reached = state.reached & told

    def _plan(self, one: Past, state: State) -> None:
        """Plan the reminders of the dates as they stand now; those of what fits no more are forgotten."""
        state.planned = {key: span for key, span in state.planned.items() if key[0] in state.fits}
        wanted = self._ways(state.fits, Action.REMINDER)
        for each in self._script.standing(state.history) if wanted else ():
            until = ends(each.occurrence, self._chosen.zone)
            off = each.occurrence.status is Status.CANCELLED
            for number, name, text in wanted:
                key = (number, name, text, each.slot)
                if off:
                    state.planned.pop(key, None)
                elif until > one.at:
                    due = reminder_at(each.occurrence, lead(text), self._chosen.zone)
                    self._plan_one(state, key, due, until, one)

    def _plan_one(
        self, state: State, key: tuple[int, str, str, str], due: datetime, until: datetime, one: Past
    ) -> None:
        """Plan one reminder, or move it; one that fired stays so unless its new time lies ahead."""
        known = state.planned.get(key)
        fired = state.fired.get(key)
        if (known is not None and known[0] == due) or (fired is not None and (fired == due or due <= one.at)):
            return
        state.planned[key] = (due, until)
        self._at(max(due, one.at), "remind", one.notice.id, *map(str, key))

    def _remind(self, at: datetime, notice: str, *about: str) -> None:
        state, key = self._notices[notice], (int(about[0]), about[1], about[2], about[3])
        due, until = state.planned.get(key, (None, at))
        if due is None or due > at:
            return  # moved or forgotten since
        del state.planned[key]
        state.fired[key] = due
        name, slot = key[1], key[3]
        same = (state.history[-1].twin or notice, slot, key[2], name, until)
        if until <= at or state.withdrawn or same in self._reminders:
            return
        self._reminders.add(same)
        self._channels[name].sent.append(at)
        state.reached.add(name)
        state.reminded.add((name, slot))


def _key(name: str, one: Past) -> str:
    """Return under what a channel's news of the municipality of ``one`` is noted: each bundles its own."""
    return f"{name} {one.town}" if one.town else name


def _channel(key: str) -> str:
    return key.partition(" ")[0]


def _over(notice: Notice, change: Change, now: datetime) -> bool:
    """Whether there is nothing left to say of a notice; its end is told all the same."""
    return change not in _SURVIVES_EXPIRY and notice.expires is not None and notice.expires <= now
