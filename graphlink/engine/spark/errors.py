"""Spark's errors as errors of graphlink, without addresses and secrets."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from graphlink.core.credentials import redacted_address, redacted_text
from graphlink.core.errors import EngineError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECTORS = {
    "s3": "hadoop-aws (org.apache.hadoop) and write s3a:// for s3://",
    "s3a": "hadoop-aws (org.apache.hadoop)",
    "gs": "gcs-connector (com.google.cloud.bigdataoss)",
    "abfs": "hadoop-azure (org.apache.hadoop)",
    "abfss": "hadoop-azure (org.apache.hadoop)",
}


@contextmanager
def spark_faults(*addresses: str) -> Iterator[None]:
    """Say what Spark says; it may quote addresses, so neither they nor its own error are passed on."""
    from pyspark.errors import PySparkException

    try:
        yield
    except Exception as error:  # what Java throws comes as it is where Spark has no name for it
        if not isinstance(error, PySparkException) and type(error).__module__.partition(".")[0] != "py4j":
            raise
        raise EngineError(f"Spark: {redacted_text(plain_message(str(error)), *addresses)}") from None


@contextmanager
def reading(where: str, remedy: str = "") -> Iterator[None]:
    """Name the file that an error of Spark is about, with a remedy."""
    try:
        with spark_faults():
            yield
    except EngineError as error:
        connector = CONNECTORS.get(urlsplit(where).scheme)
        hint = f"start Spark with {connector}, if it lacks that" if connector else ""
        remedies = "; ".join(
            filter(None, [remedy or "check the address, and that Spark may read there", hint])
        )
        raise InputError(f"{redacted_address(where)}: {error}; {remedies}") from error


def plain_message(message: str) -> str:
    """The line of a message that says what is wrong: of a worker's Python the last of its traceback."""
    lines = message.splitlines() or [message]
    if len(lines) > 1 and lines[1].startswith(": "):  # of Java's, that below the call
        return lines[1][2:]
    if "Traceback (most recent call last):" not in lines:
        return lines[0]
    traceback = lines[lines.index("Traceback (most recent call last):") + 1 :]
    return next((f"in a worker, {line}" for line in traceback if line and not line.startswith(" ")), lines[0])


def warehouse_remedy(folder: str) -> str:
    """What makes a folder one that Spark can write and read."""
    scheme = urlsplit(folder).scheme
    connector = CONNECTORS.get(scheme)
    if connector:
        return f"Start Spark with {connector}, or name another folder by --spark-warehouse"
    return "Name a folder by --spark-warehouse that all machines of Spark write and read"
