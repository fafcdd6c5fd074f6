"""A county's directory by OpenID Connect: authorization code with PKCE, state and nonce, found by discovery.

Authlib speaks the protocol; every request goes through the guarded client, so a directory at a private address must
be named in ``allow_hosts``. Tokens are read and thrown away: who somebody is, is all that is wanted of them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from hub.core.errors import OrtsrufError
from hub.core.ports import Answer, Http, Limits
from hub.settings import Settings

_LIMITS = Limits(seconds=10.0, size=1_000_000, redirects=2)
_KEPT = 3600.0  # seconds that discovery and keys are kept
_LEEWAY = 60  # seconds that clocks may differ
_OK = 200
# Keys that only the directory has; with HMAC whoever knows our secret could write tokens.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
_REAUTHENTICATED = 300  # seconds since somebody gave the directory their password, where that was asked for


class DirectoryFailed(OrtsrufError):
    """The directory did not answer as OpenID Connect wants it."""

    retry = True
    label = "directory"


@dataclass(frozen=True, slots=True)
class _Response:
    """An answer as Authlib reads it."""

    answer: Answer

    @property
    def status_code(self) -> int:
        return self.answer.status

    def json(self) -> Any:
        return json.loads(self.answer.body)

    def raise_for_status(self) -> None:
        if self.answer.status != _OK:
            raise DirectoryFailed(f"The directory answered {self.answer.status}.")


@dataclass(frozen=True, slots=True)
class _Session:
    """The guarded client as Authlib posts with it."""

    http: Http

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> _Response:
        target, sent, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _Response(self.http.post(target, body=body.encode(), headers=sent, limits=_LIMITS))


@dataclass
class Directory:
    """The directory that the settings name; ``redirect`` is where it sends people back to."""

    http: Http
    settings: Settings
    redirect: str
    clock: Callable[[], float] = time.monotonic
    _found: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.settings.oidc_name or urlsplit(self.settings.oidc_issuer).hostname or ""

    def begin(self, *, again: bool = False) -> tuple[str, dict[str, str]]:
        """Return where to send somebody, and what must be kept until they come back; ``again``: who is known there too.

        Raises ``DirectoryFailed``.
        """
        from authlib.common.security import generate_token

        kept = {"nonce": generate_token(32), "verifier": generate_token(64), "again": "1" if again else ""}
        more = {"prompt": "login", "max_age": "60"} if again else {}
        url, kept["state"] = self._client().create_authorization_url(
            self._metadata()["authorization_endpoint"], code_verifier=kept["verifier"], nonce=kept["nonce"], **more
        )
        return str(url), kept

    def finish(self, kept: Mapping[str, str], given: Mapping[str, str], now: datetime) -> Mapping[str, Any]:
        """Return what the directory says of whoever came back with the query ``given``. Raises ``DirectoryFailed``."""
        issuer = self.settings.oidc_issuer
        if not kept.get("state") or given.get("state") != kept["state"] or given.get("iss", issuer) != issuer:
            raise DirectoryFailed("The answer does not belong to this sign-in.")
        if given.get("error") or not given.get("code"):
            raise DirectoryFailed(f"The directory refused: {given.get('error', 'no code')[:80]}.")
        try:
            token = self._client().fetch_token(
                self._metadata()["token_endpoint"], grant_type="authorization_code", code=given["code"],
                code_verifier=kept["verifier"],
            )  # fmt: skip
            claims = self._claims(token, kept, now)
            return self._more(claims, str(token.get("access_token", "")))
        except OrtsrufError:
            raise
        except Exception as error:  # Authlib's and joserfc's errors have no common parent
            raise DirectoryFailed(f"The directory's answer cannot be used: {type(error).__name__}.") from error

    def _client(self) -> Any:
        from authlib.oauth2.client import OAuth2Client

        ways = self._metadata().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        method = "client_secret_post" if "client_secret_basic" not in ways else "client_secret_basic"
        secret = self.settings.oidc_client_secret.get_secret_value()
        return OAuth2Client(
            _Session(self.http), self.settings.oidc_client_id, secret or None, scope=self.settings.oidc_scopes,
            redirect_uri=self.redirect, code_challenge_method="S256",
            token_endpoint_auth_method=method if secret else "none",
        )  # fmt: skip

    def _claims(self, token: Mapping[str, Any], kept: Mapping[str, str], now: datetime) -> dict[str, Any]:
        """Return the claims of the ID token once its signature and all that it says of itself are right."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError

        def read(*, fresh: bool) -> Any:
            return jwt.decode(str(token["id_token"]), self._keys(fresh=fresh), algorithms=list(_ALGORITHMS))

        try:
            decoded = read(fresh=False)
        except InvalidKeyIdError:
            decoded = read(fresh=True)  # the directory has new keys
        wanted = {
            "iss": {"essential": True, "value": self.settings.oidc_issuer},
            "aud": {"essential": True, "value": self.settings.oidc_client_id},
        }
        params = {
            "nonce": kept["nonce"], "client_id": self.settings.oidc_client_id,
            "access_token": token.get("access_token"),
        }  # fmt: skip
        claims = CodeIDToken(decoded.claims, decoded.header, wanted, params)
        claims.validate(now=int(now.timestamp()), leeway=_LEEWAY)
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise DirectoryFailed("The directory does not say who it is.")
        if kept.get("again") and now.timestamp() - float(claims.get("auth_time", 0)) > _REAUTHENTICATED:
            raise DirectoryFailed("The directory did not ask for the password again.")
        return dict(claims)

    def _more(self, claims: dict[str, Any], access_token: str) -> dict[str, Any]:
        """Return the claims with those of the UserInfo endpoint, where the token itself names no groups or address."""
        endpoint = self._metadata().get("userinfo_endpoint")
        lacks = self.settings.oidc_groups.partition(".")[0] not in claims or "email" not in claims
        if not endpoint or not access_token or not lacks:
            return claims
        answer = self.http.get(str(endpoint), headers={"Authorization": f"Bearer {access_token}"}, limits=_LIMITS)
        found = _json(answer)
        if found.get("sub") != claims["sub"]:  # OpenID Connect Core, 5.3.2
            raise DirectoryFailed("The directory speaks of two people.")
        return {**found, **claims}

    def _metadata(self) -> dict[str, Any]:
        issuer = self.settings.oidc_issuer
        found = self._got(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != issuer:  # OpenID Connect Discovery, 4.3
            raise DirectoryFailed(f"The directory calls itself {str(found.get('issuer'))[:100]}.")
        if not all(isinstance(found.get(one), str) for one in ("authorization_endpoint", "token_endpoint", "jwks_uri")):
            raise DirectoryFailed("The directory does not say where to sign in.")
        return found

    def _keys(self, *, fresh: bool) -> Any:
        from joserfc.jwk import KeySet

        found: Any = self._got(self._metadata()["jwks_uri"], fresh=fresh)
        return KeySet.import_key_set(found)

    def _got(self, url: str, *, fresh: bool = False) -> dict[str, Any]:
        known = self._found.get(url)
        if known is None or fresh or self.clock() - known[0] > _KEPT:
            known = (self.clock(), _json(self.http.get(url, limits=_LIMITS)))
            self._found[url] = known
        return known[1]


def _json(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body) if answer.status == _OK else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DirectoryFailed(f"The directory answered {answer.status}, and nothing that can be read.")
    return found
