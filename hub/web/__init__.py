"""The web pages: ``create_app`` makes the Flask application around a house. The only package that knows Flask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hub.jobs.house import House
from hub.settings import Settings

if TYPE_CHECKING:
    from flask import Blueprint, Flask

MOST_BYTES = 64 * 1024  # of a form or a JSON body


def create_app(
    house: House,
    settings: Settings,
    *,
    health: Callable[[], tuple[str, ...]] | None = None,
    extra: Sequence[Blueprint] = (),
) -> Flask:
    """Return the application; ``health`` gives faults in plain words (empty: all is well), ``extra`` adds pages."""
    from flask import Flask

    from hub.paths import templates
    from hub.web import access, failures, hosts, pages, protection
    from hub.web.desk import NAME, Desk

    app = Flask("hub.web", template_folder=str(templates()), static_folder="static")
    desk = Desk(house, settings, health or tuple)
    app.extensions[NAME] = desk
    app.config.update(
        SECRET_KEY=house.links.key, MAX_CONTENT_LENGTH=MOST_BYTES, MAX_FORM_MEMORY_SIZE=MOST_BYTES,
        SESSION_COOKIE_NAME=desk.cookie("ortsruf-form"), SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=desk.secure, WTF_CSRF_TIME_LIMIT=None,
        # Our own Referrer-Policy withholds the header that this check wants; Fetch Metadata does its work.
        WTF_CSRF_SSL_STRICT=False,
    )  # fmt: skip
    hosts.install(app)
    app.before_request(access.make_room)
    protection.install(app)
    access.install(app)
    failures.install(app)
    pages.install(app)
    for blueprint in extra:
        app.register_blueprint(blueprint)
        access.open_to_all(app, blueprint.name)
    return app
