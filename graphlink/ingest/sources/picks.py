"""Cells that hold lists -> SQL of the one value that is taken, such as the client of a forwarded address.

A proxy appends the address that it was called from: "client, first proxy, second proxy". Which of them is
the client depends on the proxies, so the settings name it. A cell that holds no list is taken as it is.
"""

from __future__ import annotations

from graphlink.kinds.ip import public_address_sql

_CUT = r"'\s*[,;]\s*'"


def pick_sql(text: str, pick: str) -> str:
    """SQL of one value of a list in a text.

    Args:
        text: SQL of the text: a list of JSON, or values with commas or semicolons between.
        pick: first, last, first_public or last_public (of addresses; where none is public, the first or
            last).
    """
    is_json = f"starts_with({text}, '[') AND json_valid({text})"
    items = (
        f"list_filter(CASE WHEN {is_json} THEN json_extract_string({text}, '$[*]') "
        f"ELSE regexp_split_to_array(trim({text}), {_CUT}) END, lambda item: item <> '')"
    )
    end = -1 if pick.startswith("last") else 1
    picked = f"({items})[{end}]"
    if pick.endswith("_public"):
        public = f"list_filter({items}, lambda item: {public_address_sql('item')})"
        picked = f"coalesce(({public})[{end}], {picked})"
    return f"CASE WHEN {is_list_sql(text)} THEN {picked} ELSE {text} END"


def is_list_sql(text: str) -> str:
    """SQL that holds for texts that may be lists."""
    return f"regexp_matches({text}, '[,;]|^\\[')"
