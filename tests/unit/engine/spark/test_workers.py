from __future__ import annotations

import pytest

from graphlink.engine.spark.workers import LIBRARIES, fault_of, versions_of

HERE = {"python": "3.11.7", "igraph": "1.0.0", "numpy": "2.4.6", "pyarrow": "26.0.1"}


@pytest.mark.parametrize(
    ("name", "version", "said"),
    [
        ("python", "3.12.1", "have Python 3.12.1 and this machine has 3.11.7: both need Python 3.11"),
        ("igraph", "0.11.8", "have igraph 0.11.8 and this machine has 1.0.0: both need igraph 1.0.0"),
        ("numpy", "1.26.4", "have numpy 1.26.4 and this machine has 2.4.6: both need numpy 2"),
        ("pyarrow", "", "lack pyarrow, of which this machine has 26.0.1"),
    ],
)
def test_another_version_is_named_with_that_of_this_machine(name: str, version: str, said: str) -> None:
    assert fault_of(HERE | {name: version}, HERE) == f"Spark's workers {said}"


@pytest.mark.parametrize(
    "alike", [{}, {"python": "3.11.0"}, {"numpy": "2.0.0", "pyarrow": "26.9"}], ids=["same", "patch", "minor"]
)
def test_what_gives_the_same_is_no_fault(alike: dict[str, str]) -> None:
    assert fault_of(HERE | alike, HERE) == ""


def test_a_library_that_is_not_there_has_no_version() -> None:
    found = versions_of([*LIBRARIES, "graphlink-is-no-such"])
    assert found["graphlink-is-no-such"] == ""
    assert all(found[name] for name in ("python", *LIBRARIES))
