"""Providers of waste dates, one fake server per protocol: a town with streets, house numbers and zones to change."""

from __future__ import annotations

import html
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from fakes.http import Asked

from hub.core.errors import HttpFailed, OrtsrufError
from hub.core.ports import Answer, Limits

LOGIN = b"<!doctype html><html><head><title>Anmelden</title></head><body><form>Benutzername</form></body></html>"
TITLES = ("Restmüll", "Biotonne", "Altpapier", "Gelber Sack")


def weekly(first: date, last: date, weeks: int) -> list[date]:
    """Return every ``weeks``-th week's day."""
    found = []
    while first <= last:
        found.append(first)
        first += timedelta(days=7 * weeks)
    return found


@dataclass
class Town:
    """Streets with house numbers ("" where they are not told apart), each in a zone; dates of zone and title."""

    name: str = "Musterdorf"
    streets: dict[str, dict[str, str]] = field(
        default_factory=lambda: {
            "Ahornweg": {"": "A"},
            "Birkenweg": {"": "A"},
            "Lange Straße": {"1-57": "A", "58-99": "B"},
        }
    )
    dates: dict[tuple[str, str], list[date]] = field(default_factory=dict)
    generation: int = 1  # of the provider's handles

    def __post_init__(self) -> None:
        """Collect in two zones through 2026, if nothing else is told."""
        if not self.dates:
            self.plan(2026)

    def plan(self, year: int) -> None:
        """Add the dates of a year: zone A on Mondays, zone B on Tuesdays, titles a week apart."""
        zones = sorted({zone for houses in self.streets.values() for zone in houses.values()})
        for at, zone in enumerate(zones):
            for title in TITLES:
                week = TITLES.index(title)
                monday = date(year, 1, 1) + timedelta(days=(7 - date(year, 1, 1).weekday()) % 7)
                first = monday + timedelta(days=at % 5 + 7 * (week + at // 5 % 2))
                self.dates.setdefault((zone, title), []).extend(weekly(first, date(year, 12, 31), 2 + 2 * (week > 1)))

    def moves(self, zone: str, title: str, day: date, to: date) -> None:
        """Move one date of a zone."""
        days = self.dates[zone, title]
        days[days.index(day)] = to

    def of(self, street: str, house: str = "") -> list[tuple[date, str]]:
        """Return the dates of an address, in order."""
        zone = self.streets[street][house]
        return sorted((day, title) for (of, title), days in self.dates.items() if of == zone for day in days)

    def number(self, *names: str) -> int:
        """Return a handle for a name: another one in another generation."""
        text = "/".join(names)
        return self.generation * 100_000_000 + zlib.crc32(text.encode()) % 90_000_000


@dataclass
class Provider:
    """A server of one protocol. Verbs change what it answers; ``asked`` remembers what it was asked."""

    town: Town = field(default_factory=Town)
    asked: list[Asked] = field(default_factory=list)
    trouble: list[tuple[str, Answer | OrtsrufError]] = field(default_factory=list)
    forgets: int = 0  # how many more times a session is lost

    def shows_login(self, part: str = "") -> None:
        """Answer addresses that hold ``part`` with a web page to log in."""
        self.trouble.append((part, Answer(200, {"content-type": "text/html"}, LOGIN, "")))

    def refuses(self, status: int, part: str = "") -> None:
        """Answer addresses that hold ``part`` with a status."""
        self.trouble.append((part, Answer(status, {}, b"no", "")))

    def hangs(self, part: str = "") -> None:
        """Give no answer at addresses that hold ``part``."""
        self.trouble.append((part, HttpFailed("No complete answer within 15 s.")))

    def says(self, body: bytes, part: str = "") -> None:
        """Answer addresses that hold ``part`` with these bytes."""
        self.trouble.append((part, Answer(200, {}, body, "")))

    def heals(self) -> None:
        """Answer as usual again."""
        self.trouble.clear()

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, limits: Limits | None = None) -> Answer:
        return self._asked("GET", url, headers or {}, b"")

    def post(
        self, url: str, *, body: bytes, headers: Mapping[str, str] | None = None, limits: Limits | None = None
    ) -> Answer:
        return self._asked("POST", url, headers or {}, body)

    def close(self) -> None:
        """Nothing is open."""

    def count(self, part: str) -> int:
        """Return how often addresses with ``part`` were asked."""
        return sum(part in one.url for one in self.asked)

    def __post_init__(self) -> None:
        """Note every answer beside its request."""
        self.answered: list[tuple[Asked, bytes]] = []

    def _asked(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.asked.append(Asked(method, url, dict(headers), body))
        for part, what in self.trouble:
            if part in url or part in body.decode():
                if isinstance(what, OrtsrufError):
                    raise what
                return Answer(what.status, what.headers, what.body, url)
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        found = self.answer(unquote(parts.path), query, form if method == "POST" else {}, body)
        if found is None:
            return Answer(404, {}, b"not found", url)
        if isinstance(found, Answer):
            return found
        text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
        self.answered.append((self.asked[-1], text.encode()))
        return Answer(200, {"content-type": "text/plain; charset=utf-8"}, text.encode(), url)

    def answer(self, path: str, query: dict[str, str], form: dict[str, str], body: bytes) -> Any:
        raise NotImplementedError


class Awido(Provider):
    """AWIDO: getPlaces, getGroupedStreets, getStreetAddons, getData."""

    def answer(self, path: str, query: dict[str, str], form: dict[str, str], body: bytes) -> Any:
        town, call, last = self.town, path.split("/")[-2], path.rsplit("/", maxsplit=1)[-1]
        if call == "getPlaces":
            return [
                {"key": self._oid(town.name), "value": town.name},
                {"key": self._oid("Nachbarort"), "value": "Nachbarort"},
            ]
        if call == "getGroupedStreets" and last == self._oid(town.name):
            return [{"key": self._oid(one), "value": one} for one in town.streets]
        if call == "getStreetAddons":
            street = self._street(last)
            return street and [{"key": self._oid(street, one), "value": one} for one in town.streets[street]]
        if call == "getData":
            for street, houses in town.streets.items():
                for house in houses:
                    if last == self._oid(street, house):
                        return self._data(street, house)
        return None

    def _oid(self, *names: str) -> str:
        return f"{self.town.number(*names):08x}-0000-0000-0000-000000000000"

    def _street(self, oid: str) -> str | None:
        return next((one for one in self.town.streets if self._oid(one) == oid), None)

    def _data(self, street: str, house: str) -> dict[str, Any]:
        codes = {"Restmüll": "RM", "Biotonne": "BT", "Altpapier": "PT", "Gelber Sack": "GS"}
        days: dict[date, list[str]] = {}
        for day, title in self.town.of(street, house):
            days.setdefault(day, []).append(codes.get(title, title))
        years = {day.year for day in days}
        calendar: list[dict[str, Any]] = [
            {"dt": f"{year}0101", "fr": None, "ad": None, "ft": "Neujahr"} for year in sorted(years)
        ]
        calendar += [
            {"dt": f"{day:%Y%m%d}", "fr": found, "ad": ["" for _ in found]} for day, found in sorted(days.items())
        ]
        titles = {title for _, title in self.town.of(street, house)}
        return {
            "fracts": [
                {"id": str(at), "nm": title, "snm": codes.get(title, title)}
                for at, title in enumerate(sorted(titles), 1)
            ],
            "calendar": calendar,
        }


class Abfallnavi(Provider):
    """regio iT: orte, strassen, hausnummern, termine, fraktionen."""

    def answer(self, path: str, query: dict[str, str], form: dict[str, str], body: bytes) -> Any:  # noqa: PLR0911 - a step each
        town, parts = self.town, path.partition("/rest/")[2].split("/")
        if parts == ["orte"]:
            return [{"id": town.number(town.name), "name": town.name, "staticId": "TXVzdGVyZG9yZg=="}]
        if parts == ["fraktionen"]:
            return [{"id": at, "name": title, "iconNr": at, "farbeRgb": "333333"} for at, title in enumerate(TITLES)]
        if parts[0] == "orte" and parts[2:] == ["strassen"]:
            return [self._street(one) for one in town.streets]
        if parts[0] == "strassen":
            street = next((one for one in town.streets if str(town.number(one)) == parts[1]), None)
            if street is None:
                return None
            if len(parts) == 2:
                return self._street(street)
            return [one for house in town.streets[street] for one in self._dates(street, house)]
        for street, houses in town.streets.items():
            for house in houses:
                if parts[:2] == ["hausnummern", str(town.number(street, house))]:
                    return self._dates(street, house)
        return None

    def _street(self, street: str) -> dict[str, Any]:
        town = self.town
        houses = [{"id": town.number(street, one), "nr": one, "staticId": None} for one in town.streets[street] if one]
        return {
            "id": town.number(street),
            "name": street,
            "staticId": None,
            "hausNrList": houses,
            "plz": None,
            "ortsteilName": "default",
            "ort": {"id": town.number(town.name), "name": town.name},
        }

    def _dates(self, street: str, house: str) -> list[dict[str, Any]]:
        zone = self.town.streets[street][house]
        return [
            {
                "id": self.town.number(zone, title, str(day)),
                "datum": day.isoformat(),
                "bezirk": {
                    "id": 10 * TITLES.index(title) + ord(zone[0]) % 10,
                    "name": zone,
                    "gueltigAb": None,
                    "fraktionId": TITLES.index(title),
                },
            }
            for day, title in self.town.of(street, house)
            if title in TITLES
        ]


class Jumomind(Provider):
    """Jumomind: cities_web, streets, trash, dates; an area is a zone."""

    def answer(self, path: str, query: dict[str, str], form: dict[str, str], body: bytes) -> Any:
        town, call = self.town, query.get("r", "")
        zones = sorted({zone for houses in town.streets.values() for zone in houses.values()})
        area = {zone: str(town.number("area", zone)) for zone in zones}
        if call == "cities_web":
            return [
                {"id": "100", "name": town.name, "_name": town.name, "area_id": "0", "has_streets": True},
                {
                    "id": "102",
                    "name": "Inselstadt",
                    "_name": "Inselstadt",
                    "area_id": area[zones[0]],
                    "has_streets": False,
                },
            ]
        if call == "streets":
            return [
                {
                    "name": name,
                    "_name": name,
                    "area_id": area[next(iter(houses.values()))],
                    "houseNumbers": [[house, area[zone]] for house, zone in houses.items() if house],
                }
                for name, houses in town.streets.items()
            ]
        if call == "trash":
            return [
                {"name": f"M_{at}", "_name": f"M_{at}", "title": title, "color": "2f3639"}
                for at, title in enumerate(TITLES)
            ]
        zone = next((one for one in zones if area[one] == query.get("area_id")), None)
        if call != "dates/0" or zone is None:
            return []
        return [
            {"id": str(at), "trash_name": f"M_{TITLES.index(title)}", "day": day.isoformat(), "title": title}
            for at, (day, title) in enumerate(
                sorted((day, title) for (of, title), days in town.dates.items() if of == zone for day in days), 1
            )
        ]


def calendar(
    events: list[tuple[date, str]], prodid: str, *, location: str = "", prefix: str = "", suffix: str = ""
) -> str:
    """Return an exported iCalendar."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{prodid}"]
    for day, title in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{day:%Y%m%d}-{zlib.crc32(title.encode()) % 10**8}@example.org",
            "DTSTAMP:20260101T000000Z",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            *([f"LOCATION:{location}"] if location else []),
            f"SUMMARY:{prefix}{title}{suffix}",
            "END:VEVENT",
        ]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


class InsertIt(Provider):
    """insert-it: GetStreets (by the beginning), GetLocations, Calender (by year)."""

    def answer(self, path: str, query: dict[str, str], form: dict[str, str], body: bytes) -> Any:
        town, call = self.town, path.rpartition("/")[2]
        if call == "GetStreets":
            text = query.get("text", "")
            return [{"ID": town.number(one), "Name": one} for one in town.streets if text and one.startswith(text)]
        if call == "GetLocations":
            street = next((one for one in town.streets if str(town.number(one)) == query["streetId"]), None)
            return street and [
                {
                    "ID": town.number(street, one),
                    "StreetId": town.number(street),
                    "Text": one or "1-99",
                    "HouseNumberStart": 1,
                    "HouseNumberEnd": 99,
                }
                for one in town.streets[street]
            ]
        for street, houses in town.streets.items():
            for house in houses:
                if query.get("bmsLocationId") == str(town.number(street, house)):
                    found = [one for one in town.of(street, house) if str(one[0].year) == query["year"]]
                    return (
                        calendar(found, "-//Insert IT//BMS//DE", prefix="Leerung: ", suffix=f" ({street} {house or 1})")
                        if found
                        else "[]"
                    )
        return None


class CTrace(Provider):
    """c-trace: a session in the path, Data/Strassen, Data/Hausnummern, abfallkalender/cal."""

    session = 1

    def answer(self, path: str, query: dict[str, str], form: dict[str, str], body: bytes) -> Any:
        town, service = self.town, path.split("/")[1]
        here = f"/{service}/(S(session{self.session}))"
        if path == f"/{service}/Abfallkalender":
            page = "<html><body><form><input type='text' name='Strasse'/><input name='Hausnr'/></form></body></html>"
            return Answer(
                200, {"content-type": "text/html"}, page.encode(), f"https://web.c-trace.de{here}/Abfallkalender"
            )
        if self.forgets and "/abfallkalender/" in path:
            self.forgets, self.session = self.forgets - 1, self.session + 1
        if not path.startswith(f"/{service}/(S(session{self.session}))/"):
            return "<html><body>Ihre Sitzung ist abgelaufen.</body></html>"
        call = path.removeprefix(f"/{service}/(S(session{self.session}))/")
        if call == "Data/Strassen":
            return ["", *town.streets]
        if call == "Data/Hausnummern":
            return ["", *(one for one in town.streets.get(query.get("strasse", ""), {}) if one)]
        street, house, year = (
            query.get("Strasse", ""),
            query.get("Hausnr", ""),
            call.removeprefix("abfallkalender/cal").strip("/"),
        )
        if house not in town.streets.get(street, {}):
            return "<html><body>Adresse nicht gefunden</body></html>"
        found = [one for one in town.of(street, house) if str(one[0].year) == (year or str(self.first_year))]
        return calendar(
            found, "-//c-ware//NONSGML c-ware 1.0//", location=f"{town.name}\\, {street} {house}", prefix="Abfuhr: "
        )

    first_year = 2026


class MuellMax(Provider):
    """MüllMax: a wizard whose state is mm_ses; without the last token it begins again."""

    def answer(self, path: str, query: dict[str, str], form: dict[str, str], body: bytes) -> Any:  # noqa: PLR0911 - a step each
        if not form:
            return self._page("start", '<input type="image" name="mm_aus_ort"/>')
        state = form.get("mm_ses", "")
        if self.forgets and "mm_ica_gen" in form:
            self.forgets -= 1
            return self._page("start", "Ihre Sitzung ist abgelaufen.")
        if "mm_aus_ort.x" in form:
            return self._page("ort", '<input type="text" name="mm_frm_str_name"/>')
        if "mm_aus_str_txt_submit" in form:
            return self._page("liste", self._select("mm_frm_str_sel", {one: one for one in self.town.streets}))
        if "mm_aus_str_sel_submit" in form:
            street = form["mm_frm_str_sel"]
            houses = {f"44791;Mitte;{one};": one for one in self.town.streets.get(street, {}) if one}
            return self._page(f"str:{street}", self._select("mm_frm_hnr_sel", houses) if houses else "Terminübersicht")
        if "mm_aus_hnr_sel_submit" in form:
            return self._page(f"{state}:hnr:{form['mm_frm_hnr_sel'].split(';')[2]}", "Terminübersicht")
        if "mm_ica_auswahl" in form:
            boxes = "".join(f'<input type="checkbox" name="mm_frm_fra_{at}" value="F{at}"/>' for at in range(4))
            return self._page(state, boxes)
        found = re.fullmatch(r"str:(.*?)(?::hnr:(.*))?", state)
        if found is None or sum(name.startswith("mm_frm_fra") for name in form) < 4:
            return self._page("start", "Fehler")
        return calendar(self.town.of(found[1], found[2] or ""), "-//MuellMax//DE")

    @staticmethod
    def _page(state: str, more: str) -> str:
        return f'<html><body><form method="post"><input type="hidden" name="mm_ses" value="{html.escape(state)}"/>{more}</form></body></html>'

    @staticmethod
    def _select(name: str, options: dict[str, str]) -> str:
        rows = "".join(
            f'<option value="{html.escape(value)}">{html.escape(label)}</option>' for value, label in options.items()
        )
        return f'<select name="{name}" id="{name}"><option value="">bitte wählen</option>{rows}</select>'


class AbfallIo(Provider):
    """abfall.io, older widget: init, auswahl_*_set, export_ics; a hidden token whose name and value are hashes."""

    token = ("e24c052e5f8cc25ff5614b4a793cd8c4", "ba9728994cb1a5c7b421eaf114a88bb2")
    warns = False

    def answer(self, path: str, query: dict[str, str], form: dict[str, str], body: bytes) -> Any:  # noqa: PLR0911 - a step each
        town, action = self.town, query["waction"]
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{value}"/>' for name, value in [self.token] if name
        )
        if action == "init":
            return f"<form>{hidden}{self._select('f_id_kommune', 'auswahl_kommune_set', {'2977': town.name, '2978': 'Altdorf'})}</form>"
        if form.get(self.token[0]) != self.token[1]:
            return "<div>Ungültige Anfrage</div>"
        if action == "auswahl_kommune_set":
            return f"<form>{self._select('f_id_strasse', 'auswahl_strasse_set', {str(town.number(one)): one for one in town.streets})}</form>"
        street = next((one for one in town.streets if str(town.number(one)) == form.get("f_id_strasse")), None)
        if street is None:
            return "<div>Bitte Straße wählen</div>"
        if action == "auswahl_strasse_set":
            houses = {str(town.number(street, one)): one for one in town.streets[street] if one}
            more = self._select("f_id_strasse_hnr", "auswahl_hnr_set", houses) if houses else self._kinds()
            return f'<form><input type="hidden" name="f_posts_json[]" value="a:1"/>{more}</form>'
        house = next(
            (
                one
                for one in town.streets[street]
                if str(town.number(street, one)) == form.get("f_id_strasse_hnr", str(town.number(street, "")))
            ),
            None,
        )
        if house is None:
            return "<div>Bitte Hausnummer wählen</div>"
        if action == "auswahl_hnr_set":
            return f"<form>{self._kinds()}</form>"
        if form.get("f_abfallarten") != "27,28,17,67":
            return "<div>Bitte Abfallarten wählen</div>"
        found = [one for one in town.of(street, house) if str(one[0].year) == form["f_zeitraum"][:4]]
        text = calendar(found, "-//K4SYSTEMS//ABFALLPLUS//DE", location=f"{town.name} {street}")
        return (
            "<br />\n<b>Warning</b>: foo in x.php\n" + text.replace("END:VEVENT", "END:VEVENT\r\n<b>Notice</b>", 1)
            if self.warns
            else text
        )

    @staticmethod
    def _kinds() -> str:
        return "".join(
            f'<input type="checkbox" name="f_id_abfalltyp_{at}" value="{kind}" checked/>'
            for at, kind in enumerate((27, 28, 17, 67))
        )

    @staticmethod
    def _select(name: str, action: str, options: dict[str, str]) -> str:
        rows = "".join(f'<option value="{value}">{html.escape(label)}</option>' for value, label in options.items())
        return f'<select name="{name}" awk-data-onchange-submit-waction="{action}"><option value="0">bitte wählen</option>{rows}</select>'


class AbfallIoGraphQl(Provider):
    """abfall.io, newer widget: a key for an API key, then GraphQL."""

    def answer(self, path: str, query: dict[str, str], form: dict[str, str], body: bytes) -> Any:
        town = self.town
        if path != "/graphql":
            kinds = [{"wasteType": str(50 + at), "checked": True} for at in range(4)]
            return {"apiKey": "caac1d0b40973ad8", "settings": {"PUB_ABFALLTYPEN": kinds}}
        asked = json.loads(body)
        text, given = asked["query"], asked["variables"]
        if "cities(" in text:
            return {
                "data": {
                    "cities": [
                        {
                            "id": "2977",
                            "name": town.name,
                            "idHouseNumber": None,
                            "districtsCount": 1,
                            "appointmentsSupported": True,
                        },
                        {
                            "id": "2978",
                            "name": "Altdorf",
                            "idHouseNumber": str(town.number("Ahornweg", "")),
                            "districtsCount": 1,
                            "appointmentsSupported": True,
                        },
                        {
                            "id": "2979",
                            "name": "Anderswo",
                            "idHouseNumber": None,
                            "districtsCount": 0,
                            "appointmentsSupported": False,
                        },
                    ]
                }
            }
        if "city(" in text:
            rows = [
                {
                    "id": str(town.number(one)),
                    "name": one,
                    "idHouseNumber": str(town.number(one, "")) if "" in houses else None,
                }
                for one, houses in town.streets.items()
            ]
            return {"data": {"city": {"name": town.name, "idHouseNumber": None, "districts": [], "streets": rows}}}
        if "houseNumbers" in text:
            street = next(one for one in town.streets if str(town.number(one)) == given["id"])
            return {
                "data": {
                    "street": {
                        "name": street,
                        "idHouseNumber": None,
                        "houseNumbers": [
                            {"id": str(town.number(street, one)), "name": one} for one in town.streets[street]
                        ],
                    }
                }
            }
        for street, houses in town.streets.items():
            for house in houses:
                if given["idHouseNumber"] == str(town.number(street, house)):
                    return {
                        "data": {
                            "appointments": [
                                {
                                    "id": str(town.number(title, str(day))),
                                    "date": day.isoformat(),
                                    "time": None,
                                    "location": None,
                                    "note": None,
                                    "wasteType": {"id": "50", "name": title},
                                }
                                for day, title in town.of(street, house)
                                if given["dateMin"] <= day.isoformat() <= given["dateMax"]
                            ]
                        }
                    }
        return {"errors": [{"message": "Internal server error"}], "data": None}


SERVERS: dict[str, tuple[type[Provider], str]] = {
    "awido": (Awido, "awido:musterkreis"),
    "abfallnavi": (Abfallnavi, "abfallnavi:musterstadt"),
    "jumomind": (Jumomind, "jumomind:mst"),
    "insert-it": (InsertIt, "insert-it:Musterdorf"),
    "c-trace": (CTrace, "c-trace:musterdorfkalender"),
    "muellmax": (MuellMax, "muellmax:Mus"),
    "abfallio": (AbfallIo, "abfallio:0123456789abcdef0123456789abcdef"),
    "abfallio-graphql": (AbfallIoGraphQl, "abfallio-graphql:fedcba9876543210fedcba9876543210"),
}
