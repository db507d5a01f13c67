"""What readers may see of the run: versions, the model's settings, counts; no names of the input."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from graphlink.result.coarsening import COUNTS
from graphlink.result.profiles import NONE, PLAIN
from graphlink.result.redaction.sentences import shown_count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphlink.result.profiles import Profile
    from graphlink.result.redaction.names import Names

_DIGEST = re.compile("[0-9a-f]{64}")


def redact_manifest(manifest: Mapping[str, Any], profile: Profile, names: Names) -> dict[str, Any]:
    """The manifest of a run as a profile shows it."""
    settings = manifest.get("settings", {})
    redacted = {name: manifest[name] for name in ("format", "graphlink", "versions") if name in manifest}
    redacted["settings"] = {
        name: settings[name] for name in ("model", "parameters", "seed", "kinds") if name in settings
    }
    redacted["tables"] = {name: {"rows": facts["rows"]} for name, facts in manifest["tables"].items()}
    redacted["steps"] = [_step(step, profile, names) for step in manifest.get("steps", ())]
    redacted["redacted"] = {"profile": profile.name, "what": list(profile.sentences())}
    if profile.provenance != NONE:
        redacted["fingerprint"] = manifest.get("fingerprint", "")
        redacted["inputs"] = sorted(set(_digests_in(manifest.get("steps", ()))))
    if profile.times == PLAIN:
        clock = manifest.get("this_run", {})
        redacted["this_run"] = {name: clock[name] for name in ("started_at", "finished_at") if name in clock}
    return redacted


def _step(step: Mapping[str, Any], profile: Profile, names: Names) -> dict[str, Any]:
    facts = {name: fact for name, fact in step.get("facts", {}).items() if _is_number(fact)}
    capped = step.get("facts", {}).get("capped")
    if capped is not None:
        facts["capped"] = [_capped(kind, profile, names) for kind in capped]
    return {"step": step["step"], "rows": dict(step.get("rows", {})), "facts": facts}


def _capped(kind: Mapping[str, Any], profile: Profile, names: Names) -> dict[str, Any]:
    numbers = {name: fact for name, fact in kind.items() if _is_number(fact)}
    largest = [
        {
            "value": names.value(kind["kind"], one["value"]),
            **{
                name: shown_count(profile, fact) if name in COUNTS else fact
                for name, fact in one.items()
                if _is_number(fact)
            },
        }
        for one in kind.get("largest", ())
    ]
    return {"kind": kind["kind"], **numbers, "largest": largest}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)


def _digests_in(value: object) -> list[str]:
    if isinstance(value, dict):
        return [digest for inner in value.values() for digest in _digests_in(inner)]
    if isinstance(value, list | tuple):
        return [digest for inner in value for digest in _digests_in(inner)]
    return [value] if isinstance(value, str) and _DIGEST.fullmatch(value) else []
