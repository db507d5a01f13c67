"""The index of the sample, which most answers of the explorer are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphlink.explorer.index import Index

if TYPE_CHECKING:
    from graphlink.result.result import Result


@pytest.fixture(scope="module")
def index(sample_result: Result) -> Index:
    made = Index(sample_result)
    made.read()
    assert made.fault == ""
    return made
