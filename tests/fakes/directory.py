"""A county's directory: an OpenID Connect provider on loopback that speaks the real protocol, and lies when told to."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

CLIENT, SECRET = "ortsruf", "geheimnis-des-verzeichnisses"
_RSA = RSAKey.generate_key(2048, {"kid": "rsa-1"}, private=True)


@dataclass
class FakeDirectory:
    """Knows people by their claims; ``lies`` change what it says of them."""

    now: Callable[[], datetime]
    address: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: _RSA)
    signs_with: Any = None  # another key than it publishes
    algorithm: str = "RS256"
    userinfo: dict[str, Any] | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    posts: list[dict[str, str]] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def knows(self, subject: str, *groups: str, **claims: Any) -> None:
        """Let this person sit before the browser."""
        self.person = {"sub": subject, "groups": list(groups), "name": subject.title(),
                       "email": f"{subject}@kreis.example", "email_verified": True, **claims}  # fmt: skip

    def rotates(self) -> None:
        """Sign with a new key from now on."""
        self.key, self.algorithm = ECKey.generate_key("P-256", {"kid": secrets.token_hex(4)}, private=True), "ES256"

    def visits(self, url: str) -> str:
        """Sign the person in, as their browser would at the address it was sent to; return where it is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert url.startswith(f"{self.address}/authorize?")
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert "openid" in asked["scope"]
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}&iss={self.address}"

    def answers(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, dict[str, Any]]:
        """Answer one request."""
        path = urlsplit(target).path
        if path == "/.well-known/openid-configuration":
            return 200, self._discovery()
        if path == "/authorize":  # a real browser is known there, and sent back at once
            return 302, {"location": self.visits(self.address + target)}
        if path == "/jwks":
            return 200, {"keys": [self.key.as_dict(private=False)]}
        if path == "/userinfo" and headers.get("Authorization") == "Bearer schluessel":
            return 200, self.userinfo or {}
        if path == "/token" and method == "POST":
            return self._token({name: values[0] for name, values in parse_qs(body.decode()).items()}, headers)
        return 404, {}

    def _discovery(self) -> dict[str, Any]:
        found = {
            "issuer": self.address, "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token", "jwks_uri": f"{self.address}/jwks",
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [self.algorithm], "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }  # fmt: skip
        if self.userinfo is not None:
            found["userinfo_endpoint"] = f"{self.address}/userinfo"
        return {**found, **self.metadata}

    def _token(self, form: dict[str, str], headers: Any) -> tuple[int, dict[str, Any]]:
        self.posts.append(form)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self._codes.pop(form.get("code", ""), None)  # a code works once
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if headers.get("Authorization") != f"Basic {basic}":
            return 401, {"error": "invalid_client"}
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        at = int(self.now().timestamp())
        claims = {
            "iss": self.address, "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": asked["nonce"], "auth_time": at,
            **self.person, **self.lies,
        }  # fmt: skip
        header = {"alg": self.algorithm, "kid": getattr(self.key, "kid", None)}
        token = jwt.encode(header, claims, self.signs_with or self.key, algorithms=[self.algorithm])
        return 200, {"access_token": "schluessel", "token_type": "Bearer", "id_token": token}


def shared_secret() -> OctKey:
    """Return our own client secret as a key: whoever knows it could sign with HMAC."""
    return OctKey.import_key(SECRET, {"kid": "rsa-1"})


@contextmanager
def serving(now: Callable[[], datetime]) -> Iterator[FakeDirectory]:
    """Serve a directory on a free port of loopback."""
    found = FakeDirectory(now)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, data = found.answers(self.command, self.path, self.headers, body)
            sent = json.dumps(data).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", data["location"])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = _answer  # noqa: N815 - http.server's names

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
