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

    `is_notable` says whether the two are far enough apart to be pointed out, see `graphlink.core.wording`;
    `value_words` and `baseline_words` are the two as people read them, empty where not known.
    """

    signal: str
    value: float | None
    baseline: float | None
    n_accounts: int | None
    detail: str
    is_notable: bool
    value_words: str
    baseline_words: str


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
            wording.signal_figure(row["signal"], row["value"]),
            wording.signal_figure(row["signal"], row["baseline"]),
        )
        for row in rows_about(result, "signals", cluster_id)
    )


def signal_sentence(signal: Signal) -> str:
    """A signal compared with its baseline, in a sentence."""
    what = signal.detail.split("; usual:")[0]
    about = shown(what[0].upper() + what[1:], 160) if what else named(signal.signal, "")
    baseline = f", usually {signal.baseline_words}" if signal.baseline_words else ""
    return f"{about}: {signal.value_words or 'not known'}{baseline}."
