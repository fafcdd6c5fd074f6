"""What warnings there are for a municipality: ``nina:`` and its key offers NINA's list for its district."""

from __future__ import annotations

from datetime import UTC, datetime

from feeds._conditional import get
from feeds.cap import nina
from feeds.cap.fetch import LIMITS, address
from hub.core.errors import SourceRefused
from hub.core.notice import PlaceRef
from hub.core.ports import Http
from hub.core.source import Document, FetchState, Offer, Source

_TITLE = "NINA: Warnungen für Kreis {} (MoWaS, KATWARN, BIWAPP, Hochwasser, Polizei, DWD), jetzt {}"


def discover(source: Source, http: Http) -> list[Offer]:
    """Return the one list that fits ``nina:{ARS}``, if NINA has it; [] for every other address.

    Warnings are kept only if they touch the municipality (setting ``areas``). Raises ``SourceError``.
    """
    if not source.url.lower().startswith("nina:"):
        return []
    url, ars = address(source.url), source.url[5:].strip("/ ")
    answer = get(url, FetchState(), http, datetime.now(UTC), limits=LIMITS, accept="application/json")
    if answer is None:
        raise SourceRefused("NINA gave no list of warnings.", subject=url)
    value = nina.read(Document(url, "", answer.body))
    if not isinstance(value, list):
        raise SourceRefused("NINA's answer is no list of warnings.", subject=url)
    return [Offer(_TITLE.format(ars[:5], len(value)), url, {"areas": ars}, (PlaceRef("ars", ars),))]
