"""The parser child: whatever a parser does, one answer is lost and nothing else."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub import sandbox
from hub.core.errors import SourceConfigError, SourceError, SourceRefused, SourceTooLarge
from hub.sandbox import Parsed, ParseLimits, parse_safely
from tests.fakes.kinds import fetched, plug_kind

LIMITS = ParseLimits(cpu_seconds=2, wall_seconds=15, memory=256 * 1024 * 1024)


def run(root: Path, body: bytes = b"one\ntwo", limits: ParseLimits = LIMITS, **modules: str) -> Parsed:
    """Parse ``body`` with the stub kind, some of its modules replaced."""
    return parse_safely("stub", fetched(body), limits=limits, plugins=[plug_kind(root, **modules)])


def refusal(root: Path, kind: type[SourceError], limits: ParseLimits = LIMITS, **modules: str) -> str:
    """Return the sentence of the error that ends the whole."""
    with pytest.raises(SourceError) as caught:
        run(root, limits=limits, **modules)
    assert type(caught.value) is kind
    return str(caught.value)


def test_notices_come_back_whole(tmp_path: Path) -> None:
    found = run(tmp_path, "Straße\nzwei".encode())
    assert [one.title for one in found.notices] == ["Straße", "zwei"]
    assert found.refused == ()


def test_the_kind_gets_all_that_was_fetched(tmp_path: Path) -> None:
    parse = """
from hub.core.source import Item
def parse(f):
    one = f.documents[0]
    return [Item("k", {"title": f"{one.url} {one.content_type} {len(one.body)} {f.source.config['area']} {f.at.isoformat()}"})]
"""
    found = parse_safely("stub", fetched(b"\x00\xff" * 500_000, area="x"), plugins=[plug_kind(tmp_path, parse=parse)])
    assert found.notices[0].title == "https://town.example/feed text/plain 1000000 x 2026-11-01T12:00:00+00:00"


def test_plug_ins_are_found_by_the_environment_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORTSRUF_PLUGINS", str(plug_kind(tmp_path)))
    assert len(parse_safely("stub", fetched(b"a\nb")).notices) == 2


def test_a_hang_ends_by_the_clock(tmp_path: Path) -> None:
    before = time.monotonic()
    sentence = refusal(
        tmp_path, SourceRefused, ParseLimits(wall_seconds=1), parse="import time\ndef parse(f): time.sleep(60)\n"
    )
    assert "longer than 1 s" in sentence
    assert time.monotonic() - before < 20


def test_a_busy_loop_ends_by_computing_time(tmp_path: Path) -> None:
    limits = ParseLimits(cpu_seconds=1, wall_seconds=60)
    assert "computing time" in refusal(tmp_path, SourceRefused, limits, parse="def parse(f):\n    while True: pass\n")


@pytest.mark.parametrize("hog", ["bytes(10**10)", "list(iter(lambda: bytearray(10**6), None))"])
def test_a_memory_hog_is_too_large_and_we_stay_small(tmp_path: Path, hog: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "memory" in refusal(tmp_path, SourceTooLarge, parse=f"def parse(f): return {hog}\n")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64_000


@pytest.mark.parametrize(
    "body",
    [
        "import os; os._exit(0)",
        "import os; os._exit(3)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)",
        "raise SystemExit(1)",
        "raise KeyboardInterrupt",
    ],
)
def test_a_crash_is_one_plain_refusal(tmp_path: Path, body: str) -> None:
    assert "without an answer" in refusal(tmp_path, SourceRefused, parse=f"def parse(f):\n    {body}\n")


def test_noise_on_stdout_does_not_disturb_the_answer(tmp_path: Path) -> None:
    parse = "import os\nprint('at import')\nfrom hub.core.source import Item\ndef parse(f):\n    os.write(1, b'noise' * 9999)\n    os.write(2, b'noise')\n    return [Item('k', {'title': 'kept'})]\n"
    assert [one.title for one in run(tmp_path, parse=parse).notices] == ["kept"]


@pytest.mark.parametrize(
    ("raised", "kind", "sentence"),
    [
        ("from hub.core.errors import SourceTooLarge as E; raise E('too many')", SourceTooLarge, "too many"),
        ("from hub.core.errors import SourceRefused as E; raise E('an HTML page')", SourceRefused, "an HTML page"),
        (
            "from hub.core.errors import SourceConfigError as E; raise E('no such column')",
            SourceConfigError,
            "no such column",
        ),
        ("raise LookupError('secret detail')", SourceRefused, r"LookupError"),
        ("class X(Exception): pass\n    raise X('a\\nb')", SourceRefused, r"\(X\)"),
        ("from hub.core.errors import StoreError as E; raise E('?')", SourceRefused, "StoreError"),
        ("g = lambda: g()\n    g()", SourceRefused, "nested"),
        ("return None", SourceRefused, "TypeError"),
        ("return [1]", SourceRefused, "AttributeError"),
    ],
)
def test_only_source_errors_leave(tmp_path: Path, raised: str, kind: type[SourceError], sentence: str) -> None:
    with pytest.raises(SourceError, match=sentence) as caught:
        run(tmp_path, parse=f"def parse(f):\n    {raised}\n")
    assert type(caught.value) is kind
    assert caught.value.subject == "s", "an error without a subject is about the source"


def test_one_broken_item_does_not_lose_the_others(tmp_path: Path) -> None:
    normalise = """
