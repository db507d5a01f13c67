"""A provider of OpenID Connect for tests, made with the server side of Authlib, on this machine."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Error, OAuth2Request, grants
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import RSAKey

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENT_ID, SECRET = "graphlink", "of the client"


class _Client(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    redirect = ""

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_default_redirect_uri(self) -> str:
        return self.redirect

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


class _Code:
    def __init__(self, request: Any) -> None:
        given = request.payload
        self.redirect, self.scope, self.nonce = given.redirect_uri, given.scope, given.data.get("nonce")
        self.code_challenge = given.data.get("code_challenge")
        self.code_challenge_method = given.data.get("code_challenge_method")

    def get_redirect_uri(self) -> str:
        return str(self.redirect)

    def get_scope(self) -> str:
        return str(self.scope)

    def get_nonce(self) -> Any:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class _Request(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    def __init__(self, method: str, uri: str, form: dict[str, str], headers: dict[str, str]) -> None:
        super().__init__(method, uri, headers=headers)
        self.given_form, self.given_args = form, dict(parse_qsl(urlsplit(uri).query))
        self.payload = BasicOAuth2Payload(self.given_args | form)

    @property
    def form(self) -> dict[str, str]:
        return self.given_form

    @property
    def args(self) -> dict[str, str]:
        return self.given_args


class _Grant(grants.AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    def save_authorization_code(self, code: str, request: Any) -> None:
        self.server.codes[code] = _Code(request)

    def query_authorization_code(self, code: str, client: Any) -> Any:
        return self.server.codes.get(code)

    def delete_authorization_code(self, authorization_code: Any) -> None:
        kept = {code: one for code, one in self.server.codes.items() if one is not authorization_code}
        self.server.codes = kept

    def authenticate_user(self, authorization_code: Any) -> Any:
        return self.server.claims


class _IdToken(OpenIDCode):  # type: ignore[misc]  # Authlib has no types
    def __init__(self, provider: Any) -> None:
        super().__init__(require_nonce=True)
        self.provider = provider

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return False

    def resolve_client_private_key(self, client: Any) -> Any:
        return self.provider.other_key if "key" in self.provider.faults else self.provider.key

    def get_client_algorithm(self, client: Any) -> str:
        return "RS512" if "algorithm" in self.provider.faults else "RS256"

    def get_encode_header(self, client: Any) -> dict[str, str]:
        return {"alg": self.get_client_algorithm(client), "kid": "k1"}

    def get_client_claims(self, client: Any) -> dict[str, Any]:
        faults, now = self.provider.faults, int(time.time())
        end = now - 3_600 if "expired" in faults else now + 300
        return {
            "iss": "https://evil.example" if "issuer" in faults else self.provider.issuer,
            "aud": ["another"] if "audience" in faults else [CLIENT_ID],
            "exp": end,
            "iat": end - 300,
        }

    def generate_user_info(self, user: Any, scope: str) -> Any:
        more = {"nonce": "another"} if "nonce" in self.provider.faults else {}
        return UserInfo({**user, **more})


class Provider(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """A provider and who signs in there next.

    Attributes:
        claims: The claims about who signs in.
        faults: What it does wrong: `nonce`, `issuer`, `audience`, `key`, `expired`, `algorithm`.
    """

    def __init__(self) -> None:
        super().__init__(["openid", "email", "profile"])
        self.issuer = ""
        self.client = _Client()
        self.claims: dict[str, Any] = {"sub": "1", "email": "ana@example.com", "groups": ["ts", "all"]}
        self.faults: set[str] = set()
        self.codes: dict[str, _Code] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "k1"})
        self.other_key = RSAKey.generate_key(2048, {"kid": "k1"})
        self.register_grant(_Grant, [_IdToken(self), CodeChallenge(required=True)])
        self.register_token_generator("default", BearerTokenGenerator(lambda **_: "access"))

    def query_client(self, client_id: str) -> Any:
        return self.client if client_id == CLIENT_ID else None

    def save_token(self, token: Any, request: Any) -> None:
        pass

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        pass

    def create_oauth2_request(self, request: Any) -> Any:
        return request if isinstance(request, OAuth2Request) else _Request(*request)

    def handle_response(self, status: int, body: Any, headers: Any) -> Any:
        return status, body, headers

    def answer(self, method: str, path: str, form: dict[str, str], headers: dict[str, str]) -> Any:
        """The status, the body and the headers of the answer to a request."""
        address = f"{self.issuer}{path}"
        route = urlsplit(path).path
        if route == "/.well-known/openid-configuration":
            return 200, self.metadata(), []
        if route == "/keys":
            return 200, {"keys": [self.key.as_dict(private=False) | {"use": "sig", "alg": "RS256"}]}, []
        if route == "/authorize":
            asked = self.create_oauth2_request((method, address, form, headers))
            try:
                grant = self.get_consent_grant(asked, self.claims)
            except OAuth2Error as error:
                return 400, {"error": str(error)}, []
            return self.create_authorization_response(asked, grant_user=self.claims, grant=grant)
        if route == "/token":
            return self.create_token_response((method, address, form, headers))
        return 404, {}, []

    def metadata(self) -> dict[str, Any]:
        """What the provider states of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider that listens on this machine."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply({})

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._reply(dict(parse_qsl(content)))

        def _reply(self, form: dict[str, str]) -> None:
            status, body, headers = provider.answer(self.command, self.path, form, dict(self.headers))
            content = json.dumps(body).encode() if isinstance(body, dict) else str(body or "").encode()
            self.send_response(status)
            for name, value in headers:
                if name.lower() != "content-length":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield provider
        server.shutdown()
