"""Files -> a commented `graphlink.toml` with the best guesses, for a person to read and mend.

A guess is made from the names of the columns first and from the first rows second; each is written with what
it was made from. No value of the files gets into the text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.cards import is_card_number
from graphlink.errors import InputError
from graphlink.files import find_files, read_sample
from graphlink.kinds import KINDS, UncleanValue, clean_kind
from graphlink.placeholders import MENDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_SAMPLED = 1000  # rows of each file
_MOST = 0.8  # share of the values that have to look alike

# Names of columns, without case, as people have them; the earlier pattern wins.
_ACCOUNT = (
    r"account_?id",
    r"acc(oun)?t(_?(uuid|no|number|name))?",
    r"(user|customer|member|client|org(anisation|anization)?|tenant|subscriber|profile|player)_?(uu)?id",
    r"uid|user(name)?|customer|member|who",
    r"id",
)
_TIME = (
    r"seen_?at",
    r"(event_?|request_?|log(in)?_?|access_?)?(time|timestamp|ts|datetime|date_?time)(_?(utc|ms|us|s))?",
    r"(created|occurred|requested|logged|paid|observed|signed_?up|happened)_?(at|on|time)",
    r"(when|at|date|day)",
    r".*_(at|time|ts|timestamp|date)",
)
_COUNT = r"n|count|times|n_?requests|requests|hits|calls"
_KIND_NAMES: tuple[tuple[str, str], ...] = (
    (
        r"(client_?|source_?|src_?|remote_?|login_?|signup_?|request_?)?ip(v[46])?(_?addr(ess)?)?|x_?forwarded_?for",
        "ip",
    ),
    (r"(client_?|source_?|src_?|remote_?)addr(ess)?", "ip"),
    (
        r".*(card|payment|pay|instrument|iban|billing).*(fingerprint|fp|hash|token|id|method|instrument)?",
        "payment",
    ),
    (
        r".*(device|fingerprint|client_?(hash|fp)|ja[34]h?|user_?agent|client|dev)(_?id|_?hash|_?fp)?",
        "client",
    ),
    (r".*e-?mail_?domain", "email_domain"),
    (r".*e-?mail.*", "email"),
    (r".*(phone|msisdn|mobile|tel)(_?(number|no))?", "phone"),
    (r"(api_?|access_?)?(key|token)(_?(id|hash|prefix))?", "api_key"),
    (r"(router|relay|proxy|referr?er|gateway)(_?(id|name|host))?", "router"),
)
_TRUTH = (
    r"operator(_?id)?|truth|ground_?truth|true_?.*|is_?(fraud|farm|abuse|bot)|cluster(_?id)?|community|fraud|"
    r"campaign"
)
_TRUTH_FILE = r"(^|[_.-])(truth|ground_?truth|answers?|solutions?)([_.-]|$)"
_NETWORK = ("network", "cidr", "range", "prefix")
_ACCOUNT_COLUMNS = {
    "created_at": r"(created|opened|registered|sign(ed)?_?up|joined|creation)(_?(at|on|time|date))?",
    "closed_at": r"(closed|banned|suspended|deleted|terminated|disabled)(_?(at|on|time|date))",
    "status": r"(account_?)?(status|state)",
}
_FORMATS = (
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%d/%b/%Y:%H:%M:%S %z",
)
_AMBIGUOUS = (
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y",
)


@dataclass(slots=True)
class _File:
    """A file as it was looked at: its columns and the values of its first rows."""

    path: Path
    columns: tuple[str, ...]
    rows: list[dict[str, str]]
    notes: list[str] = field(default_factory=list)

    def values(self, column: str) -> list[str]:
        return [row[column] for row in self.rows if column in row]

    def first(self, patterns: Iterable[str], left_out: Iterable[str] = ()) -> str:
        """The first column whose name is like one of the patterns."""
        for pattern in patterns:
            for column in self.columns:
                if column not in left_out and re.fullmatch(pattern, column, re.IGNORECASE):
                    return column
        return ""


def guess_settings(paths: Sequence[str | Path]) -> str:
    """Make the text of a `graphlink.toml` from a look at files.

    Args:
        paths: Files, folders and globs. They are written as they are given.

    Returns:
        Commented TOML: sources, the table of accounts, reference lists; files of truth are left out.

    Raises:
        InputError: A file can't be read, or no file looks like a source of observations.
    """
    parts: dict[str, list[str]] = {"sources": [], "accounts": [], "references": [], "left out": []}
    for group in _groups(paths):
        section, text = _describe(group)
        if section == "accounts" and parts["accounts"]:
            section, text = "left out", _left_out(group[0].path, "there is a table of accounts already")
        parts[section].append(text)
        if section == "accounts" and (source := _source_beside(group)):
            parts["sources"].append(source)
    if not parts["sources"]:
        raise InputError(
            "none of the files looks like observations: no column of accounts with a column of identifiers "
            "(ip, payment, client, email, ...) beside it; write graphlink.toml by hand"
        )
    body = [*parts["sources"], *parts["accounts"], *parts["references"], *parts["left out"]]
    return "\n".join([_HEAD, *body, _TAIL])


_HEAD = """\
# Settings of graphlink, guessed from the names of the columns and the first rows of each file.
# Read them, mend them, then look at what they give: graphlink check graphlink.toml
# Paths are relative to this file.
"""
_TAIL = """\
# To replace values by keyed hashes at the door (list "account" to hash accounts too):
# [pseudonymize]
# kinds = ["email", "phone"]
# key_file = "graphlink.key"
"""


def _groups(paths: Sequence[str | Path]) -> list[list[_File]]:
    """Files with the same columns in the same folder are one source."""
    groups: dict[tuple[Path, str, tuple[str, ...]], list[_File]] = {}
    for path in paths:
        if Path(path).suffix.lower() == ".mmdb":
            groups[Path(path), "", ()] = [_File(Path(path), (), [])]
            continue
        for file in find_files(str(path)).paths:
            columns, rows = read_sample(file, _SAMPLED)
            is_alone = re.search(_TRUTH_FILE, file.name, re.IGNORECASE)
            key = (file if is_alone else file.parent, "".join(file.suffixes), columns)
            groups.setdefault(key, []).append(_File(file, columns, rows))
    return [part for group in groups.values() for part in _named_alike(group)]


def _named_alike(group: list[_File]) -> list[list[_File]]:
    """The files as one group when a glob names them and no others, else each alone."""
    return [group] if _path(group) else [[file] for file in group]


def _describe(group: list[_File]) -> tuple[str, str]:
    """The section that files belong to, and its text."""
    file = group[0]
    if file.path.suffix.lower() == ".mmdb" or _is_reference(file):
        text = f"[[references]]  # a reference list of addresses\npath = {_text(str(file.path))}\n"
        return "references", text
    account = file.first(_ACCOUNT)
    kinds = _kinds(file, account, _time(file, account))
    why = _why_left_out(file, account, kinds)
    if why:
        return "left out", _left_out(file.path, why, file.columns)
    if _is_accounts(file, account):
        return "accounts", _account_table(file, account)
    text = _long_source(group, account) if _is_long(file) else _wide_source(group, account, kinds)
    return "sources", text


def _why_left_out(file: _File, account: str, kinds: dict[str, tuple[str, str]]) -> str:
    if _is_truth(file, account):
        return "it looks like a truth to score results with: graphlink evaluates with it"
    if not account:
        return "no column looks like an account"
    if not (kinds or _is_long(file) or _is_accounts(file, account)):
        return "no column looks like an identifier"
    return ""


def _is_reference(file: _File) -> bool:
    names = {column.lower() for column in file.columns}
    return (
        bool(names & {"label", "name", "type"})
        and bool(names & {*_NETWORK, "asn"})
        and not file.first(_ACCOUNT[:4])
    )


def _is_truth(file: _File, account: str) -> bool:
    if re.search(_TRUTH_FILE, file.path.name, re.IGNORECASE):
        return True
    others = [column for column in file.columns if column != account]
    return (
        bool(account) and bool(others) and all(re.fullmatch(_TRUTH, name, re.IGNORECASE) for name in others)
    )


def _is_long(file: _File) -> bool:
    return bool(_long_columns(file))


def _long_columns(file: _File) -> tuple[str, str] | None:
    kind = file.first((r"kind", r"(identifier|id|attribute|entity|facet)_?type", r"type"))
    value = file.first((r"value", r"identifier(_?value)?", r"(attribute|entity)(_?value)?"))
    return (kind, value) if kind and value else None


def _is_accounts(file: _File, account: str) -> bool:
    """Whether a file has one row per account and says what becomes of it."""
    seen = file.values(account)
    if _is_long(file):
        return False
    says = [name for name, pattern in _ACCOUNT_COLUMNS.items() if file.first((pattern,))]
    if re.match(r"(accounts?|users?|customers?)\b", file.path.name, re.IGNORECASE):
        return bool(says) and len(set(seen)) == len(seen)
    return len(says) >= 2 and len(set(seen)) == len(seen)


# --- sections ----------------------------------------------------------------------------------------------


def _long_source(group: list[_File], account: str) -> str:
    file = group[0]
    kind, value = _long_columns(file) or ("", "")
    time = _time(file, account)
    lines = [*_source_head(group, account, time), f"kind = {_text(kind)}", f"value = {_text(value)}"]
    return "\n".join([*lines, *_count_line(file)]) + "\n"


def _wide_source(group: list[_File], account: str, kinds: dict[str, tuple[str, str]]) -> str:
    file = group[0]
    time = _time(file, account)
    lines = [*_source_head(group, account, time), *_count_line(file), "[sources.kinds]  # kind = column"]
    lines += [f"{_key(kind)} = {_text(column)}  # {why}" for kind, (column, why) in kinds.items()]
    used = {account, time, *(column for column, _ in kinds.values())}
    unused = [
        name for name in file.columns if name not in used and not re.fullmatch(_COUNT, name, re.IGNORECASE)
    ]
    if unused:
        lines.append(f"# not used: {', '.join(_text(column) for column in unused)}")
    return "\n".join([*lines, *(f"# {note}" for note in file.notes)]) + "\n"


def _source_head(group: list[_File], account: str, time: str) -> list[str]:
    file = group[0]
    lines = ["[[sources]]", f"path = {_text(_path(group))}", f"account = {_text(account)}"]
    if not time:
        return [*lines, 'time = ""  # no column looks like a time; without one, addresses say little']
    time_format, why = _time_format(file.values(time))
    lines.append(f"time = {_text(time)}")
    if time_format:
        lines.append(f"time_format = {_text(time_format)}  # {why}")
    elif why:
        lines.append(f"# {why}")
    return [*lines, 'time_zone = "UTC"  # of times that carry no zone']


def _count_line(file: _File) -> list[str]:
    column = file.first((_COUNT,))
    is_number = column and _share(file.values(column), str.isdigit) >= _MOST
    return [f"count = {_text(column)}  # each row counts as often"] if is_number else []


def _account_table(file: _File, account: str) -> str:
    lines = [
        "[accounts]  # one row per account",
        f"path = {_text(str(file.path))}",
        f"account = {_text(account)}",
    ]
    used = {account}
    for name, pattern in _ACCOUNT_COLUMNS.items():
        column = file.first((pattern,))
        lines.append(f"{name} = {_text(column)}")
        used.add(column)
    time_format, why = _time_format(file.values(file.first((_ACCOUNT_COLUMNS["created_at"],))))
    lines += [f"time_format = {_text(time_format)}  # {why}"] if time_format else []
    identifying = {column for column, _ in _kinds(file, account, "").values()}
    attributes = [column for column in file.columns if column not in used | identifying]
    if attributes:
        lines.append(
            f"attributes = [{', '.join(_text(name) for name in attributes)}]  # carried to the result"
        )
    return "\n".join(lines) + "\n"


def _source_beside(group: list[_File]) -> str:
    """The identifiers that a table of accounts holds itself, such as the e-mail address of the sign-up."""
    file = group[0]
    account = file.first(_ACCOUNT)
    kinds = _kinds(file, account, "")
    return _wide_source(group, account, kinds) if kinds else ""


def _left_out(path: Path, why: str, columns: Sequence[str] = ()) -> str:
    told = f"; its columns are {', '.join(_text(column) for column in columns)}" if columns else ""
    return f"# left out: {_text(str(path))}: {why}{told}\n"


def _path(group: list[_File]) -> str:
    """One file, or a glob that names the files and no others; nothing when there is none."""
    path = group[0].path
    if len(group) == 1:
        return str(path)
    stem = _common_start([file.path.name for file in group])
    ending = "".join(path.suffixes)
    for pattern in (f"{stem}*{ending}", f"*{ending}"):
        if len(list(path.parent.glob(pattern))) == len(group):
            return str(path.parent / pattern)
    return ""


def _common_start(names: list[str]) -> str:
    first, last = min(names), max(names)
    n = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return re.split(r"[*?\[.]", first[:n])[0]


# --- columns -----------------------------------------------------------------------------------------------


def _time(file: _File, account: str) -> str:
    for pattern in _TIME:
        column = file.first((pattern,), left_out=(account,))
        if column and _is_time(file.values(column)):
            return column
    return ""


def _is_time(values: list[str]) -> bool:
    return not values or _time_format(values) != ("", _NO_TIME)


_NO_TIME = "no format fits"


def _time_format(values: list[str]) -> tuple[str, str]:
    """The time_format that the values ask for, and what is to be said of it."""
    if not values or _share(values, _is_iso) >= _MOST:
        return "", ""
    for name, n_digits in (("epoch_s", 10), ("epoch_ms", 13), ("epoch_us", 16)):
        if _share(values, re.compile(rf"[12][0-9]{{{n_digits - 1}}}(\.[0-9]+)?").fullmatch) >= _MOST:
            return name, f"numbers of {n_digits} digits"
    for told in _FORMATS:
        if _share(values, partial(_fits, told=told)) >= _MOST:
            return told, "what fits the first rows"
    fitting = [told for told in _AMBIGUOUS if _share(values, partial(_fits, told=told)) == 1]
    if len(fitting) > 1:
        return fitting[0], f"{fitting[1]} fits as well: check which is day and which is month"
    return (fitting[0], "what fits the first rows") if fitting else ("", _NO_TIME)


def _is_iso(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    # Eight digits are a basic date to Python and a number to everyone else.
    return not text.isdigit()


def _fits(text: str, told: str) -> bool:
    try:
        datetime.strptime(text, told)
    except ValueError:
        return False
    return True


def _share(values: Sequence[str], is_like: Callable[[str], object]) -> float:
    return sum(1 for value in values if is_like(value)) / len(values) if values else 0.0


def _kinds(file: _File, account: str, time: str) -> dict[str, tuple[str, str]]:
    """Kind to its column and why; each kind has one column, the first."""
    told: dict[str, tuple[str, str]] = {}
    taken = {account, time, *(file.first((pattern,)) for pattern in _ACCOUNT_COLUMNS.values())}
    for column in file.columns:
        if column in taken or re.fullmatch(_COUNT, column, re.IGNORECASE):
            continue
        kind, why = _kind_of(column, file.values(column))
        if kind and _holds_card_numbers(file.values(column)):
            file.notes.append(
                f"{_text(column)} holds full card numbers, which are set aside: send fingerprints"
            )
        if kind:
            name = kind if kind not in told else _own_kind(column, kind)
            told.setdefault(name, (column, why))
    return told


def _kind_of(column: str, values: list[str]) -> tuple[str, str]:
    by_value = _kind_by_value(values)
    if by_value:
        return by_value, "by its values"
    for pattern, kind in _KIND_NAMES:
        is_like = re.fullmatch(pattern, column, re.IGNORECASE)
        # A name is believed unless the values speak against it.
        if is_like and (not values or kind == "payment" or _share(values, partial(_is_clean, kind)) >= _MOST):
            return kind, "by its name"
    return "", ""


def _kind_by_value(values: list[str]) -> str:
    if not values:
        return ""
    if _share(values, lambda value: ("." in value or ":" in value) and _is_address(value)) >= _MOST:
        return "ip"
    if _share(values, lambda value: "@" in value and _is_clean("email", value)) >= _MOST:
        return "email"
    return ""


def _is_address(value: str) -> bool:
    try:
        KINDS["ip"].clean(value)
    except UncleanValue as error:
        return error.reason == "not_public_address"
    return True


def _is_clean(kind: str, value: str) -> bool:
    try:
        KINDS[kind].clean(value)
    except UncleanValue as error:
        return error.reason in MENDS  # a placeholder or a test value speaks against no kind
    return True


def _holds_card_numbers(values: list[str]) -> bool:
    return any(is_card_number(value, is_payment=True) for value in values[:100])


def _own_kind(column: str, kind: str) -> str:
    """A further column of a kind is a kind of its own, named after the column."""
    name = re.sub(r"[^a-z0-9_.-]+", "_", column.lower())[:64]
    try:
        return clean_kind(name)
    except UncleanValue:
        return f"{kind}_2"


# --- TOML --------------------------------------------------------------------------------------------------


def _text(text: str) -> str:
    """A TOML string; JSON's escapes are TOML's but for DEL and lone surrogates."""
    plain = text.encode("utf-8", errors="replace").decode()
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)
