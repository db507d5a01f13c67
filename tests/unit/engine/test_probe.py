from __future__ import annotations

import socket

import pytest

from graphlink.core.errors import EngineError
from graphlink.engine.probe import check_answers


def test_a_server_that_answers_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        check_answers(f"sc://127.0.0.1:{server.getsockname()[1]}/;token=hush")


@pytest.mark.parametrize("address", ["sc://127.0.0.1:{}/;token=hush", "sc://me:hush@127.0.0.1:{}"])
def test_nobody_there_is_named_without_what_may_be_secret(address: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(EngineError, match=f"no Spark Connect server answers at 127.0.0.1:{port}") as caught:
        check_answers(address.format(port), seconds=2)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("address", ["sc://127.0.0.1:port/;token=hush", "sc://127.0.0.1:99999/;token=hush"])
def test_a_port_that_is_none_is_named(address: str) -> None:
    with pytest.raises(EngineError, match="no valid port") as caught:
        check_answers(address)
    assert "hush" not in str(caught.value)
