"""Calendar apps that poll: one feed among a hundred thousand (P4), and all of them on the hour (H-03).

Servers have the first processor for themselves, wrk the others. Radicale knows one calendar only, and nginx one
file: both are favours to them.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icalendar import Calendar

from benchmarks.herd import ADDRESSES
from benchmarks.rounds import ROOT, Row, interleaved, median

NEEDED = ("nginx", "wrk", "taskset")
CONNECTIONS = 32
LOGIN = {"Authorization": "Basic dG93bjp4"}  # Radicale wants a name, whatever it is
_LUA = """
local paths, tag = {}, '%(tag)s'
for line in io.lines('%(file)s') do paths[#paths + 1] = line end
local at = %(start)d
request = function()
  at = at %% #paths + 1
  return wrk.format('GET', paths[at], {['If-None-Match'] = tag, ['Accept-Encoding'] = 'gzip'})
end
"""


@dataclass(frozen=True)
class Polled:
    """One server's calendar: where, which process, and the tag that a reader has."""

    url: str
    process: int
    tag: str


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def spent(root: int) -> float:
    """Return the CPU seconds that a process and its living children have used."""
    parents, ticks = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended
        parents[int(stat.parent.name)] = int(fields[1])
        ticks[int(stat.parent.name)] = int(fields[11]) + int(fields[12])
    ours, size = {root}, 0
    while len(ours) > size:
        size = len(ours)
        ours |= {one for one, parent in parents.items() if parent in ours}
    return sum(ticks.get(one, 0) for one in ours) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(command: list[str], port: int, **environ: str) -> Iterator[tuple[str, int]]:
    """Run a server on the first processor until it answers; yields its address and its process."""
    process = subprocess.Popen(
        ["taskset", "-c", "0", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT,
        env={name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ} | environ,  # as systemd does
    )  # fmt: skip
    try:
        for _ in range(600):
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended: {process.stderr.read().decode()[-2000:]}")  # type: ignore[union-attr]
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(20)


def hub(port: int) -> list[str]:
    """Return the command of our web process: one worker, as ``ortsruf web`` runs several."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--blocking-threads", "1", "--no-ws", "--http", "1", "--log-level", "warning",
        "benchmarks.herd:application",
    ]  # fmt: skip


def nginx(folder: Path, port: int, body: bytes) -> list[str]:
    """Return the command of an nginx that serves ``body`` as a static file, tuned for it."""
    (folder / "www").mkdir(exist_ok=True)
    (folder / "www" / "feed.ics").write_bytes(body)
    (folder / "nginx.conf").write_text(
        f"""daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{ access_log off; sendfile on; keepalive_requests 100000000; etag on; open_file_cache max=100;
types {{ text/calendar ics; }}
client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
server {{ listen 127.0.0.1:{port}; root {folder}/www; }} }}
"""
    )
    if os.geteuid() == 0:
        for one in (folder, folder / "www", folder / "www" / "feed.ics"):
            one.chmod(0o755)
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def radicale_server(folder: Path, port: int, python: str) -> list[str]:
    """Return the command of a Radicale without passwords and logs."""
    return [
        python, "-m", "radicale", "--config", "", f"--server-hosts=127.0.0.1:{port}", "--auth-type=none",
        "--rights-type=authenticated", f"--storage-filesystem-folder={folder / 'radicale'}", "--logging-level=error",
    ]  # fmt: skip


def fetch(
    url: str, method: str = "GET", data: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Ask once; returns status, headers and bytes of any answer."""
    asked = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, dict(answer.headers.items()), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers.items()), error.read()


def same(body: bytes, other: bytes) -> bool:
    """Whether two calendars hold the same events."""

    def read(data: bytes) -> dict[str, Any]:
        found = Calendar.from_ical(data).walk("VEVENT")
        return {str(one["UID"]): (one.decoded("DTSTART"), str(one["SUMMARY"]), one.decoded("DTSTAMP")) for one in found}

    return bool(read(body)) and read(body) == read(other)


