"""graphlink: find accounts likely operated by one organisation, with probabilities and evidence.

Data flows one way: source tables -> observations -> identifiers -> evidence -> links -> membership ->
clusters -> reports, exports and the explorer. `graphlink.pipeline` is the order of the steps and the first
file to read; `graphlink.core.schema` and `graphlink.core.tables` declare the tables between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphlink.core.errors import (
    EngineError,
    GraphlinkError,
    InputError,
    InternalError,
    PluginError,
    ResultError,
    SettingsError,
    TableError,
    WorkspaceError,
)

if TYPE_CHECKING:
    from graphlink.core.settings import EngineSettings, Settings, read_settings, settings_from
    from graphlink.explanations import (
        estimate_collateral,
        explain_cluster,
        explain_member,
        explain_pair,
        find_breaks,
        find_paths,
        try_without,
    )
    from graphlink.model.parameters import Model
    from graphlink.model.saved import load_model
    from graphlink.monitoring import Update, Workspace, open_workspace
    from graphlink.pipeline import Progress, fit, run
    from graphlink.result.result import Result, read_result

__all__ = [
    "EngineError",
    "EngineSettings",
    "GraphlinkError",
    "InputError",
    "InternalError",
    "Model",
    "PluginError",
    "Progress",
    "Result",
    "ResultError",
    "Settings",
    "SettingsError",
    "TableError",
    "Update",
    "Workspace",
    "WorkspaceError",
    "estimate_collateral",
    "explain_cluster",
    "explain_member",
    "explain_pair",
    "find_breaks",
    "find_paths",
    "fit",
    "load_model",
    "open_workspace",
    "read_result",
    "read_settings",
    "run",
    "settings_from",
    "try_without",
]

_HOMES = {
    "EngineSettings": "core.settings",
    "Model": "model.parameters",
    "Progress": "pipeline",
    "Result": "result.result",
    "Settings": "core.settings",
    "Update": "monitoring",
    "Workspace": "monitoring",
    "estimate_collateral": "explanations",
    "explain_cluster": "explanations",
    "explain_member": "explanations",
    "explain_pair": "explanations",
    "find_breaks": "explanations",
    "find_paths": "explanations",
    "fit": "pipeline",
    "load_model": "model.saved",
    "open_workspace": "monitoring",
    "read_result": "result.result",
    "read_settings": "core.settings",
    "run": "pipeline",
    "settings_from": "core.settings",
    "try_without": "explanations",
}


def __getattr__(name: str) -> Any:
    """Import the module of a public name on first use, so that the command line starts fast."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
