"""Sign-in by OpenID Connect: the code flow with PKCE, state and nonce, and a signed cookie afterwards."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anyio
from anyio import to_thread
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from graphlink.core.errors import SettingsError
from graphlink.explorer.guard import cookies_of, is_loopback
from graphlink.team.guard import SIGN_IN
from graphlink.team.person import Person, is_name

try:
    from authlib.common.security import generate_token
    from authlib.integrations.requests_client import OAuth2Session
    from authlib.oidc.core import CodeIDToken
    from itsdangerous import BadData, URLSafeTimedSerializer
    from joserfc import jwt
    from joserfc.jwk import KeySet
except ImportError as error:  # a part of the extra is missing
    raise SettingsError("to sign people in needs Authlib: pip install 'graphlink[team]'") from error

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.requests import Request

    from graphlink.explorer.guard import Access
    from graphlink.workspace.team_settings import SignIn, TeamSettings

CALLBACK = f"{SIGN_IN}/callback"
SIGN_OUT = "/sign-out"
_SCOPE = "openid email profile"
_SECONDS_TO_SIGN_IN = 600
_PATIENCE_S = 10.0  # for the provider
_LEEWAY_S = 120  # by which its clock may differ
# Signatures by a key of the provider; "none" and those by a shared secret are not taken.
_ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
_MOST_SIGNED_OUT = 100_000
_AT_ONCE = 8
"""Sign-ins that wait for the provider at once; the rest of the server keeps its threads meanwhile."""


class SignInError(Exception):
    """A sign-in that did not succeed; for the person, without details of the provider."""


class Provider:
    """A provider of OpenID Connect as its metadata describe it.

    Args:
        settings: Its address and what it knows this server as.
        secret: The secret that it gave to this server; empty for a public client.
    """

    def __init__(self, settings: SignIn, secret: str = "") -> None:
        _check_address(settings.issuer)
        self._settings = settings
        self._secret = secret
        self._metadata: dict[str, Any] = {}

    def address_of(self, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """The address to which a browser is sent to sign in.

        Raises:
            SignInError: The provider can't be reached, or is not what the settings name.
        """
        metadata = self._known()
        session = self._session(redirect)
        address, _ = session.create_authorization_url(
            metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
        )
        return str(address)

    def claims_of(self, redirect: str, code: str, nonce: str, verifier: str) -> dict[str, Any]:
        """The verified claims about who signed in.

        Raises:
            SignInError: The code, the signature or a claim is not right.
        """
        metadata = self._known()
        try:
            token = self._session(redirect).fetch_token(
                metadata["token_endpoint"], grant_type="authorization_code", code=code,
                code_verifier=verifier, timeout=_PATIENCE_S, allow_redirects=False,
            )  # fmt: skip
            listed: Any = self._read(metadata["jwks_uri"])
            keys = KeySet.import_key_set(listed)
            decoded = jwt.decode(token["id_token"], keys, algorithms=_ALGORITHMS)
            options = {
                "iss": {"essential": True, "value": self._settings.issuer},
                "aud": {"essential": True, "value": self._settings.client_id},
            }
            about = {"nonce": nonce, "client_id": self._settings.client_id}
            claims = CodeIDToken(decoded.claims, decoded.header, options, about)
            claims.validate(leeway=_LEEWAY_S)
        except SignInError:
            raise
        except Exception as error:  # a provider may answer anything, and its words are not shown
            raise SignInError("the provider's answer does not hold; sign in again") from error
        return dict(claims)

    def _session(self, redirect: str) -> Any:
        return OAuth2Session(
            self._settings.client_id,
            self._secret or None,
            scope=_SCOPE,
            redirect_uri=redirect,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
        )

    def _known(self) -> dict[str, Any]:
        """The provider's metadata, read once."""
        if not self._metadata:
            issuer = self._settings.issuer
            metadata = self._read(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if metadata.get("issuer") != issuer:
                raise SignInError("the provider names another issuer than the settings")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _check_address(str(metadata.get(name, "")), SignInError)
            self._metadata = metadata
        return self._metadata

    def _read(self, address: str) -> dict[str, Any]:
        session = OAuth2Session()
        try:
            answer = session.get(address, timeout=_PATIENCE_S, allow_redirects=False, withhold_token=True)
            content = answer.json() if answer.status_code == 200 else None
        except (OSError, ValueError):
            content = None
        finally:
            session.close()
        if not isinstance(content, dict):
            raise SignInError("the provider can't be reached; try again")
        return content


@dataclass
class SignInPages:
    """The pages of a sign-in, and who is signed in.

    Attributes:
        provider: The provider.
        settings: Who has which role.
        access: The names that the server answers to.
        origin: The origin under which browsers see this server.
    """

    provider: Provider
    settings: TeamSettings
    access: Access
    origin: str
    # Made at the start: whoever was signed in before a start signs in again.
    _secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    _signed_out: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _limiter: anyio.CapacityLimiter | None = None

    def routes(self) -> list[Route]:
        """The routes of the pages."""
        return [
            Route(SIGN_IN, self._begin, methods=["GET"]),
            Route(CALLBACK, self._end, methods=["GET"]),
            Route(SIGN_OUT, self._sign_out, methods=["POST"]),
        ]

    def person_of(self, headers: Headers) -> Person | None:
        """Who holds the cookie of a session; roles are those of the settings now."""
        held = self._session_of(headers)
        if held is None:
            return None
        return Person(held["name"], self.settings.roles_of(held["name"], held["groups"]), "sign_in")

    async def _begin(self, request: Request) -> Response:
        held = {name: generate_token(48) for name in ("state", "nonce", "verifier")}
        try:
            address = await to_thread.run_sync(
                self.provider.address_of,
                self._redirect,
                held["state"],
                held["nonce"],
                held["verifier"],
                limiter=self._own_limiter(),
            )
        except SignInError as error:
            return _page("Not signed in", str(error), 502)
        answer = RedirectResponse(address, 303)
        self._set(answer, request, self._begun_name, self._signer("begun").dumps(held), _SECONDS_TO_SIGN_IN)
        return answer

    async def _end(self, request: Request) -> Response:
        try:
            person, groups = await to_thread.run_sync(self._signed_in, request, limiter=self._own_limiter())
        except SignInError as error:
            answer: Response = _page("Not signed in", str(error), 403)
        else:
            session = {"id": secrets.token_urlsafe(16), "name": person.name, "groups": groups}
            answer = RedirectResponse("/", 303)
            value = self._signer("session").dumps(session)
            self._set(answer, request, self._session_name, value, self._seconds)
        answer.delete_cookie(self._begun_name, path=SIGN_IN)
        return answer

    def _signed_in(self, request: Request) -> tuple[Person, list[str]]:
        """Who came back from the provider, with those of the groups that the settings name."""
        begun = self._begun_of(request.headers)
        given = request.query_params
        if begun is None or not hmac.compare_digest(begun["state"].encode(), given.get("state", "").encode()):
            raise SignInError("the sign-in was not begun in this browser, or took too long; sign in again")
        if not given.get("code"):
            raise SignInError("the provider refused the sign-in")
        claims = self.provider.claims_of(self._redirect, given["code"], begun["nonce"], begun["verifier"])
        sign_in = self.settings.sign_in
        name = claims.get(sign_in.name_claim if sign_in else "")
        if not isinstance(name, str) or not is_name(name):
            raise SignInError("the provider does not state the claim that names people")
        # Some providers state it as text or a number: whatever is not plainly true is not verified.
        is_verified = claims.get("email_verified", True) is True
        if sign_in and sign_in.name_claim == "email" and not is_verified:
            raise SignInError("the provider has not verified the e-mail address")
        stated = claims.get(sign_in.groups_claim if sign_in else "", [])
        stated = [stated] if isinstance(stated, str) else stated
        listed = stated if isinstance(stated, list) else []
        groups = [group for group in listed if isinstance(group, str) and group in self.settings.groups]
        person = Person(name.strip(), self.settings.roles_of(name.strip(), groups), "sign_in")
        if not person.roles:
            raise SignInError("you have no role in this workspace; ask its administrator for one")
        return person, groups

    async def _sign_out(self, request: Request) -> Response:
        held = self._session_of(request.headers)
        if held is not None:
            with self._lock:
                now = time.monotonic()
                kept = {one: until for one, until in self._signed_out.items() if until > now}
                kept[held["id"]] = now + self._seconds
                self._signed_out = dict(list(kept.items())[-_MOST_SIGNED_OUT:])
        answer = Response(status_code=204)
        answer.delete_cookie(self._session_name, path="/")
        return answer

    def _own_limiter(self) -> anyio.CapacityLimiter:
        """Made by the first sign-in, in the event loop that it counts for."""
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        return self._limiter

    def _session_of(self, headers: Headers) -> dict[str, Any] | None:
        held = self._loaded(headers, self._session_name, "session", self._seconds)
        return None if held is None or held["id"] in self._signed_out else held

    def _begun_of(self, headers: Headers) -> dict[str, Any] | None:
        return self._loaded(headers, self._begun_name, "begun", _SECONDS_TO_SIGN_IN)

    def _loaded(self, headers: Headers, name: str, purpose: str, seconds: int) -> dict[str, Any] | None:
        for value in cookies_of(headers, name):
            try:
                held: dict[str, Any] = self._signer(purpose).loads(value, max_age=seconds)
            except BadData:  # nobody's signature, or an old one
                continue
            return held
        return None

    def _signer(self, purpose: str) -> Any:
        return URLSafeTimedSerializer(self._secret, salt=purpose)

    def _set(self, answer: Response, request: Request, name: str, value: str, seconds: int) -> None:
        # Lax: the browser comes back from the provider's site, and a strict cookie would not come along.
        answer.set_cookie(
            name,
            value,
            max_age=seconds,
            path=SIGN_IN if name == self._begun_name else "/",
            secure=self.access.is_encrypted(request.headers.get("host", "")),
            httponly=True,
            samesite="lax",
        )

    @property
    def _redirect(self) -> str:
        return self.origin + CALLBACK

    @property
    def _session_name(self) -> str:
        return f"{self.access.cookie_name}-session"

    @property
    def _begun_name(self) -> str:
        return f"{self.access.cookie_name}-begun"

    @property
    def _seconds(self) -> int:
        return (self.settings.sign_in.hours if self.settings.sign_in else 1) * 3_600


def _check_address(address: str, fault: type[Exception] = SettingsError) -> None:
    """Raise unless an address is encrypted, or on this machine."""
    parts = urlsplit(address)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    if not is_safe or not parts.hostname:
        raise fault(f"team.sign_in: {address!r} is no https address")


def _page(title: str, text: str, status: int) -> HTMLResponse:
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>graphlink</title></head>'
        f'<body><h1>{escape(title)}</h1><p>{escape(text)}</p><p><a href="{SIGN_IN}">Sign in</a></p>'
        "</body></html>",
        status,
    )
