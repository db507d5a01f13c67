"""The numbers that a team may set: when a run is refused, an alert raised, and how long labels hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphlink.core.errors import SettingsError, WorkspaceError
from graphlink.core.ranges import check_fields, made_from, ranged
from graphlink.core.settings.checks import LEAST, MOST

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Policy:
    """The numbers of a workspace, in the table [policy] of `workspace.toml`.

    Attributes:
        lost_share: A run is refused when a larger share of the lineages of the last run is gone.
        lost_min: Fewer lineages than this being gone refuse no run: small lists change by chance.
        largest_growth: A run is refused when its largest cluster has more than this many times the accounts
            of the largest before.
        largest_min: A largest cluster with fewer accounts refuses no run.
        drift_bits: A run is refused when the weight of a kind, fitted to its data, differs by more from that
            of the workspace's model.
        alert_probability: An alert is raised at this probability of one operator.
        keep_probability: An open alert stays down to this one, so that no lineage goes on and off.
        alert_fdr: The highest false discovery rate of a cluster at which an alert is raised.
        keep_fdr: The highest one at which an open alert stays.
        alert_accounts: Accounts that have to join before a lineage is news again...
        alert_share: ... and their share of those it had; the larger of the two counts.
        yes_days: Days until a label "yes" expires.
        no_days: Days until a label "no" expires.
        unsure_days: Days until a label "unsure" expires.
        exclusive_yes: Probability that an identifier labelled "yes" is exclusive to one operator.
        exclusive_no: That of one labelled "no".
        against_yes: A label "yes" is a conflict when the probability of the link is lower.
        against_no: A label "no" is a conflict when the probability of the link is at least this.
        moved_bits: A label is listed as a conflict when its evidence has moved by this much since.
    """

    lost_share: float = ranged(0.2, 0, 1, "")
    lost_min: int = ranged(3, 1, 1_000_000, "lineages")
    largest_growth: float = ranged(2.0, 1, 1_000, "times")
    largest_min: int = ranged(20, 2, 100_000_000, "accounts")
    drift_bits: float = ranged(1.0, 0, 100, "bits")
    alert_probability: float = ranged(0.9, 0, 1, "(probability)")
    keep_probability: float = ranged(0.8, 0, 1, "(probability)")
    alert_fdr: float = ranged(0.05, 0, 1, "")
    keep_fdr: float = ranged(0.1, 0, 1, "")
    alert_accounts: int = ranged(3, 1, 1_000_000, "accounts")
    alert_share: float = ranged(0.25, 0, 10, "")
    yes_days: int = ranged(365, 1, 36_500, "days")
    no_days: int = ranged(180, 1, 36_500, "days")
    unsure_days: int = ranged(30, 1, 36_500, "days")
    exclusive_yes: float = ranged(0.95, LEAST, MOST, "(probability)")
    exclusive_no: float = ranged(0.01, LEAST, MOST, "(probability)")
    against_yes: float = ranged(0.1, 0, 1, "(probability)")
    against_no: float = ranged(0.9, 0, 1, "(probability)")
    moved_bits: float = ranged(3.0, 0, 100, "bits")

    def __post_init__(self) -> None:
        check_fields(self)
        if self.keep_probability > self.alert_probability or self.keep_fdr < self.alert_fdr:
            raise SettingsError(
                "keep_probability is at most alert_probability, and keep_fdr at least alert_fdr; else an "
                "alert would end when it is raised"
            )

    def is_news(self, n_before: int, n_now: int) -> bool:
        """Whether a lineage that grew is news again."""
        return n_now - n_before >= max(self.alert_accounts, self.alert_share * n_before)


def policy_from(values: object, where: Path) -> Policy:
    """The policy in a table of TOML.

    Raises:
        WorkspaceError: A number is unknown, of the wrong type or out of range.
    """
    try:
        return made_from(Policy, values, f"{where}: policy")
    except SettingsError as error:
        raise WorkspaceError(*error.args) from None
