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
    from graphlink.api.functions import compare, evaluate, leave_out, redact
    from graphlink.api.results import Result, read_result, run
    from graphlink.core.parameters import Parameters
    from graphlink.core.settings import (
        AccountSource,
        EngineSettings,
        FactSettings,
        KindColumn,
        KindSettings,
        Labels,
        Lookup,
        ModelSettings,
        Override,
        Placeholders,
        Pseudonymize,
        Reference,
        Settings,
        Source,
        read_settings,
        settings_from,
        settings_schema,
    )
    from graphlink.evaluation.left_out import LeftOut
    from graphlink.evaluation.whole import Evaluation
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
    from graphlink.pipeline import fit
    from graphlink.progress import Progress
    from graphlink.report import Report
    from graphlink.result.compared import Comparison
    from graphlink.result.redaction import Profile

    __version__: str

__all__ = [
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

_HOMES = {
    "AccountSource": "core.settings",
    "Comparison": "result.compared",
    "EngineSettings": "core.settings",
    "Evaluation": "evaluation.whole",
    "FactSettings": "core.settings",
    "KindColumn": "core.settings",
    "KindSettings": "core.settings",
    "Labels": "core.settings",
    "LeftOut": "evaluation.left_out",
    "Lookup": "core.settings",
    "Model": "model.parameters",
    "ModelSettings": "core.settings",
    "Override": "core.settings",
    "Parameters": "core.parameters",
    "Placeholders": "core.settings",
    "Profile": "result.redaction",
    "Progress": "progress",
    "Pseudonymize": "core.settings",
    "Reference": "core.settings",
    "Report": "report",
    "Result": "api.results",
    "Settings": "core.settings",
    "Source": "core.settings",
    "Update": "monitoring",
    "Workspace": "monitoring",
    "compare": "api.functions",
    "estimate_collateral": "explanations",
    "evaluate": "api.functions",
    "explain_cluster": "explanations",
    "explain_member": "explanations",
    "explain_pair": "explanations",
    "find_breaks": "explanations",
    "find_paths": "explanations",
    "fit": "pipeline",
    "leave_out": "api.functions",
    "load_model": "model.saved",
    "open_workspace": "monitoring",
    "read_result": "api.results",
    "read_settings": "core.settings",
    "redact": "api.functions",
    "run": "api.results",
    "settings_from": "core.settings",
    "settings_schema": "core.settings",
    "try_without": "explanations",
}


def __getattr__(name: str) -> Any:
    """Import the module of a public name on first use, so that the command line starts fast."""
    if name == "__version__":
        from importlib.metadata import version

        return version("graphlink")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
