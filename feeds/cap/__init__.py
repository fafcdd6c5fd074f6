"""Severe-weather and civil-protection warnings: CAP 1.1 and 1.2, single, in a zip (DWD) or embedded in a feed."""

from hub.core.source import ConfigField

KIND = "cap"
TOPIC = "warnings"
INTERVAL = 300
CONFIG = (
    ConfigField(
        "areas",
        "Only warnings that touch one of these areas: warn cells, AGS or ARS or their beginnings, separated by commas",
    ),
    ConfigField("language", "Language shown first (de, en …); empty: the source's own"),
)
