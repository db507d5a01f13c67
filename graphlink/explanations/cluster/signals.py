"""How the accounts of a cluster differ from others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.core import wording
from graphlink.explanations.stored import rows_about
from graphlink.explanations.values import named
from graphlink.kinds import shown

if TYPE_CHECKING:
    from graphlink.explanations.readable import Readable


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal of the cluster: its value, the baseline, and a sentence.

    `is_notable` says whether the two are far enough apart to be pointed out, see `graphlink.core.wording`.
    """

    signal: str
    value: float | None
    baseline: float | None
    n_accounts: int | None
    detail: str
    is_notable: bool


def signals_of(result: Readable, cluster_id: str) -> tuple[Signal, ...]:
    """The signals of the cluster."""
    return tuple(
        Signal(
            row["signal"],
            row["value"],
            row["baseline"],
            row["n_accounts"],
            row["detail"] or "",
            wording.is_notable(row["value"], row["baseline"], row["n_accounts"]),
        )
        for row in rows_about(result, "signals", cluster_id)
    )


def signal_sentence(signal: Signal) -> str:
    """A signal compared with its baseline, in a sentence."""
    value = "" if signal.value is None else f" {_figure(signal.value)}"
    baseline = "" if signal.baseline is None else f", usual {_figure(signal.baseline)}"
    about = f" ({shown(signal.detail, 120)})" if signal.detail else ""
    return f"{named(signal.signal, '')}:{value or ' not known'}{baseline}{about}."


def _figure(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
