"""Official reference data of Germany: places, warn cells, CPV and NUTS labels, public holidays.

Standard library only. Nothing is read from disk before the first question; ``ORIGIN.md`` names the sources.
"""

from hub.core.holidays import holidays
from hub.reference.labels import cpv_children, cpv_code, cpv_label, nuts_label
from hub.reference.places import (
    PlaceRow,
    district_nuts,
    find_municipality,
    load_rows,
    municipalities,
    municipality,
    path_name,
    resolve,
    with_postcode,
)
from hub.reference.tables import Municipality

__all__ = [
    "Municipality",
    "PlaceRow",
    "cpv_children",
    "cpv_code",
    "cpv_label",
    "district_nuts",
    "find_municipality",
    "holidays",
    "load_rows",
    "municipalities",
    "municipality",
    "nuts_label",
    "path_name",
    "resolve",
    "with_postcode",
]
