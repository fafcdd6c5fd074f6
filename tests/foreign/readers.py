"""Other people's calendar readers, asked what they understand of our feeds: libical, ical.js, icalendar, vdirsyncer.

Each ``read_with_…`` returns one dictionary per event, sorted by UID: ``uid``, ``start`` (aware, in UTC, or a date),
``status`` (lower case) and ``summary``. A reader that finds fault raises ``AssertionError`` with what it said.
"""

import functools
import json
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

HERE = Path(__file__).parent
NODE_MODULES = HERE.parent / "node" / "node_modules"
SECONDS = 60.0


def _run(command: list[str], body: bytes = b"") -> str:
    done = subprocess.run(command, input=body, capture_output=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, f"{command[0]}: {done.stderr.decode(errors='replace')[-4000:]}"
    return done.stdout.decode()


def _moment(text: str) -> datetime | date:
    plain = text.replace("-", "").replace(":", "")
    if "T" in plain:
        return datetime.strptime(plain, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return datetime.strptime(plain, "%Y%m%d").replace(tzinfo=UTC).date()


def _by_uid(events: list[dict]) -> list[dict]:
    return sorted(events, key=lambda one: one["uid"])


@functools.cache
def _libical_program() -> tuple[Path, tempfile.TemporaryDirectory]:
    folder = tempfile.TemporaryDirectory(prefix="libical-reader-")
    program = Path(folder.name) / "libical_reader"
    _run(["gcc", "-O1", "-Wall", "-o", str(program), str(HERE / "libical_reader.c"), "-lical"])
    return program, folder  # the folder lives as long as the cached answer


def _libical(body: bytes) -> tuple[list[dict], int, str]:
    program, _ = _libical_program()
    done = subprocess.run([str(program)], input=body, capture_output=True, timeout=SECONDS, check=True)
    *rows, last = done.stdout.decode().splitlines()
    events = []
    for row in rows:
        uid, start, status, summary = row.split("\t")
        events.append(
            {
                "uid": bytes.fromhex(uid).decode(),
                "start": _moment(start),
                "status": status.lower(),
                "summary": bytes.fromhex(summary).decode(),
            }
        )
    return _by_uid(events), int(last.split("\t")[1]), done.stderr.decode(errors="replace")


def libical_errors(body: bytes) -> int:
    """How many faults libical's parser and its restriction check find."""
    return _libical(body)[1]


def read_with_libical(body: bytes) -> list[dict]:
    events, errors, said = _libical(body)
    assert errors == 0, f"libical found {errors} faults:\n{said}"
    return events


def _icaljs(body: bytes) -> dict:
    library = NODE_MODULES / "ical.js" / "dist" / "ical.js"
    assert library.exists(), "ical.js is missing: npm ci --prefix tests/node"
    return json.loads(_run(["node", str(HERE / "icaljs_reader.mjs"), str(library)], body))


def read_with_icaljs(body: bytes) -> list[dict]:
    events = _icaljs(body)["events"]
    return _by_uid([{**one, "start": _moment(one["start"]), "status": one["status"].lower()} for one in events])


def icaljs_types(body: bytes) -> dict[str, str]:
    """The value type that ical.js takes each property of the calendar for."""
    return _icaljs(body)["types"]


def read_with_icalendar(body: bytes) -> list[dict]:
    from icalendar import Calendar

    calendar = Calendar.from_ical(body)
    faults = [*calendar.errors, *(fault for event in calendar.walk("VEVENT") for fault in event.errors)]
    assert not faults, f"icalendar found {faults}"
    events = []
    for event in calendar.walk("VEVENT"):
        start = event["DTSTART"].dt
        events.append(
            {
                "uid": str(event["UID"]),
                "start": start.astimezone(UTC) if isinstance(start, datetime) else start,
                "status": str(event.get("STATUS", "")).lower(),
                "summary": str(event.get("SUMMARY", "")),
            }
        )
    return _by_uid(events)


def store_with_vdirsyncer(url: str) -> int:
    """Let vdirsyncer fetch ``url`` (http or https) into a folder; return how many events it stored."""
    with tempfile.TemporaryDirectory(prefix="vdirsyncer-") as folder:
        stored = Path(folder) / "events"
        config = Path(folder) / "config"
        config.write_text(
            f"""[general]
status_path = "{folder}/status"
[pair feed]
a = "remote"
b = "local"
collections = null
conflict_resolution = "a wins"
[storage remote]
type = "http"
url = "{url}"
[storage local]
type = "filesystem"
path = "{stored}"
fileext = ".ics"
"""
        )
        stored.mkdir()
        program = str(Path(sys.executable).parent / "vdirsyncer")
        _run([program, "--config", str(config), "discover"], b"y\n")
        _run([program, "--config", str(config), "sync"])
        return len(list(stored.glob("*.ics")))
