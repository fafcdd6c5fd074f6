"""Event calendars of clubs, town halls and schools: any iCalendar (RFC 5545), one notice per event."""

from __future__ import annotations

from hub.core.source import ConfigField

KIND = "ical"
TOPIC = "events"
INTERVAL = 3_600  # seconds
CONFIG = (
    ConfigField(
        "complete",
        "The calendar always holds all coming events, so that one which is missing twice was called off; "
        "auto: if its program is known to export whole calendars",
        default="auto",
        choices=("auto", "yes", "no"),
    ),
    ConfigField("only", "Only events with one of these words or categories, by comma"),
    ConfigField("without", "No events with one of these words or categories, by comma"),
)
