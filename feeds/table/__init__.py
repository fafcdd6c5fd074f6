"""Tables that a town hall or a club keeps by hand: events, job offers, lost property (CSV, Excel, OpenDocument).

What a row means is the source's topic: ``--set topic=jobs`` or ``topic=lost``, else events. Mail addresses and
telephone numbers in them stay: whoever publishes them there wants to be reached.
"""

from __future__ import annotations

from hub.core.source import ConfigField

KIND = "table"
TOPIC = "events"
INTERVAL = 3_600  # seconds
CONFIG = (
    ConfigField("sheet", "Name of the sheet, if only one of several is meant"),
    ConfigField("column_id", "Header of the column with a number or name that never changes"),
    ConfigField("column_title", "Header of the column with the title"),
    ConfigField("column_date", "Events: the day it begins. Lost property: the day it was found"),
    ConfigField("column_end", "Events: header of the column with the last day"),
    ConfigField("column_time", "Events: header of the column with the time"),
    ConfigField("column_place", "Header of the column with the place"),
    ConfigField("column_text", "Header of the column with the description"),
    ConfigField("column_who", "Header of the column with the organiser or employer"),
    ConfigField("column_deadline", "Header of the column with the closing date"),
    ConfigField("column_pickup", "Lost property: header of the column with where it can be collected"),
    ConfigField("column_url", "Header of the column with a link"),
    ConfigField(
        "complete", "The table holds all that is valid: a row that is missing twice has ended", default="yes",
        choices=("yes", "no"),
    ),
)  # fmt: skip
