"""Public holidays of the sixteen Länder by rule (their Feiertagsgesetze as of 2025), for any year from 2020 on.

Only days that hold in a whole Land are returned; :data:`REGIONAL` says what holds in parts of one.
"""

from __future__ import annotations

from datetime import date, timedelta

FIRST_YEAR = 2020
_EVERYWHERE = frozenset(
    [
        "BB",
        "BE",
        "BW",
        "BY",
        "HB",
        "HE",
        "HH",
        "MV",
        "NI",
        "NW",
        "RP",
        "SH",
        "SL",
        "SN",
        "ST",
        "TH",
    ]
)

LAND_CODES = {
    "01": "SH", "02": "HH", "03": "NI", "04": "HB", "05": "NW", "06": "HE", "07": "RP", "08": "BW",
    "09": "BY", "10": "SL", "11": "BE", "12": "BB", "13": "MV", "14": "SN", "15": "ST", "16": "TH",
}  # fmt: skip

# (month, day), name, Länder, first year in which it holds
_FIXED = (
    ((1, 1), "Neujahr", "", 0),
    ((1, 6), "Heilige Drei Könige", "BW BY ST", 0),
    ((3, 8), "Internationaler Frauentag", "BE", 2019),
    ((3, 8), "Internationaler Frauentag", "MV", 2023),
    ((5, 1), "Tag der Arbeit", "", 0),
    ((8, 15), "Mariä Himmelfahrt", "SL", 0),
    ((9, 20), "Weltkindertag", "TH", 2019),
    ((10, 3), "Tag der Deutschen Einheit", "", 0),
    ((10, 31), "Reformationstag", "BB MV SN ST TH HB HH NI SH", 2018),
    ((11, 1), "Allerheiligen", "BW BY NW RP SL", 0),
    ((12, 25), "1. Weihnachtstag", "", 0),
    ((12, 26), "2. Weihnachtstag", "", 0),
)
# days after Easter Sunday, name, Länder
_MOVABLE = (
    (-2, "Karfreitag", ""),
    (0, "Ostersonntag", "BB"),
    (1, "Ostermontag", ""),
    (39, "Christi Himmelfahrt", ""),
    (49, "Pfingstsonntag", "BB"),
    (50, "Pfingstmontag", ""),
    (60, "Fronleichnam", "BW BY HE NW RP SL"),
)
_ONCE = (
    (date(2020, 5, 8), "Tag der Befreiung", "BE"),
    (date(2025, 5, 8), "Tag der Befreiung", "BE"),
    (date(2028, 6, 17), "Jahrestag des Volksaufstandes", "BE"),
)

# What the table above leaves out because it holds in some municipalities only.
REGIONAL = {
    "BY": "15 August (Mariä Himmelfahrt) in municipalities with a Catholic majority; 8 August in the city of Augsburg",
    "SN": "Fronleichnam in some municipalities of the district of Bautzen",
    "TH": "Fronleichnam in the district of Eichsfeld and some municipalities nearby",
}


def easter(year: int) -> date:
    """Return Easter Sunday (Gregorian), by the anonymous algorithm of Meeus, Jones and Butcher."""
    century, rest = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def holidays(land: str, year: int) -> dict[date, str]:
    """Return the days on which ``land`` (``NW``, ``DE-NW`` or ``05``) rests, in order, with German names.

    Raises ``KeyError`` for an unknown land, ``ValueError`` for a year before 2020 (other laws held then).
    """
    code = LAND_CODES.get(land[:2], land.upper().removeprefix("DE-"))
    if code not in _EVERYWHERE:
        raise KeyError(f"not a German land: {land!r}")
    if year < FIRST_YEAR:
        raise ValueError(f"the rules hold from {FIRST_YEAR} on, not for {year}")
    found = {date(year, *day): name for day, name, lands, since in _FIXED if year >= since and _holds(code, lands)}
    sunday = easter(year)
    found |= {sunday + timedelta(days): name for days, name, lands in _MOVABLE if _holds(code, lands)}
    found |= {day: name for day, name, lands in _ONCE if day.year == year and _holds(code, lands)}
    if code == "SN":
        found[_repentance(year)] = "Buß- und Bettag"
    return dict(sorted(found.items()))


def _holds(code: str, lands: str) -> bool:
    """Whether a day with ``lands`` (empty: everywhere) holds in ``code``."""
    return not lands or code in lands.split()


def _repentance(year: int) -> date:
    """Return Buß- und Bettag: the Wednesday before 23 November."""
    day = date(year, 11, 22)
    return day - timedelta((day.weekday() - 2) % 7)
