"""Alarms ring while an emergency runs and a moment longer, but a job that hangs does not silence bulk for ever."""

from __future__ import annotations

from hub.engines.alarms import LONGEST, Alarms


class Clock:
    at = 100.0

    def __call__(self) -> float:
        return self.at


def test_bulk_waits_for_emergencies_and_for_what_they_leave_behind() -> None:
    clock = Clock()
    alarms = Alarms(lingers=0.5, clock=clock)
    assert not alarms.ring()
    alarms.begin("publish")
    alarms.begin("deliver")
    assert alarms.ring()
    alarms.end("publish")
    alarms.end("deliver")
    assert alarms.ring()
    clock.at += 0.6
    assert not alarms.ring()


def test_an_emergency_that_hangs_keeps_bulk_waiting_for_half_a_minute_only() -> None:
    clock = Clock()
    alarms = Alarms(clock=clock)
    alarms.begin("hangs")
    clock.at += LONGEST + 1
    assert not alarms.ring()
    alarms.begin("another")
    assert alarms.ring()


def test_the_end_of_a_job_that_raised_no_alarm_rings_nothing() -> None:
    alarms = Alarms(lingers=9)
    alarms.end("bulk")
    assert not alarms.ring()
