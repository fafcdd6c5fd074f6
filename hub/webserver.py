"""``ortsruf web``: pages and calendars in several processes (granian); no jobs, no ticks."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from hub import log
from hub.bootstrap import Building, now
from hub.core.errors import SettingsError
from hub.lookout import Lookout
from hub.pulse import Process, Pulse
from hub.roles import refuse_if_moved
from hub.settings import Settings, load
from hub.unsafe import refuse_unsafe

_THREADS = 8  # of each process
_KILL_AFTER = 5  # seconds; all is gone within ten
_LOOK = 2.0


def web(settings: Settings, config: Path | None, *, workers: int, say: Callable[[str], None]) -> None:
    """Serve pages in ``workers`` processes until SIGTERM. ``config`` is the settings' file, which each reads itself.

    Raises ``SettingsError`` on the embedded engine, and if granian is not installed.
    """
    if settings.engine != "postgres":
        raise SettingsError(
            "Pages alone need the engine for many machines (engine = postgres): what somebody signs up for here is "
            "carried out by `ortsruf work`. With the embedded engine use `ortsruf serve`."
        )
    try:
        from granian.constants import Interfaces
        from granian.server import Server
    except ImportError as error:
        raise SettingsError(
            "`ortsruf web` needs granian. Install it with the extra: pip install 'ortsruf[postgres]'."
        ) from error
    import multiprocessing

    log.configure(settings.log)
    building = Building(settings)
    building.store.upgrade()
    refuse_if_moved(building)
    refuse_unsafe(settings, building.store)
    process = Process(building.house.owner, "web", detail=lambda: f"{workers} processes")
    pulse = Pulse(building.store, process, now, settings.data)
    multiprocessing.set_start_method("spawn", force=True)  # a fork would share our connections and locks
    host, port = settings.listen_at
    server: Any = Server(
        str(config or ""), address=host, port=port, interface=Interfaces.WSGI, workers=workers,
        blocking_threads=_THREADS, workers_kill_timeout=_KILL_AFTER, respawn_failed_workers=True, log_enabled=False,
    )  # fmt: skip
    lookout = Lookout(building.house, settings.contact)
    pulse.look()
    pulse.start()
    lookout.start()
    say(f"Ortsruf serves pages at {settings.base_url} (listening on {settings.listen}). Stop with Ctrl-C.")
    try:
        server.serve(target_loader=application)
    finally:
        lookout.stop()
        pulse.stop()
        building.close()


def application(config: str) -> Callable[..., Iterable[bytes]]:
    """Return the WSGI application of one process, with settings from the file ``config`` (empty: environment only)."""
    from hub.web import create_app
    from hub.web.front import front, settle
    from hub.web.proxied import Proxied

    settings, _ = load(Path(config) if config else None)
    log.configure(settings.log)
    building = Building(settings)
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), name="ortsruf-parent", daemon=True).start()
    app = create_app(building.house, settings, health=lambda: (building.engine.health(),))
    settle(app)
    return Proxied(front(app, building.house), settings.trusted_proxy)


def _end_with_parent(parent: int) -> None:
    """End this process when the one that started it was killed: it would keep the port for nobody."""
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os.kill(os.getpid(), signal.SIGTERM)
