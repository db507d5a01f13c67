"""The query of a request: its parameters, read and checked; and tables by the page."""

from __future__ import annotations

import datetime
import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphlink.core.errors import GraphlinkError
from graphlink.explorer.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from numpy.typing import NDArray

MOST_ROWS = 500
MOST_CSV_ROWS = 100_000
_LONGEST = 2_000  # characters of a parameter
FARTHEST = 10_000_000


class RequestError(GraphlinkError):
    """A request that can't be answered: its status, a code and what is wrong."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def bad_request(message: str) -> RequestError:
    """An error of the request's parameters."""
    return RequestError(400, "bad_request", message)


def too_much(message: str) -> RequestError:
    """An error of a request that would take too much work; the message names what to narrow."""
    return RequestError(400, "too_much", message)


def not_found(what: str, name: str) -> RequestError:
    """An error for what the result does not hold."""
    return RequestError(404, "not_found", f"no {what} {name[:100]!r}")


@dataclass(frozen=True)
class Query:
    """The parameters of one request.

    Attributes:
        parameters: By name, those of the path too.
        body: The JSON object of a POST.
        is_csv: Whether the rows of a table are wanted as CSV.
        work: What answering may cost.
    """

    parameters: Mapping[str, str]
    body: Mapping[str, Any] = field(default_factory=dict)
    work: Work = field(default_factory=Work, compare=False)

    def __post_init__(self) -> None:
        for name, value in self.parameters.items():
            if len(value) > _LONGEST:
                raise bad_request(f"{name[:40]}: at most {_LONGEST:,} characters")
            if "\x00" in value and name != "value":
                raise bad_request(f"{name[:40]}: holds a null character")

    @property
    def is_csv(self) -> bool:
        """Whether the answer is to be CSV."""
        return self.choice("format", ("json", "csv")) == "csv"

    def text(self, name: str, default: str = "") -> str:
        """A text."""
        return self.parameters.get(name, default)

    def needed(self, name: str) -> str:
        """A text that must be there."""
        if not self.parameters.get(name):
            raise bad_request(f"{name} is missing")
        return self.parameters[name]

    def choice(self, name: str, choices: Collection[str]) -> str:
        """One of several words; the first is the default."""
        text = self.parameters.get(name) or next(iter(choices))
        if text not in choices:
            raise bad_request(f"{name}: expected one of {', '.join(choices)}")
        return text

    def words(self, name: str) -> list[str]:
        """Words joined by commas."""
        return [word for word in self.parameters.get(name, "").split(",") if word]

    def integer(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number within bounds; one beyond them is moved to the bound."""
        text = self.parameters.get(name, "")
        if not text:
            return default
        try:
            value = int(text)
        except ValueError:
            raise bad_request(f"{name}: expected a whole number") from None
        return max(least, min(value, most))

    def number(self, name: str, default: float) -> float:
        """A number."""
        text = self.parameters.get(name, "")
        try:
            value = float(text) if text else default
        except ValueError:
            raise bad_request(f"{name}: expected a number") from None
        if math.isnan(value):
            raise bad_request(f"{name}: expected a number")
        return value

    def moment(self, name: str) -> int | None:
        """A time in ISO 8601 as seconds since 1970; None when it is not there."""
        text = self.parameters.get(name, "")
        return None if not text else seconds_of(name, text)

    @property
    def window(self) -> tuple[int, int]:
        """The first row that is wanted, and how many."""
        default, most = (MOST_CSV_ROWS, MOST_CSV_ROWS) if self.is_csv else (50, MOST_ROWS)
        return self.integer("offset", 0, 0, FARTHEST), self.integer("limit", default, 1, most)

    def page(
        self, numbers: Sequence[Any] | NDArray[Any], rows: Callable[[Any], list[dict[str, Any]]]
    ) -> dict[str, Any]:
        """The wanted page of a table, of which only the rows of the page are made.

        Args:
            numbers: All rows of the table, in order, as whatever `rows` takes.
            rows: Makes rows from a slice of `numbers`.
        """
        offset, limit = self.window
        wanted = numbers[offset : offset + limit]
        return {
            "rows": rows(wanted) if len(wanted) else [],
            "total": len(numbers),
            "offset": offset,
            "limit": limit,
        }


def seconds_of(name: str, text: str) -> int:
    """A time in ISO 8601 as seconds since 1970; a time without a zone is UTC."""
    try:
        moment = datetime.datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
        return int(moment.timestamp())
    except (ValueError, OverflowError):
        raise bad_request(f"{name}: expected a time such as 2026-03-02T09:30:00Z") from None


def body_of(content: bytes) -> dict[str, Any]:
    """The JSON object of a request's body."""
    try:
        body = json.loads(content)
        # JSON can name halves of characters, which no response could contain.
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise bad_request("the body holds text that is not Unicode") from None
    except (ValueError, RecursionError):
        raise bad_request("the body is not JSON") from None
    if not isinstance(body, dict):
        raise bad_request("the body is not a JSON object")
    return body


def texts_of(body: Mapping[str, Any], name: str, most: int) -> list[str]:
    """A list of texts in a body."""
    texts = body.get(name, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise bad_request(f"{name}: expected a list of texts")
    if len(texts) > most:
        raise bad_request(f"{name}: at most {most:,}")
    if any(len(text) > _LONGEST for text in texts):
        raise bad_request(f"{name}: at most {_LONGEST:,} characters each")
    return texts


def identifiers_of(body: Mapping[str, Any], name: str, most: int) -> list[tuple[str, str]]:
    """A list of `{"kind": ..., "value": ...}` in a body."""
    entries = body.get(name, [])
    if not isinstance(entries, list) or len(entries) > most:
        raise bad_request(f"{name}: expected a list of at most {most:,}")
    identifiers = []
    for entry in entries:
        pair = (entry.get("kind"), entry.get("value")) if isinstance(entry, dict) else (None, None)
        if not (isinstance(pair[0], str) and isinstance(pair[1], str)):
            raise bad_request(f'{name}: expected {{"kind": ..., "value": ...}}')
        identifiers.append((pair[0], pair[1]))
    return identifiers
