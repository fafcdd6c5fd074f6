"""Public notices of a municipality of another Ortsruf: its signed feed, believed by a pinned key."""

from hub.core.source import ConfigField

KIND = "ortsruf"
TOPIC = "news"
INTERVAL = 300
CONFIG = (
    ConfigField(
        "key",
        "The other installation's public key (43 characters, as it shows it); several, separated by commas, while one"
        " follows another",
        required=True,
    ),
    ConfigField(
        "reach",
        "Whom its notices concern: named: only places that they name; everybody: all of the source's places, too",
        default="named",
        choices=("named", "everybody"),
    ),
    ConfigField("topics", "Only these topics, separated by commas; empty: all but waste collection"),
    ConfigField(
        "relay",
        "Pass on in our own feed what comes from here (yes); empty: whoever wants it asks there",
        choices=("", "yes"),
    ),
)
