"""One process for everything: web pages, ticks and workers (``ortsruf serve``)."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import structlog

from hub import log
from hub.bootstrap import Building
from hub.roles import Ticks, alive, refuse_if_moved
from hub.settings import Settings
from hub.unsafe import refuse_unsafe

THREADS = 8


def serve(
    settings: Settings,
    *,
    say: Callable[[str], None],
    building: Building | None = None,
    extra: Sequence[Any] = (),
) -> None:
    """Run until SIGTERM or Ctrl-C; then end within ten seconds and give every lease back.

    ``building`` is an opened one (the demo's), ``extra`` further blueprints.
    """
    import waitress

    from hub.web import create_app
    from hub.web.front import front, settle

    if building is None:
        log.configure(settings.log)
    own = building or Building(settings)
    own.store.upgrade()
    refuse_if_moved(own)
    refuse_unsafe(settings, own.store)
    ticks = Ticks(own)
    host, port = settings.listen_at
    app = create_app(own.house, settings, health=lambda: (own.engine.health(), ticks.health()), extra=extra)
    server: Any = waitress.create_server(
        front(app, own.house),
        host=host, port=port, threads=THREADS, ident=None, max_request_body_size=1_000_000, **_proxy(settings),
    )  # fmt: skip
    signal.signal(signal.SIGTERM, _end)
    if not own.house.sender:
        say("E-mail is off until the setting mail.sender names an address.")
    with alive(own, "serve", detail=lambda: own.engine.health() or ticks.state(), ticks=ticks):
        own.engine.start()
        if building is None:
            settle(app)
        say(f"Ortsruf is serving {settings.base_url} (listening on {settings.listen}). Stop with Ctrl-C.")
        try:
            server.run()
        except (KeyboardInterrupt, SystemExit):
            structlog.get_logger(__name__).info("stopping")
        finally:
            server.close()


def _proxy(settings: Settings) -> dict[str, Any]:
    """Return what makes waitress believe the server in front of it, and nobody else (H-04)."""
    if not settings.trusted_proxy:
        return {}
    return {
        "trusted_proxy": settings.trusted_proxy,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        "clear_untrusted_proxy_headers": True,
    }


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
