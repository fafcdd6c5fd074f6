"""Random interests and notices of a county, for brute force against the index; the same for the same seed."""

from __future__ import annotations

from random import Random

from hub.core.notice import Geometry, Notice, NoticeText, Severity, Value, notice_id
from hub.core.subscription import Criteria

TOPICS = ("news", "waste", "warnings", "roads", "tenders", "desk")
WORDS = ("brücke", "fest", "sperrung", "straße", "schule", "wasser", "strom", "wahl")
CPV = ("45", "452", "45221111", "71", "90", "9051")


def place(chance: Random) -> str:
    """Return a path: the land, the county, one of ten municipalities, or something in it."""
    town = f"05358{chance.randrange(10):07}"
    below = chance.choice([
        "", f"/zone:bezirk-{chance.randrange(5)}", f"/street:weg-{chance.randrange(400)}",
        f"/street:weg-{chance.randrange(20)}/house:{chance.randrange(1, 30)}", f"/street:weg-{chance.randrange(20)}/house:1-19",
    ])  # fmt: skip
    return chance.choice(["05", "05358", town, town + below, town + below, town + below])


def spot(chance: Random) -> tuple[float, float]:
    """Return a position in the county."""
    return round(chance.uniform(6.1, 7.2), 4), round(chance.uniform(50.3, 51.2), 4)


def wish(chance: Random) -> Criteria:
    """Return an interest; about as specific as people are."""

    def some(values: tuple[str, ...], share: float) -> tuple[str, ...]:
        return (chance.choice(values),) if chance.random() < share else ()

    near = chance.random() < 0.2
    return Criteria(
        topics=some(TOPICS, 0.9), places=() if near else tuple(place(chance) for _ in range(chance.randrange(1, 3))),
        centre=spot(chance) if near else None, radius_km=chance.choice([0.5, 2.0, 10.0, 60.0]) if near else None,
        words=some(WORDS, 0.3), without=some(WORDS, 0.1), cpv=some(CPV, 0.1),
        least_value=chance.choice([None, None, None, 1e5]), severity=chance.choice([Severity.UNKNOWN] * 4 + [Severity.SEVERE]),
    )  # fmt: skip


def notice(chance: Random, number: int) -> tuple[Notice, list[str]]:
    """Return a notice and its resolved places."""
    shape = chance.choice(["none", "none", "point", "line", "area", "circle"])
    x, y = spot(chance)
    geometry = {
        "none": None, "point": Geometry(points=((x, y),)), "line": Geometry(lines=(((x, y), (x + 0.05, y + 0.02)),)),
        "area": Geometry(polygons=(((x, y), (x + 0.1, y), (x, y + 0.1)),)), "circle": Geometry(circles=(((x, y), 4.0),)),
    }[shape]  # fmt: skip
    text = " ".join(chance.choice(WORDS) for _ in range(4))
    made = Notice(
        id=notice_id("county", str(number)), key=str(number), kind=chance.choice(["rss"] * 9 + ["desk"]),
        topic=chance.choice(TOPICS), texts=(NoticeText("de", text.title()),), geometry=geometry,
        severity=chance.choice(list(Severity)), cpv=(chance.choice(CPV),) if chance.random() < 0.3 else (),
        value=Value(chance.choice([5e4, 5e5]), "EUR") if chance.random() < 0.5 else None,
    )  # fmt: skip
    return made, [place(chance) for _ in range(chance.randrange(1, 4))]
