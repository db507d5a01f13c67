"""Whether a Spark Connect server answers, asked before Spark, which tries for a quarter of an hour."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from graphlink.core.errors import EngineError

_PORT = 15002  # of Spark Connect, where an address names none
SECONDS = 10.0


def check_answers(remote: str, seconds: float = SECONDS) -> None:
    """Connect to the host and port of an address once; an interrupt ends it.

    Args:
        remote: Address of a Spark Connect server, such as sc://host:15002
        seconds: How long to wait.

    Raises:
        EngineError: Nobody answers; names host and port only, since the rest may hold a token.
    """
    parts = urlsplit(remote)
    try:
        host, port = parts.hostname or "", parts.port or _PORT
    except ValueError:
        raise EngineError("the address of the Spark Connect server has no valid port") from None
    try:
        with socket.create_connection((host, port), timeout=seconds):
            pass
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no answer in time"
        raise EngineError(
            f"no Spark Connect server answers at {host}:{port} ({reason}); check the address and "
            "that the server runs"
        ) from None