def wrk(url: str, *, seconds: int, script: Path | None = None, tag: str = "", login: bool = False) -> dict[str, float]:
    """Load ``url``; returns requests a second, and the latencies' 50th and 99th percentile in milliseconds."""
    others = ",".join(str(one) for one in range(1, os.cpu_count() or 2)) or "0"
    extra = ["-s", str(script)] if script else [
        "-H", f"If-None-Match: {tag}", *(["-H", f"Authorization: {LOGIN['Authorization']}"] if login else []),
    ]  # fmt: skip
    done = subprocess.run(
        [
            "taskset", "-c", others, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency",
            "--timeout", "10s", *extra, url,
        ],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "Non-2xx" not in done, done
    assert "Socket errors" not in done, done
    found = {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", done)[1])}  # type: ignore[index]
    for percent in ("50", "99"):
        value, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)\b", done).groups()  # type: ignore[union-attr]
        found[percent] = float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
    found["count"] = float(re.search(r"(\d+) requests in", done)[1])  # type: ignore[index]
    return found


def herd(address: str, folder: Path, *, calendars: int, seconds: int) -> list[Row]:
    """Let a herd ask for every calendar: first cold, until all are known, then warm."""
    script = folder / "herd.lua"

    def run(start: int, length: int) -> dict[str, float]:
        script.write_text(_LUA % {"file": folder / ADDRESSES, "tag": '"x"', "start": start})
        return wrk(address, seconds=length, script=script)

    fetch(f"{address}/robots.txt")  # the modules are loaded
    asked, cold = 0, []
    begin = time.perf_counter()
    while asked < calendars:
        cold.append(run(asked, 4 * seconds))
        asked += int(cold[-1]["count"])
    rate = asked / (time.perf_counter() - begin)
    warm = run(0, 2 * seconds)
    return [
        Row(
            "H-03", f"{calendars:,} calendars, {name}, p99 (each a full body, gzip)", "<= 300 ms",
            max(one["99"] for one in seen), None, "ms", None, f"{figure:,.0f}/s",
        )
        for name, seen, figure in (("cold", cold, rate), ("warm", [warm], warm["rate"]))
    ]  # fmt: skip


def p4_and_herd(calendars: int, rounds: int, *, radicale: str, seconds: int) -> list[Row]:
    """Measure both on one seeded hub."""
    for one in NEEDED:
        if shutil.which(one) is None:
            raise SystemExit(f"{one} is missing; on Debian: apt install nginx wrk util-linux")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(
            [sys.executable, str(ROOT / "benchmarks/herd.py"), name, "--calendars", str(calendars)],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        port = free_port()
        with running(hub(port), port, ORTSRUF_DATA=name) as (address, process):
            rows = herd(address, folder, calendars=calendars, seconds=seconds)
            path = (folder / ADDRESSES).read_text().split("\n", 1)[0]
            return [*p4((address + path, process), folder, rounds, radicale=radicale, seconds=seconds), *rows]


def p4(ours: tuple[str, int], folder: Path, rounds: int, *, radicale: str, seconds: int) -> list[Row]:
    """Measure the conditional GET of ``ours`` (address, process) beside nginx and Radicale."""
    status, headers, body = fetch(ours[0])
    assert status == 200, status
    found = {"ortsruf": Polled(*ours, headers["etag"])}
    port, other = free_port(), free_port()
    with running(nginx(folder, port, body), port) as (static, process):
        _, headers, copy = fetch(f"{static}/feed.ics")
        assert copy == body
        found["nginx"] = Polled(f"{static}/feed.ics", process, headers["ETag"])
        if not radicale:
            return compared(found, rounds, seconds)
        with running(radicale_server(folder, other, radicale), other) as (peer, last):
            at, typed = f"{peer}/town/feed/", {"Content-Type": "text/calendar"}
            fetch(f"{peer}/town/", "MKCOL", **LOGIN)
            answer = fetch(at, "PUT", body, **LOGIN, **typed)
            _, headers, theirs = fetch(at, **LOGIN)
            assert same(body, theirs), (answer, theirs[:500])
            found["radicale"] = Polled(at, last, headers["ETag"])
            return compared(found, rounds, seconds)


def compared(found: dict[str, Polled], rounds: int, seconds: int) -> list[Row]:
    """Return requests per CPU second of each server: what one core gives it, whoever else wants this machine."""
    statuses = {name: fetch(one.url, **{"If-None-Match": one.tag}, **LOGIN)[0] for name, one in found.items()}
    assert statuses["ortsruf"] == statuses["nginx"] == 304, statuses
    rates: dict[str, list[float]] = {name: [] for name in found}

    def contestant(name: str) -> Callable[[], float]:
        def run() -> float:
            one = found[name]
            before = spent(one.process)
            seen = wrk(one.url, seconds=seconds, tag=one.tag, login=name == "radicale")
            rates[name].append(seen["rate"])
            return seen["count"] / (spent(one.process) - before)

        return run

    seen = interleaved({name: contestant(name) for name in found}, rounds=rounds)
    ours, wanted = median(seen, "ortsruf"), {"nginx": ">= 0.5x", "radicale": ">= 400x"}
    return [
        Row(
            "P4", "conditional GET of one calendar of many, per CPU second of the server", wanted[name], ours,
            median(seen, name), "/s", ours / median(seen, name),
            f"{name} (answers {statuses[name]}); on the clock {median(rates, 'ortsruf'):,.0f} and "
            f"{median(rates, name):,.0f}/s, {median(rates, 'ortsruf') / median(rates, name):,.2f}x",
        )
        for name in wanted if name in found
    ]  # fmt: skip
