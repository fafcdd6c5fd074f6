"""Kinds of sources written into a plug-in folder for one test."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from hub.core.source import Document, Fetched, FetchState, Source

INIT = """
from hub.core.source import ConfigField
KIND = "stub"
TOPIC = "news"
INTERVAL = 900
CONFIG = (
    ConfigField("area", "Area", required=True, default="all"),
    ConfigField("mode", "Mode", choices=("short", "long")),
)
"""
FETCH = """
from datetime import UTC, datetime
from feeds._conditional import read
def fetch(source, state, http):
    return read(source, state, http, datetime.now(UTC))
"""
PARSE = """
from hub.core.source import Item
def parse(fetched):
    lines = [line for one in fetched.documents for line in one.body.decode().splitlines()]
    return [Item(line, {"title": line, "at": fetched.at.isoformat()}) for line in lines]
"""
NORMALISE = """
from hub.core.notice import Notice, NoticeText, notice_id
def normalise(item, source):
    return Notice(
        id=notice_id(source.id, item.key), key=item.key, kind=source.kind, topic=source.topic,
        texts=(NoticeText(source.language, item.data["title"]),), places=source.places,
    )
"""


def plug_kind(root: Path, kind: str = "stub", **modules: str) -> Path:
    """Write the kind below ``root``: one item per line unless ``modules`` say otherwise; return ``root``."""
    folder = root / "feeds" / kind
    folder.mkdir(parents=True)
    texts = {"__init__": INIT, "fetch": FETCH, "parse": PARSE, "normalise": NORMALISE, **modules}
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return root


def fetched(body: bytes, **settings: str) -> Fetched:
    """Return one document as fetched at a fixed time."""
    return Fetched(
        documents=(Document("https://town.example/feed", "text/plain", body),),
        at=datetime(2026, 11, 1, 12, tzinfo=UTC),
        state=FetchState(),
        source=Source(id="s", kind="stub", url="https://town.example/feed", topic="news", config=settings),
    )
