"""Waste collection calendars: any iCalendar, a town's own table (CSV, Excel, OpenDocument), and providers by name.

A provider's address is ``awido:<customer>``, ``abfallnavi:<region>``, ``jumomind:<service>``, ``abfallio:<key>``,
``abfallio-graphql:<key>``, ``c-trace:<service>``, ``insert-it:<town>``, ``muellmax:<service>`` or
``provider:<name>``; ``wcs:<module>?<arguments>`` runs a module of an installed waste_collection_schedule.

One notice per series (what is collected × where), one occurrence per pickup.
"""

from __future__ import annotations

from hub.core.source import ConfigField

KIND = "waste"
TOPIC = "waste"
INTERVAL = 43_200  # seconds: twice a day, so that a date moved in the morning is known the evening before
SCHEMES = ("awido", "abfallnavi", "jumomind", "abfallio", "abfallio-graphql", "c-trace", "insert-it", "muellmax",
           "provider", "wcs", "webcal", "webcals")  # fmt: skip
CONFIG = (
    ConfigField("format", "Format of the answer", default="auto", choices=("auto", "ics", "csv", "awido", "json")),
    ConfigField("town", "Provider: town, as the provider writes it"),
    ConfigField("street", "Provider: street; empty or '*' for all streets of the town"),
    ConfigField("house", "Provider: house number; empty or '*' for all that are told apart"),
    ConfigField("python", "wcs: the Python that has waste_collection_schedule; the operator must have allowed it"),
    ConfigField("client", "AWIDO: name of the customer, for example 'musterkreis'"),
    ConfigField("oid", "AWIDO: identifier of the street (from getGroupedStreets)"),
    ConfigField("sheet", "Table: name of the sheet, if only one of several is meant"),
    ConfigField("column_date", "Table: header of the column with the date"),
    ConfigField("column_fraction", "Table: header of the column with the kind of waste"),
    ConfigField("column_zone", "Table: header of the column with the collection zone"),
    ConfigField("collection_zone", "Collection zone: picks one of a table, else names the zone of all dates"),
    ConfigField(
        "shifts", "Regular dates only: how holidays move them, for example 'land' or 'nachholen, karfreitag-vor'"
    ),
    ConfigField("shift_dates", "Regular dates only: single days that move, '24.12.2026=23.12.2026'"),
    ConfigField("land", "Land whose holidays count, for example NW; empty: that of the place"),
    ConfigField("fractions", "Names for codes of the source: 'RM=Restmüll, blue=Papier'"),
)
