"""Settings: a TOML file, over it the environment (``ORTSRUF_…``), over it ``…_FILE`` secrets; all faults at once.

Nested names are joined by ``__`` in the environment: ``ORTSRUF_MAIL__HOST``. Each channel folder brings its own
section, so a new channel needs no edit here.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, get_origin
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

import push
from hub.core.directory import rule
from hub.core.errors import SettingsError

PREFIX = "ORTSRUF_"
_OUTSIDE = frozenset({"PLUGINS", "CONFIG", "WCS_PYTHON", "FAILPOINT"})  # read outside the settings themselves


class Settings(BaseModel):
    """What an operator may set. Channels' own sections are in ``channels``, by name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Path = Field(Path("ortsruf-data"), description="folder of the SQLite file and what else is kept")
    database: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data folder")
    base_url: str = Field("http://127.0.0.1:8080", description="public address, without a trailing slash")
    listen: str = Field("127.0.0.1:8080", description="address and port that the web server binds")
    engine: str = Field("inline", pattern="^(inline|postgres)$", description="inline, or postgres for many machines")
    workers: int = Field(4, ge=2, le=64, description="threads that run jobs")
    gatherers: int = Field(16, ge=1, le=256, description="threads that wait for sources, beside the workers")
    rate: int = Field(0, ge=0, description="hand-overs a second to one push service or mail domain; 0: any number")
    tick_seconds: int = Field(10, ge=1, le=300, description="seconds between two looks for due work")
    burst_minutes: int = Field(15, ge=0, le=120, description="at most one push of news in so many minutes; 0: no limit")
    contact: str = Field("", description="mail address or page that sources find in our User-Agent")
    allow_hosts: tuple[str, ...] = Field((), description="private hosts or networks that may be dialled")
    websub: str = Field("auto", pattern="^(auto|on|off)$", description="let hubs tell us of news; auto: if public")
    trusted_proxy: str = Field("", description="address of the web server in front, whose X-Forwarded-For is believed")
    canary_minutes: int = Field(60, ge=0, le=1440, description="minutes between test messages to ourselves; 0: none")
    metrics_token: SecretStr = Field(
        SecretStr(""), description="bearer token of /metrics; empty: from loopback, at a loopback base_url"
    )
    map_tiles: str = Field("", description="PMTiles file for the ground of maps; empty: a plain ground")
    map_credit: str = Field("© OpenStreetMap", description="whom maps with a ground name as its origin")
    oidc_issuer: str = Field("", description="directory (OpenID Connect) by which people may sign in; empty: none")
    oidc_name: str = Field("", description="what the directory is called on the button; empty: its host")
    oidc_client_id: str = Field("", description="our name at the directory")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="our secret at the directory")
    oidc_scopes: str = Field("openid email profile", description="what we ask the directory for")
    oidc_groups: str = Field("groups", description="claim that lists groups; a dot leads into objects")
    oidc_rules: tuple[str, ...] = Field((), description="GROUP=ROLE@MUNICIPALITY, * for all municipalities")
    oidc_second_factor: bool = Field(False, description="the directory itself always asks for a second factor")
    log: str = Field("console", pattern="^(console|json)$", description="console or json")
    secret: SecretStr = Field(SecretStr(""), description="key of links and second factors; empty: in the database")
    channels: dict[str, Any] = Field(default_factory=dict, description="one section per channel, by its name")

    @field_validator("base_url")
    @classmethod
    def _absolute(cls, value: str) -> str:
        parts = urlsplit(value)
        bare = not (parts.path or parts.query or parts.fragment or parts.username)
        if parts.scheme not in {"http", "https"} or not parts.hostname or not bare:
            raise ValueError("must be http(s)://host without a path or a trailing slash")
        return value

    @field_validator("database")
    @classmethod
    def _known(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must be sqlite:///FILE or postgresql+psycopg://…")
        return value

    @field_validator("trusted_proxy")
    @classmethod
    def _one_address(cls, value: str) -> str:
        if value:
            try:
                ip_address(value)
            except ValueError as error:
                raise ValueError("must be the IP address of the web server in front, and no other's") from error
        return value

    @field_validator("allow_hosts")
    @classmethod
    def _not_everywhere(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(one.strip() in {"*", ""} or one.endswith("/0") for one in value):
            raise ValueError("must name single hosts or networks; everything would be open to any address of a source")
        return value

    @model_validator(mode="after")
    def _known_at_the_directory(self) -> Settings:
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("oidc_issuer needs oidc_client_id, our name at the directory")
        return self

    @field_validator("listen")
    @classmethod
    def _address(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65_535:  # noqa: PLR2004 - the last TCP port
            raise ValueError("must be address:port")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _discovered(cls, value: str) -> str:
        parts = urlsplit(value)
        here = parts.hostname in {"localhost", "127.0.0.1"}
        if value and ((parts.scheme != "https" and not (here and parts.scheme == "http")) or not parts.hostname):
            raise ValueError("must be an https address")
        return value

    @field_validator("oidc_rules")
    @classmethod
    def _granting(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            rule(one)
        return value

    @field_validator("map_tiles")
    @classmethod
    def _readable(cls, value: str) -> str:
        if value and not Path(value).is_file():
            raise ValueError("must be a PMTiles file that can be read")
        return value

    @property
    def database_url(self) -> str:
        """The database, with the default filled in."""
        return self.database or f"sqlite:///{self.data.resolve() / 'ortsruf.sqlite'}"

    @property
    def listen_at(self) -> tuple[str, int]:
        """Host and port to bind."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


@dataclass(frozen=True, slots=True)
class Setting:
    """One effective setting for ``ortsruf config``: secrets are masked; ``origin`` is file, environment or default."""

    name: str
    value: str
    origin: str


def load(
    file: Path | None = None, environ: Mapping[str, str] | None = None, *, plugins: Sequence[Path] = ()
) -> tuple[Settings, list[Setting]]:
    """Return the settings and where each came from. Raises ``SettingsError`` that names every fault."""
    environ = os.environ if environ is None else environ
    faults: list[str] = []
    flat, origins = _from_file(file, faults)
    for name, value, origin in _from_environment(environ, faults):
        flat[name], origins[name] = value, origin
    sections = push.channels(plugins)
    channels = {name: _channel(name, flat, faults, plugins) for name in sections}
    own = {name: value for name, value in flat.items() if name.partition(".")[0] not in sections}
    try:
        settings = Settings(**_split(Settings, own), channels=channels)
    except ValidationError as error:
        faults += [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise SettingsError(_all(faults)) from error
    if faults:
        raise SettingsError(_all(faults))
    return settings, _shown(settings, origins)


def _all(faults: Sequence[str]) -> str:
    return "The settings are wrong:\n" + "\n".join(f"  {fault}" for fault in faults)


def _from_file(file: Path | None, faults: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
    if file is None:
        return {}, {}
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        faults.append(f"{file}: {error}")
        return {}, {}
    flat: dict[str, Any] = {}
    for name, value in data.items():
        flat |= {f"{name}.{key}": one for key, one in value.items()} if isinstance(value, dict) else {name: value}
    return flat, dict.fromkeys(flat, str(file))


def _from_environment(environ: Mapping[str, str], faults: list[str]) -> list[tuple[str, str, str]]:
    found = []
    for variable, value in sorted(environ.items()):
        name = variable.removeprefix(PREFIX)
        if name == variable or name in _OUTSIDE:
            continue
        text = value
        if name.endswith("_FILE"):
            try:
                text = Path(value).read_text(encoding="utf-8").strip()
            except OSError as error:
                faults.append(f"{variable}: {error}")
            name = name.removesuffix("_FILE")
        found.append((name.lower().replace("__", "."), text, f"environment {variable}"))
    return sorted(found, key=lambda one: one[2].endswith("_FILE"))


def _split(model: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """Read text for a list as its parts between commas: the environment knows no lists."""
    many = {name for name, one in model.model_fields.items() if get_origin(one.annotation) in {tuple, list}}
    return {
        name: [part.strip() for part in value.split(",") if part.strip()]
        if name in many and isinstance(value, str)
        else value
        for name, value in values.items()
    }


def _channel(name: str, flat: Mapping[str, Any], faults: list[str], plugins: Sequence[Path]) -> Any:
    values = {key.partition(".")[2]: value for key, value in flat.items() if key.startswith(f"{name}.")}
    kind = push.load(name, plugins)
    try:
        return kind.Settings(**_split(kind.Settings, values))
    except ValidationError as error:
        faults += [f"{name}.{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        return None


def _shown(settings: Settings, origins: Mapping[str, str]) -> list[Setting]:
    rows = [(name, getattr(settings, name)) for name in Settings.model_fields if name != "channels"]
    for channel, section in sorted(settings.channels.items()):
        rows += [(f"{channel}.{name}", getattr(section, name)) for name in type(section).model_fields]
    return [Setting(name, _mask(value), origins.get(name, "default")) for name, value in rows]


def _mask(value: Any) -> str:
    if isinstance(value, SecretStr):
        return "***" if value.get_secret_value() else ""
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
