"""Whether what listens at an address speaks Spark Connect, asked before Spark, which waits far longer."""

from __future__ import annotations

from urllib.parse import urlsplit

from graphlink.core.errors import EngineError
from graphlink.engine.probe import SECONDS


def check_speaks(remote: str, seconds: float = SECONDS) -> None:
    """Open a channel to a server of Spark Connect, as its client would; nothing is asked of it.

    Args:
        remote: Address of a Spark Connect server, such as sc://host:15002/;use_ssl=true. The client takes
            the token from SPARK_CONNECT_AUTHENTICATE_TOKEN.
        seconds: How long to wait.

    Raises:
        EngineError: Something listens there, but does not speak Spark Connect.
    """
    from pyspark.errors import PySparkException
    from pyspark.sql.connect.client import DefaultChannelBuilder
    from pyspark.sql.connect.client.core import grpc  # as Spark's client has it, which brings it

    try:
        channel = DefaultChannelBuilder(remote).toChannel()
    except (PySparkException, ValueError):
        raise EngineError(
            "the address of the Spark Connect server can't be read; it looks like sc://host:15002/;use_ssl=true"
        ) from None
    try:
        grpc.channel_ready_future(channel).result(timeout=seconds)
    except grpc.FutureTimeoutError:
        host = urlsplit(remote).netloc.rpartition("@")[2]
        raise EngineError(
            f"what listens at {host} does not answer as Spark Connect within {seconds:.0f} s; check the port "
            "(of Connect: 15002), and whether the address needs /;use_ssl=true or must not have it"
        ) from None
    finally:
        channel.close()
