"""Pages that are one file: scripts and styles stand in them, and a policy forbids all else.

pyvis' own template loads from other hosts and runs what the data holds, so of pyvis only its model and the
vis-network that its wheel brings are used.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from importlib import resources
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from graphlink.render.escape import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_VIS = "templates/lib/vis-9.1.2/vis-network"
_FORBIDDEN = re.compile("[\x7f-\x9f]")  # control characters that HTML forbids; one stands in a string of it


class Finished(str):
    """Text that a template puts in as it is: our own scripts and styles, and escaped JSON."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def vis_script() -> str:
    """The script of vis-network."""
    return _FORBIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", _vis(".min.js"))


def vis_style() -> str:
    """The style of vis-network, whose pictures are in it."""
    return _vis(".css")


def own_file(name: str) -> str:
    """A script or style of this folder."""
    return (resources.files("graphlink.export.page") / name).read_text(encoding="utf-8")


def drawing_parts() -> str:
    """The script that folds and labels as the explorer does; empty where the front end was not built."""
    built = resources.files("graphlink") / "static" / "page-parts.js"
    return built.read_text(encoding="ascii") if built.is_file() else ""


def json_text(value: object) -> Finished:
    """JSON that can stand inside a script element."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Finished(text)


def render_page(template: str, scripts: Sequence[str], style: str, values: Mapping[str, Any]) -> str:
    """Make a page of a template of this folder.

    Args:
        template: Its name.
        scripts: The scripts that it has, in order, as `scripts`; empty ones are left out.
        style: The style that it has, as `style`.
        values: What else it shows; text is escaped.
    """
    scripts = [script for script in scripts if script]
    for text in (*scripts, style):
        if "</script" in text.lower() or "</style" in text.lower() or "<!--" in text:
            raise ValueError("a script or style would end its own element")
    policy = (
        f"default-src 'none'; script-src {' '.join(map(_hash, scripts))}; style-src {_hash(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    page: str = (
        _environment()
        .get_template(template)
        .render(**values, policy=policy, style=Finished(style), scripts=[Finished(one) for one in scripts])
    )
    return page


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("graphlink.export", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )


def _finalized(value: object) -> object:
    """What a template prints: text with everything visible; finished markup as it is."""
    if value is None:
        return ""
    return value if hasattr(value, "__html__") or not isinstance(value, str) else visible(value)


def _vis(suffix: str) -> str:
    return (resources.files("pyvis") / f"{_VIS}{suffix}").read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