from hub.core.errors import SourceRefused
from hub.core.notice import Notice, NoticeText, Value
def normalise(item, source):
    if item.key == "own": raise SourceRefused("no date")
    if item.key == "any": raise ZeroDivisionError("x")
    if item.key == "none": return None
    title = {"surrogate": "\\ud800", "nul": "a\\0b"}.get(item.key, item.key)
    value = Value(float("nan")) if item.key == "nan" else None
    return Notice(id=item.key, key=item.key, kind="k", topic="t", texts=(NoticeText("de", title),), value=value)
"""
    parse = """
from hub.core.source import Item
def parse(f): return [Item(one) for one in "a own any none surrogate nul nan b".split()] + [Item("f", fault="broken row")]
"""
    found = run(tmp_path, parse=parse, normalise=normalise)
    assert [one.key for one in found.notices] == ["a", "b"]
    reasons = {one.key: one.reason for one in found.refused}
    assert set(reasons) == {"own", "any", "none", "surrogate", "nul", "nan", "f"}
    assert (reasons["own"], reasons["f"]) == ("no date", "broken row")
    assert "ZeroDivisionError" in reasons["any"]


def test_the_child_can_write_no_file_and_sees_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORTSRUF_SECRET", "s3cret")
    target = tmp_path / "written"
    parse = f"""
import os
from hub.core.source import Item
def parse(f):
    try:
        with open({str(target)!r}, "wb") as out: out.write(b"x" * 100)
        wrote = "wrote"
    except OSError: wrote = "refused"
    return [Item("k", {{"title": f"{{wrote}} {{'ORTSRUF_SECRET' in os.environ}} {{os.getcwd()}}"}})]
"""
    assert run(tmp_path, parse=parse).notices[0].title == "refused False /"
    assert not target.exists() or target.stat().st_size == 0


def test_too_many_items_are_refused(tmp_path: Path) -> None:
    many = "from hub.core.source import Item\ndef parse(f): return [Item(str(n)) for n in range(20_001)]\n"
    assert "20000" in refusal(tmp_path, SourceTooLarge, parse=many)


def test_an_answer_written_past_us_is_not_believed(tmp_path: Path) -> None:
    # A parser that was taken over may find the real pipe: it is among the open files.
    parse = """
import os
def parse(f):
    for handle in range(3, 20):
        try: os.write(handle, (7).to_bytes(4, "big") + b'{"a":1}')
        except OSError: pass
    os._exit(0)
"""
    assert "no sense" in refusal(tmp_path, SourceRefused, parse=parse)


def test_an_entity_bomb_costs_one_answer(tmp_path: Path) -> None:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "lol">{levels}]><x>&l11;</x>'.encode()
    parse = "from lxml import etree\ndef parse(f): return list(etree.fromstring(f.documents[0].body, etree.XMLParser(huge_tree=True)).text)\n"
    with pytest.raises(SourceRefused):
        run(tmp_path, bomb, parse=parse)


def test_an_unknown_kind_is_a_setting_fault() -> None:
    with pytest.raises(SourceConfigError, match="nope"):
        parse_safely("nope", fetched(b"x"))


def test_no_child_is_left_behind(tmp_path: Path) -> None:
    parse = "import time, os\nfrom hub.core.source import Item\ndef parse(f):\n    open(0)\n    time.sleep(60)\n"
    with pytest.raises(SourceRefused):
        run(tmp_path, parse=parse, limits=ParseLimits(wall_seconds=1))
    assert until(lambda: not children(server()))


def test_answers_share_one_server_and_nothing_else(tmp_path: Path) -> None:
    parse = """
import os, feeds
from hub.core.source import Item
def parse(f):
    seen, feeds.seen = getattr(feeds, "seen", "clean"), "spoilt"
    return [Item("k", {"title": f"{seen} {os.getppid()} {os.getpid()} {len(os.listdir('/proc/self/fd'))}"})]
"""
    plugins = [plug_kind(tmp_path, parse=parse)]
    first, second = (parse_safely("stub", fetched(b"x"), plugins=plugins).notices[0].title.split() for _ in range(2))
    assert first[0] == second[0] == "clean"
    assert first[1] == second[1] == str(server())
    assert first[2] != second[2]
    assert int(first[3]) <= 6  # three standard ones, its socket, the listing itself


def test_many_threads_get_their_own_answers(tmp_path: Path) -> None:
    plugins = [plug_kind(tmp_path)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: parse_safely("stub", fetched(b"%d" % n), plugins=plugins), range(40)))
    assert [one.notices[0].title for one in found] == [str(n) for n in range(40)]


def test_a_server_that_died_is_replaced(tmp_path: Path) -> None:
    run(tmp_path)
    os.kill(server(), signal.SIGKILL)
    assert len(parse_safely("stub", fetched(b"a\nb"), plugins=[tmp_path]).notices) == 2


def test_the_server_goes_with_the_process_that_started_it(tmp_path: Path) -> None:
    plug_kind(tmp_path)
    code = (
        "import os, signal\nfrom tests.fakes.kinds import fetched\nfrom hub import sandbox\n"
        "sandbox.parse_safely('stub', fetched(b'x'))\n"
        "print(sandbox._SERVER.pid, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environ = {**os.environ, "ORTSRUF_PLUGINS": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert told.returncode == -signal.SIGKILL, told.stderr
    assert until(lambda: not alive(int(told.stdout)))


def server() -> int:
    """Return the process id of the running server."""
    found = sandbox._SERVER.pid
    assert found is not None
    return found


def children(process: int) -> list[str]:
    """Return the processes that ``process`` started and has not yet buried."""
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


def alive(process: int) -> bool:
    """Whether a process runs (a zombie that nobody buries does not)."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Wait until ``holds``; whether it did in time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
