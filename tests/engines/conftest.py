"""Engines to ask the same of: Sail speaks Spark Connect in this process and needs no Java."""

from __future__ import annotations

import importlib.util
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def sail() -> Iterator[str]:
    """Address of a Sail server."""
    for library in ("pysail", "pyspark"):
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed; pip install -e '.[test]'")
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    yield f"sc://127.0.0.1:{server.listening_address[1]}"
    server.stop()


@pytest.fixture
def java() -> str:
    """A Java for a Spark of this machine."""
    if importlib.util.find_spec("pyspark") is None or importlib.util.find_spec("py4j") is None:
        pytest.skip("pyspark is not installed; pip install -e '.[test]'")
    actual = shutil.which("java")
    if actual is None:
        pytest.skip("no Java on the PATH; apt-get install default-jre-headless")
    return actual
