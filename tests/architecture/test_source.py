"""Reads the tree: what is pure stays pure, doors have their shape, files and functions stay small, names mean something."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import statistics
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import feeds
import push
from hub.core import errors

ROOT = Path(__file__).parents[2]
PACKAGES = ("hub", "feeds", "calendars", "push")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "client" not in path.parts)
PURE = sorted(
    {*(ROOT / "hub/core").glob("*.py"), *(ROOT / "calendars").glob("*.py")}
    | {path for path in FILES if path.name in {"parse.py", "normalise.py", "render.py"}}
)
MOST_LINES, MOST_FUNCTION = 300, 60
IMPURE_MODULES = {
    "os", "random", "secrets", "socket", "time", "subprocess", "threading", "asyncio", "urllib.request", "http",
    "http.client", "httpx2", "tempfile", "uuid",
}  # fmt: skip
IMPURE_CALLS = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|datetime\.today|open|input|time\.time)$")
EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|managers?)($|_)", re.IGNORECASE)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def impurities(module: ast.Module) -> Iterator[str]:
    """Yield the clocks, dice, sockets and environments that a module reaches for."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name in IMPURE_MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in IMPURE_MODULES:
            yield node.module or ""
        elif isinstance(node, ast.Call) and IMPURE_CALLS.search(ast.unparse(node.func)):
            yield ast.unparse(node.func)


@pytest.mark.parametrize("path", PURE, ids=name)
def test_what_decides_uses_no_clock_dice_environment_or_socket(path: Path) -> None:
    assert list(impurities(tree(path))) == []


@pytest.mark.parametrize(
    "code", ["import random", "from os import environ", "datetime.now(UTC)", "open('x')", "dt.date.today()"]
)
def test_an_impurity_would_be_seen(code: str) -> None:
    assert list(impurities(ast.parse(code)))


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("path", [path for path in FILES if "versions" not in path.parts], ids=name)
def test_files_and_functions_stay_small(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES
    for one in functions(tree(path)):
        assert (one.end_lineno or 0) - one.lineno < MOST_FUNCTION, one.name


def test_most_functions_are_short() -> None:
    lengths = [(one.end_lineno or 0) - one.lineno + 1 for path in FILES for one in functions(tree(path))]
    assert statistics.median(lengths) <= 10


@pytest.mark.parametrize("path", FILES, ids=name)
def test_names_mean_something(path: Path) -> None:
    assert not EMPTY_NAMES.search(path.stem)
    named = [
        node.name for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef | ast.FunctionDef)
    ]  # fmt: skip
    assert [one for one in named if EMPTY_NAMES.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", one))] == []


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path))


def test_no_top_level_package_has_a_name_of_the_standard_library() -> None:
    assert not set(PACKAGES) & sys.stdlib_module_names


@pytest.mark.parametrize("kind", feeds.kinds())
def test_every_kind_of_source_has_the_three_doors(kind: str) -> None:
    made = feeds.load(kind)
    assert (made.KIND, made.INTERVAL > 0) == (kind, True)
    doors = {door: list(inspect.signature(getattr(made, door)).parameters) for door in ("fetch", "parse", "normalise")}
    assert doors == {"fetch": ["source", "state", "http"], "parse": ["fetched"], "normalise": ["item", "source"]}


@pytest.mark.parametrize("channel", push.channels())
def test_every_way_out_has_its_doors(channel: str) -> None:
    made = push.load(channel)
    assert (made.CHANNEL, made.CHUNK > 0) == (channel, True)
    if made.PULL:  # asked for by its own page, in its own words
        importlib.import_module(f"{made.package}.render")
    else:
        assert list(inspect.signature(made.render).parameters) == ["message", "recipient", "site"]
        assert [one.lstrip("_") for one in inspect.signature(made.send).parameters] == ["chunk", "outlet"]


def tree_of(error: type[errors.OrtsrufError]) -> Iterator[type[errors.OrtsrufError]]:
    yield error
    for one in error.__subclasses__():
        yield from tree_of(one)


def all_errors() -> list[type[errors.OrtsrufError]]:
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        if re.search(r"^class \w+\((\w+\.)?\w*(Error|Refused|Unreachable|TooLarge|Failed)\)", text, re.MULTILINE):
            importlib.import_module(name(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    return list(dict.fromkeys(tree_of(errors.OrtsrufError)))


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.__name__)
def test_every_error_answers(error: type[errors.OrtsrufError]) -> None:
    assert error.__doc__
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", error.label)
    assert all(isinstance(getattr(error, one), bool) for one in ("retry", "gone", "pages"))
    assert str(error()) == error.__doc__.splitlines()[0]


def test_no_two_errors_claim_the_same_sentence() -> None:
    labels = [one.label for one in all_errors() if "label" in vars(one)]  # a narrower error may keep its parent's
    assert sorted(set(labels)) == sorted(labels)
