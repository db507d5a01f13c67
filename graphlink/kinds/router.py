"""Third-party routers: the host of a URL, or a name."""

from __future__ import annotations

import re
import unicodedata

from graphlink.kinds.cleaning import named
from graphlink.kinds.contact import ascii_domain
from graphlink.kinds.ip import parse_address
from graphlink.kinds.spelling import spelled

_URL = re.compile(
    r"(?:([a-z][a-z0-9+.-]*)://)?(?:[^/?#@]*@)?(\[[0-9a-f:.]+\]|[^/?#:\[\]@]+)(:[0-9]{1,5})?([/?#].*)?"
)


def clean_router(value: str) -> str:
    """The host of a URL, or of a host with its port; any other name in small letters."""
    text = unicodedata.normalize("NFC", named(value).lower())
    found = _URL.fullmatch(text)
    if found is None:
        return text
    scheme, host, port, rest = found.groups()
    if host.startswith("["):
        return str(parse_address(host) or text)
    domain = ascii_domain(host)
    if domain:
        return domain
    # A name without a dot is a host only where it is written like one.
    return spelled(host) or text if scheme or (port and rest in (None, "", "/")) else text
