"""Access to the explorer, and the security headers of every response.

A page of another site can make a browser send requests to this machine, and can give its own name this
machine's address (DNS rebinding). So a request must name the server by a name it knows, with its port, and
hold a secret; a request that could act must come from the server's own page.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE_METHODS = frozenset({"GET", "HEAD"})
_LONGEST_TARGET = 8_192
_PROXY = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]]+):(\d{1,5})")
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # The answers are about people: nothing of them belongs in a cache on disk.
    "Cache-Control": "no-store",
}


@dataclass
class Access:
    """The secrets of one server and the names it answers to.

    Attributes:
        port: The port it listens on; its cookie is named after it, as browsers share cookies between ports.
        hosts: Host names and addresses that requests may name, with the server's port; one given as
            `name:port` is that of a proxy before it, with the port that browsers see there.
        token: The bearer token of scripts.
        code: The code of the link that opens the page; it works once.
    """

    port: int
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "::1")
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    code: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _session: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _is_used: bool = False

    @property
    def cookie_name(self) -> str:
        """The name of the session's cookie."""
        return f"graphlink-{self.port}"

    @property
    def cookie_value(self) -> str:
        """A keyed hash, from which neither the token nor the code follows."""
        return hmac.new(self._session, self.cookie_name.encode(), hashlib.sha256).hexdigest()

    def link(self, host: str | None = None) -> str:
        """The address that opens the page, once."""
        return f"{self.origins(host or self.hosts[0])[0]}/?{urlencode({'token': self.code})}"

    def take_code(self, code: str) -> bool:
        """Whether this is the code, used for the first time."""
        is_right = _are_equal(code, self.code) and not self._is_used
        self._is_used = self._is_used or is_right
        return is_right

    def origins(self, *hosts: str) -> list[str]:
        """The origins of the names given, or of all that the server answers to."""
        return [
            f"{scheme}://{authority}"
            for name in hosts or self.hosts
            for scheme in (("https", "http") if _PROXY.fullmatch(name) else ("http",))
            for authority in self.authorities(name)
        ]

    def authorities(self, *hosts: str) -> list[str]:
        """The valid values of a Host header."""
        names = []
        for name in hosts or self.hosts:
            proxy = _PROXY.fullmatch(name)
            host, port = (proxy[1], int(proxy[2])) if proxy else (name, self.port)
            host = f"[{host}]" if ":" in host and not host.startswith("[") else host
            # Browsers leave out the port that a scheme has by itself.
            names += [f"{host}:{port}"] + ([host] if port == 80 or (proxy and port == 443) else [])
        return names

    def is_encrypted(self, authority: str) -> bool:
        """Whether browsers that use this name come through TLS: by a proxy named with port 443."""
        return any(
            proxy[2] == "443" and authority in self.authorities(name)
            for name in self.hosts
            if (proxy := _PROXY.fullmatch(name))
        )

    def knows(self, headers: Headers) -> bool:
        """Whether a request holds the cookie or the token."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and _are_equal(token.strip(), self.token):
            return True
        return any(_are_equal(value, self.cookie_value) for value in cookies_of(headers, self.cookie_name))


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server on this address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """ASGI middleware that refuses requests without access, and adds the headers of every response."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # WebSocket is not used
            await send({"type": "websocket.close", "code": 1008})
            return

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        answer = _unclear_end(scope) or self._refusal(scope) or self.opening(scope)
        await (answer or await self.unknown(scope) or self.app)(scope, receive, guarded_send)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > _LONGEST_TARGET:
            return refusal(414, "too_large", f"the address is longer than {_LONGEST_TARGET:,} characters")
        if headers.getlist("host") not in [[name] for name in self.access.authorities()]:
            return refusal(421, "wrong_host", "the server does not answer to this name")
        if scope["method"] not in {*_SAFE_METHODS, "POST"}:
            return refusal(405, "method", "only GET, HEAD and POST are known here")
        is_site = _comes_from_a_site(headers, self.access.origins())
        if scope["method"] not in _SAFE_METHODS and is_site is not True and not _has_bearer(headers):
            return refusal(403, "cross_site", "the request does not come from the explorer's own page")
        # Data is for the page's own requests; opening the page itself by a link elsewhere does no harm.
        if scope["path"].startswith("/api/") and is_site is False:
            return refusal(403, "cross_site", "the request does not come from the explorer's own page")
        return None

    def opening(self, scope: Scope) -> ASGIApp | None:
        """The answer to the link with the code: the cookie, and on to the page without the code."""
        parameters = (
            parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=200, errors="replace")
            if (scope["path"] == "/" and b"token=" in scope["query_string"])
            else []
        )
        codes = [value for name, value in parameters if name == "token"]
        if not codes:
            return None
        is_known = self.access.knows(Headers(scope=scope))
        if not (self.access.take_code(codes[0]) or is_known):
            return None
        rest = urlencode([(name, value) for name, value in parameters if name != "token"])
        # Not a redirect: a browser that came from elsewhere would not send a SameSite=Strict cookie along.
        page = HTMLResponse(_OPENING.format(target="/?" + rest.replace("&", "&amp;") if rest else "/"))
        page.set_cookie(
            self.access.cookie_name,
            self.access.cookie_value,
            httponly=True,
            samesite="strict",
            path="/",
            secure=self.access.is_encrypted(Headers(scope=scope).get("host", "")),
        )
        return page

    async def unknown(self, scope: Scope) -> ASGIApp | None:
        """The refusal of a request without access; None for one that has it."""
        if self.access.knows(Headers(scope=scope)):
            return None
        if scope["path"] == "/":
            return HTMLResponse(_NO_TOKEN, 401)
        return refusal(
            401, "no_token", "open the link that `graphlink explore` printed, or send its bearer token"
        )


