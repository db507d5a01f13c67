"""The OpenAPI document of the API -> the types of the front end, and the table of fields of the docs."""

from __future__ import annotations

import re
from typing import Any

_PAGE = re.compile(r"Page_(\w+)_")
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def typescript_of(document: dict[str, Any], heading: str) -> str:
    """Make the module of types; a page of rows is one generic type.

    Args:
        document: The OpenAPI document.
        heading: Comment at the start.
    """
    parts = [heading]
    schemas: dict[str, Any] = document["components"]["schemas"]
    pages = [name for name in schemas if _PAGE.fullmatch(name)]
    if pages:
        schema = schemas[pages[0]]
        rows = schema["properties"]["rows"] | {"items": {"$ref": "/R"}}
        parts.append(_interface("Page<R>", schema | {"properties": schema["properties"] | {"rows": rows}}))
    parts += [_interface(name, schema) for name, schema in schemas.items() if name not in pages]
    return "\n".join([*parts, *_queries(document)])


def _queries(document: dict[str, Any]) -> list[str]:
    """The parameters of the query of each route that takes some; nothing where none does."""
    if not (of_routes := query_parameters(document)):
        return []
    lines = ["/** The parameters of each route's query. */", "export interface Queries {"]
    for path, parameters in of_routes.items():
        lines.append(f'  "{path}": {{')
        for one in parameters:
            mark = "" if one["required"] else "?"
            lines.append(f"    /** {one['description']} */")
            lines.append(f"    {one['name']}{mark}: {type_of(one['schema'])};")
        lines.append("  };")
    return ["\n".join([*lines, "}", ""])]


def query_parameters(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Path to the parameters of its query, of the routes that take some."""
    found = {
        path: [one for one in operation.get("parameters", ()) if one["in"] == "query"]
        for path, methods in document["paths"].items()
        for operation in methods.values()
    }
    return {path: parameters for path, parameters in found.items() if parameters}


def parameters_of(parameters: list[dict[str, Any]]) -> str:
    """Make the table of the parameters of one route, in Markdown."""
    rows = [f"| `{one['name']}` | {_values(one)} | {one['description']} |" for one in parameters]
    return "\n".join(["| parameter | values | meaning |", "|---|---|---|", *rows])


def _values(one: dict[str, Any]) -> str:
    """What a parameter may be: its words or bounds, and its default."""
    schema = one["schema"]
    if "enum" in schema:
        first, *others = [f"`{word}`" if word else "empty" for word in schema["enum"]]
        return ", ".join([f"{first} (default)", *others])
    facts = ["time" if schema.get("format") == "date-time" else schema["type"].replace("string", "text")]
    if "minimum" in schema:
        facts.append(f"from {schema['minimum']:,}" + _most(schema))
    if "default" in schema:
        facts.append(f"default {schema['default']:,}")
    return ", ".join([*facts, *(["required"] if one["required"] else [])])


def _most(schema: dict[str, Any]) -> str:
    return f" to {schema['maximum']:,}" if "maximum" in schema else ""


def _interface(name: str, schema: dict[str, Any]) -> str:
    lines = [f"/** {schema['description']} */", f"export interface {name} {{"]
    required = set(schema.get("required", ()))
    for field, inner in schema["properties"].items():
        if about := inner.get("description"):
            lines.append(f"  /** {about} */")
        lines.append(f"  {field}{'' if field in required else '?'}: {type_of(inner)};")
    return "\n".join([*lines, "}", ""])


def type_of(schema: dict[str, Any]) -> str:
    """The type in TypeScript of a schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        page = _PAGE.fullmatch(name)
        return f"Page<{page[1]}>" if page else name
    if "anyOf" in schema:
        return " | ".join(map(type_of, schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if schema.get("type") == "array":
        inner = type_of(schema["items"])
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {type_of(values) if isinstance(values, dict) else 'unknown'}>"
    return _PLAIN[schema["type"]]


def fields_of(document: dict[str, Any]) -> str:
    """Make the table of all fields, by the object that has them, in Markdown."""
    parts = []
    for name, schema in document["components"]["schemas"].items():
        title = _PAGE.sub(r"Page of \1", name)
        if not schema["properties"]:
            parts.append(f"**{title}**: {schema['description']}\n")
            continue
        parts.append(f"**{title}**: {schema['description']}\n\n| field | type | meaning |\n|---|---|---|")
        required = set(schema.get("required", ()))
        for field, inner in schema["properties"].items():
            kind = type_of(inner).replace("|", "\\|")
            is_left_out = "" if field in required else "may be left out"
            about = inner.get("description", "") or is_left_out
            parts.append(f"| `{field}` | {_linked(kind)} | {about.replace('|', chr(92) + '|')} |")
        parts.append("")
    return "\n".join(parts)


def _linked(kind: str) -> str:
    return f"`{kind}`" if "\\|" not in kind else kind.replace("<", "&lt;")
