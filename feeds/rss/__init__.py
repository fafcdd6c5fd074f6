"""Club news, local press and town-hall notices: RSS 0.9x to 2.0, RDF, Atom and JSON Feed."""

from hub.core.source import ConfigField

KIND = "rss"
TOPIC = "news"
INTERVAL = 1800
CONFIG: tuple[ConfigField, ...] = ()
