"""Council meetings: OParl 1.0 and 1.1, or a system's calendar (ICS), feed (RSS, Atom) or table (CSV)."""

from __future__ import annotations

from hub.core.source import ConfigField

KIND = "council"
TOPIC = "council"
INTERVAL = 4 * 3600

CONFIG = (
    ConfigField("body", "Only this body (name or address), if the system serves several"),
    ConfigField("organization", "Only these committees (names or addresses, separated by ;)"),
    ConfigField("pages", "Most pages of meetings to read in one poll", default="40"),
    ConfigField(
        "modified_since", "Ask only for what changed since the last poll", default="auto", choices=("auto", "off")
    ),
    ConfigField("attribution", "Source note to show with each meeting"),
)
