"""Servers that do not answer as Spark Connect, and the token, which comes from the environment alone."""

from __future__ import annotations

import concurrent.futures
import socket
from typing import TYPE_CHECKING, Any

import pytest

from graphlink.core.errors import EngineError, SettingsError
from graphlink.core.settings import EngineSettings
from graphlink.engine.spark import SparkEngine
from graphlink.engine.spark.connection import check_speaks

if TYPE_CHECKING:
    from collections.abc import Iterator

grpc = pytest.importorskip("grpc", reason="graphlink[spark] is not installed")
pytestmark = pytest.mark.filterwarnings(
    "ignore:PySpark does not yet:FutureWarning", "ignore::ResourceWarning"
)
TOKEN = "SPARK_CONNECT_AUTHENTICATE_TOKEN"


def test_what_listens_and_says_nothing_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(EngineError, match=f"127.0.0.1:{port} does not answer as Spark Connect") as caught:
            check_speaks(f"sc://me:hush@127.0.0.1:{port}", seconds=0.5)
    assert "use_ssl" in str(caught.value)
    assert "hush" not in str(caught.value)


class _Refusing:
    """Refuses every call, and keeps what the client said of itself."""

    def __init__(self) -> None:
        self.heard: list[dict[str, str]] = []

    def service(self, details: Any) -> Any:
        self.heard.append(dict(details.invocation_metadata))

        def refuse(_: bytes, context: Any) -> None:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "the token hush-hush is not known")

        return grpc.unary_unary_rpc_method_handler(refuse)


@pytest.fixture
def refusing() -> Iterator[tuple[_Refusing, int]]:
    handler = _Refusing()
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(2), handlers=[handler])
    port = server.add_secure_port("localhost:0", grpc.local_server_credentials())
    server.start()
    yield handler, port
    server.stop(None).wait()


def test_the_token_of_the_environment_is_sent_and_never_shown(
    refusing: tuple[_Refusing, int], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    handler, port = refusing
    monkeypatch.setenv(TOKEN, "hush-hush")
    with pytest.raises(EngineError) as caught:
        SparkEngine(f"sc://localhost:{port}")
    assert "Bearer hush-hush" in {heard.get("authorization") for heard in handler.heard}
    assert "hush" not in f"{caught.value!r} {caught.value.__cause__!r} {capfd.readouterr()}"


@pytest.mark.parametrize(
    "remote",
    [
        "sc://host:443/;use_ssl=true;token=hush",
        "sc://host/;x-my-authorization=hush",
        "sc://me:hush@host:15002",
    ],
)
def test_no_secret_stands_in_settings(remote: str) -> None:
    with pytest.raises(SettingsError, match=TOKEN) as caught:
        EngineSettings(name="spark", remote=remote)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "remote", ["sc://host:15002", "sc://host:443/;use_ssl=true;x-databricks-cluster-id=1"]
)
def test_addresses_without_a_secret_are_taken(remote: str) -> None:
    assert EngineSettings(name="spark", remote=remote).remote == remote
