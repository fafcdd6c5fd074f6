"""The packaged tables: complete, small, described."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

from hub.reference import tables


def test_tables_are_small_and_described() -> None:
    """All files together stay below 1.5 MB and each has its row in ORIGIN.md."""
    folder = files("hub.reference")
    origin = folder.joinpath("ORIGIN.md").read_text(encoding="utf-8")
    found = [one for one in folder.joinpath("data").iterdir() if one.name.endswith(".gz")]
    assert len(found) == 7
    assert all(f"`{one.name}`" in origin for one in found)
    assert sum(len(one.read_bytes()) for one in found) < 1_500_000


def test_every_path_leads_to_a_place() -> None:
    """Postcodes and warn cells name only places that exist."""
    known = {*tables.areas(), *(one.path for one in tables.municipalities().values())}
    for table in (tables.postcodes(), tables.warn_cells()):
        assert table
        assert {path for paths in table.values() for path in paths.split()} <= known


def test_importing_reads_nothing() -> None:
    """The package costs nothing until it is asked: no table and no heavy library is loaded by the import."""
    code = (
        "import sys, hub.reference; from hub.reference import tables; "
        "assert not tables.municipalities.cache_info().currsize; "
        "assert not {'lxml', 'flask', 'sqlalchemy', 'sqlite3'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