def refusal(status: int, code: str, message: str) -> JSONResponse:
    """An error in the form of every route."""
    return JSONResponse({"error": {"code": code, "message": message}}, status)


def _unclear_end(scope: Scope) -> ASGIApp | None:
    """The refusal of a request of which a proxy and this server may differ on where it ends.

    RFC 9112, section 6.1: such a request may be smuggling another, so its connection is closed.
    """
    headers = Headers(scope=scope)
    is_short = "content-length" in headers or scope.get("http_version") == "1.0"
    if not (is_short and "transfer-encoding" in headers):
        return None
    answer = refusal(400, "bad_request", "it is not clear where the body ends")
    answer.headers["connection"] = "close"
    return answer


def _comes_from_a_site(headers: Headers, origins: Iterable[str]) -> bool | None:
    """Whether a browser sends the request for the server's own page; None when no header shows it."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if origin is not None and origin not in origins:
        return False
    if site is not None:
        # `none`: the user typed the address, which no other site can make happen.
        return site == "same-origin" or (site == "none" and origin is None and _is_navigation(headers))
    return True if origin is not None else None


def _is_navigation(headers: Headers) -> bool:
    return headers.get("sec-fetch-mode") == "navigate"


def _has_bearer(headers: Headers) -> bool:
    """Whether a script sends its token; a page of another site can't add this header without permission."""
    is_browser = "origin" in headers or "sec-fetch-site" in headers
    return headers.get("authorization", "").lower().startswith("bearer ") and not is_browser


def cookies_of(headers: Headers, name: str) -> list[str]:
    """The values of all cookies of a name."""
    values = []
    for header in headers.getlist("cookie"):
        for pair in header.split(";"):
            try:
                cookie = SimpleCookie(pair.strip())
            except CookieError:
                continue
            if name in cookie:
                values.append(cookie[name].value)
    return values


def _are_equal(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())


_OPENING = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>graphlink</title>
<meta http-equiv="refresh" content="0; url={target}"></head>
<body><p><a href="{target}">Open the explorer</a></p></body></html>
"""
_NO_TOKEN = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>graphlink</title></head>
<body><h1>This page needs its link</h1>
<p>Open the link that <code>graphlink explore</code> printed. It works once, in one browser; start the
command again for another.</p></body></html>
"""
