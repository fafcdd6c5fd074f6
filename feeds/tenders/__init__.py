"""Public tenders: day exports of the Datenservice Öffentlicher Einkauf, OCDS, eForms, TED, and portals' RSS."""

from hub.core.source import ConfigField

KIND = "tenders"
SCHEMES = ("ted", "oeffentlichevergabe")
TOPIC = "tenders"
INTERVAL = 6 * 3600
CONFIG = (
    ConfigField(
        "format", "Format of the answers", default="auto", choices=("auto", "ocds", "eforms", "both", "ted", "rss")
    ),
    ConfigField("cpv", "Only these CPV codes or their beginnings, separated by commas (45, 90610000)"),
    ConfigField("nuts", "Only these NUTS regions or their beginnings, separated by commas (DEA29, DEA2)"),
    ConfigField("query", "Expert query of TED's search, instead of region and codes"),
    ConfigField("buyer", "Only buyers whose name contains one of these words, separated by commas"),
)
