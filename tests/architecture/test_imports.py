"""What is loaded when: the core is the standard library's, and the command line starts light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"lxml", "sqlalchemy", "icalendar", "flask", "feedparser", "nh3", "cryptography", "procrastinate", "alembic"}


def loaded(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after ``code``."""
    ending = "\nimport sys; print('\\n' + ' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}{ending}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stdout.splitlines()[-1].split())


def modules(folder: str) -> list[str]:
    return sorted(f"{folder.replace('/', '.')}.{one.stem}" for one in (ROOT / folder).glob("[a-z]*.py"))


def test_the_core_loads_the_standard_library_only() -> None:
    assert modules("hub/core")
    found = loaded("import " + ", ".join(modules("hub/core")))
    foreign = found - loaded("") - sys.stdlib_module_names - {"hub"}
    assert {one for one in foreign if not one.startswith("_sysconfigdata")} == set()  # the interpreter's own


def test_help_is_told_without_the_heavy_libraries() -> None:
    code = "from hub.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    found = loaded(code)
    assert "click" in found
    assert found & HEAVY == set()


@pytest.mark.parametrize("package", ["hub", "hub.engines", "hub.jobs", "hub.store", "feeds", "push", "calendars"])
def test_no_package_loads_heavy_libraries_by_itself(package: str) -> None:
    assert loaded(f"import {package}") & HEAVY == set()
