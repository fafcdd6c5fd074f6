"""From ``ted:`` or ``oeffentlichevergabe:`` and a town to complete sources: its district, its region, its land.

Asks nobody: which regions a town lies in is in the official reference data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from feeds.tenders import ted_request
from feeds.tenders.fetch import DATENSERVICE, SHORT, day_templates
from hub import reference
from hub.core.errors import SourceConfigError
from hub.core.ports import Http
from hub.core.source import Offer, Source

_LEVELS = (5, 4, 3)  # characters of a NUTS code: district, Regierungsbezirk, land
_CHOOSING = ("nuts", "cpv", "query", "buyer")  # settings that say which notices are wanted
_NAMES = {
    DATENSERVICE: ("Datenservice Öffentlicher Einkauf", "eforms", f"https://{DATENSERVICE}"),
    "ted": ("TED (EU-weite Ausschreibungen)", "ted", ted_request.SEARCH),
}


def discover(source: Source, http: Http) -> list[Offer]:  # noqa: ARG001 - a door's shape; nobody needs to be asked
    """Return a source for each region that the source's places lie in, the smallest first; [] if it is complete.

    A short address that names its regions, or has its settings, is written out in full: one offer. Raises
    ``SourceConfigError`` if no place says where.
    """
    service = _service(source)
    if not service:
        return []
    short = not source.url.startswith("http")
    named = _named(source.url)
    chosen = {name: value for name, value in source.config.items() if name in _CHOOSING and value}
    if named and "nuts" not in chosen:
        chosen["nuts"] = ",".join(named)
    if chosen:
        return [_offer(service, source, chosen, ", ".join(chosen.values()))] if short else []
    codes = list(_regions(source))
    if not codes:
        raise SourceConfigError(
            "Say for which place tenders are wanted (place=ars:053580016016) or for which region (nuts=DEA26).",
            subject=source.id,
        )
    return [_offer(service, source, {"nuts": code}, f"{label} ({code})") for code, label in codes]


def _offer(service: str, source: Source, chosen: Mapping[str, str], what: str) -> Offer:
    name, form, url = _NAMES[service]
    wanted = source.config.get("format", "auto")
    return Offer(
        title=f"{name}: {what}",
        url=url,
        settings={"format": form if wanted == "auto" else wanted, **chosen},
        places=source.places,
    )


def _service(source: Source) -> str:
    """Return which of the two services an address means, or "" for any other."""
    if ted_request.is_search(source.url):
        return "ted"
    own = source.url.startswith(f"{SHORT}:") or (DATENSERVICE in source.url and "{day}" not in source.url)
    return DATENSERVICE if own and day_templates(source) else ""


def _named(url: str) -> list[str]:
    """Return the regions that a short address names: ``ted:DEA26,DEA27``."""
    scheme, _, rest = url.partition(":")
    return [one.strip().upper() for one in rest.split(",") if one.strip()] if scheme in ("ted", SHORT) else []


def _regions(source: Source) -> Iterator[tuple[str, str]]:
    """Yield code and name of the districts of the source's places and of what is above them, each name once."""
    paths = [path for ref in source.places for path in reference.resolve(ref)]
    codes = [code for path in paths if (code := reference.district_nuts(path))]
    told: set[str] = set()
    for level in _LEVELS:
        for code in dict.fromkeys(one[:level] for one in codes if len(one) >= level):
            label = reference.nuts_label(code) or code
            if label not in told:  # Berlin is its own land
                yield code, label
            told.add(label)
