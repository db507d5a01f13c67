"""The values of explanations: plain, frozen, and shown alike by every output.

Values hold what the data hold, hostile names too; each output escapes them itself. Sentences are made to
be read, so the names in them are already one short line without anything that can't be seen.
"""

from __future__ import annotations

import dataclasses
import datetime
import html
import math
import typing
from typing import TYPE_CHECKING, Any, ClassVar

from graphlink.core.arguments import checked
from graphlink.core.errors import QuestionError
from graphlink.core.wording.figures import format_probability
from graphlink.core.wording.vocabulary import behaviour_name
from graphlink.kinds import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphlink.storage.frames import Frame

_HTML_ROWS = 20


class Explanation:
    """What all explanations can do.

    Attributes:
        main: The part that is a frame where none is named: a field of rows.
    """

    __slots__ = ()

    main: ClassVar[str]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in short sentences made from its values."""
        raise NotImplementedError

    def as_dict(self) -> dict[str, Any]:
        """The values as JSON holds them, and the sentences."""
        return {**_plain_fields(self), "sentences": list(self.sentences)}

    @checked
    def to_frame(self, part: str | None = None) -> Frame:
        """Make a pandas frame of the rows of one part, such as the evidence of a pair.

        Args:
            part: A field that holds rows; None for the main one.

        Raises:
            QuestionError: There is no such part.
        """
        from graphlink.storage.frames import frame_of_rows

        kinds = _row_kinds(type(self))
        name = self.main if part is None else part
        if name not in kinds:
            raise QuestionError(f"part: expected {', '.join(kinds)}, found {name!r}")
        return frame_of_rows(getattr(self, name), [field.name for field in dataclasses.fields(kinds[name])])

    def __repr__(self) -> str:
        first = next(iter(self.sentences), "")
        return f"<{type(self).__name__}: {first}>"

    def _repr_html_(self) -> str:
        listed_sentences = "".join(
            f"<li><bdi>{html.escape(sentence)}</bdi></li>" for sentence in self.sentences
        )
        tables = "".join(
            _html_table(field.name, rows)
            for field in dataclasses.fields(self)  # type: ignore[arg-type]  # every one is a dataclass
            if (rows := _rows(getattr(self, field.name)))
        )
        # Else a notebook reads what stands between dollar signs in a name as mathematics.
        return f'<div class="tex2jax_ignore mathjax_ignore"><ul>{listed_sentences}</ul>{tables}</div>'


@dataclasses.dataclass(frozen=True, slots=True)
class EvidenceItem:
    """An evidence item by name: an identifier, or a joint behaviour (then `value` is empty)."""

    kind: str
    value: str


@dataclasses.dataclass(frozen=True, slots=True)
class Fragment:
    """Accounts that are separated from a cluster.

    Attributes:
        n_accounts: Accounts in it.
        accounts: The first of them, in order.
    """

    n_accounts: int
    accounts: tuple[str, ...]


def _row_kinds(kind: type) -> dict[str, Any]:
    """The fields of an explanation that hold rows, with what each row is."""
    kinds = {}
    for name, hint in typing.get_type_hints(kind).items():
        first = next(iter(typing.get_args(hint)), None)
        if typing.get_origin(hint) is tuple and dataclasses.is_dataclass(first):
            kinds[name] = first
    return kinds


def plain(value: Any) -> Any:
    """A value as JSON holds it: dataclasses as objects, tuples as lists, times in UTC as ISO 8601."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain_fields(value)
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def format_time(moment: datetime.datetime | None) -> str | None:
    """A time in explanations: ISO 8601 in UTC, to the second."""
    return None if moment is None else f"{moment.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"


def named(kind: str, value: str) -> str:
    """An identifier or a behaviour in words."""
    words = kind.replace("_", " ")
    return f"{words} {shown(value)}" if value else words


def as_subject(kind: str, value: str) -> str:
    """An identifier, or a behaviour in a few words, as the beginning of a sentence."""
    if value:
        return named(kind, value)
    words = behaviour_name(kind, named(kind, ""))
    return f"{words[:1].upper()}{words[1:]}"


def listed(words: Sequence[str]) -> str:
    """Words joined as in a sentence: `a`, `a and b`, `a, b and c`."""
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def format_odds(probability: float) -> str:
    """A small probability in words: `1 in 8,300`."""
    if probability >= 0.1:
        return format_probability(probability)
    if probability < 1e-12:
        return "less than 1 in 1,000,000,000,000"
    n = 1.0 / probability
    digits = 10 ** max(0, int(math.log10(n)) - 1)
    return f"1 in {round(n / digits) * digits:,}"


def _plain_fields(value: Any) -> dict[str, Any]:
    return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _rows(value: object) -> list[dict[str, Any]]:
    is_rows = isinstance(value, tuple) and bool(value) and dataclasses.is_dataclass(value[0])
    return [_plain_fields(item) for item in value] if is_rows and isinstance(value, tuple) else []


def _html_table(title: str, rows: list[dict[str, Any]]) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td><bdi>{_html_cell(cell)}</bdi></td>" for cell in row.values()) + "</tr>"
        for row in rows[:_HTML_ROWS]
    )
    more = len(rows) - _HTML_ROWS
    rest = f"<p>{more:,} more</p>" if more > 0 else ""
    name = html.escape(title.replace("_", " "))
    return f"<p><b>{name}</b></p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


def _html_cell(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(_html_cell(item) for item in value.values())
    if isinstance(value, list):
        return ", ".join(_html_cell(item) for item in value)
    text = "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
    return html.escape(shown(text))
