"""The public names are exactly these, and each is what it says."""

from __future__ import annotations

import importlib.metadata
import inspect
import subprocess
import sys

import pytest

import graphlink
from graphlink.core import settings as settings_module

NAMES = [
    "AccountSource",
    "Comparison",
    "EngineError",
    "EngineSettings",
    "Evaluation",
    "FactSettings",
    "GraphlinkError",
    "InputError",
    "InternalError",
    "KindColumn",
    "KindSettings",
    "Labels",
    "LeftOut",
    "Lookup",
    "Model",
    "ModelSettings",
    "Override",
    "Parameters",
    "Placeholders",
    "PluginError",
    "Profile",
    "Progress",
    "Pseudonymize",
    "Reference",
    "Report",
    "Result",
    "ResultError",
    "Settings",
    "SettingsError",
    "Source",
    "TableError",
    "Update",
    "Workspace",
    "WorkspaceError",
    "compare",
    "estimate_collateral",
    "evaluate",
    "explain_cluster",
    "explain_member",
    "explain_pair",
    "find_breaks",
    "find_paths",
    "fit",
    "leave_out",
    "load_model",
    "open_workspace",
    "read_result",
    "read_settings",
    "redact",
    "run",
    "settings_from",
    "settings_schema",
    "try_without",
]


def test_the_public_names_are_these() -> None:
    assert graphlink.__all__ == NAMES
    assert dir(graphlink) == sorted([*NAMES, "__version__"])


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_loads_and_states_what_it_is(name: str) -> None:
    actual = getattr(graphlink, name)
    assert actual.__name__ == name
    assert inspect.getdoc(actual)


def test_the_version_is_that_of_the_distribution() -> None:
    assert graphlink.__version__ == importlib.metadata.version("graphlink")


def test_every_part_of_the_settings_is_public() -> None:
    parts = [name for name in settings_module.__all__ if not name.isupper()]
    assert sorted(set(parts) - set(NAMES)) == []


def test_every_error_is_a_graphlink_error() -> None:
    for name in NAMES:
        if name.endswith("Error"):
            assert issubclass(getattr(graphlink, name), graphlink.GraphlinkError)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        getattr(graphlink, "nothing")  # noqa: B009  mypy knows that it is not there


def test_the_package_starts_without_heavy_libraries() -> None:
    code = "import graphlink, sys; print([m for m in ('duckdb', 'pandas', 'pyarrow') if m in sys.modules])"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"


def test_the_module_runs_as_a_command() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "graphlink", "--version"], capture_output=True, text=True, check=True
    )
    assert process.stdout.startswith("graphlink, version 0.")


def test_every_step_of_the_pipeline_is_a_documented_function() -> None:
    from graphlink.pipeline import steps

    for step in steps(explains_all=True):
        assert next(iter(inspect.signature(step.function).parameters)) == "engine"
        assert inspect.getdoc(step.function)
