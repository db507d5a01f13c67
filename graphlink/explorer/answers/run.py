"""The run as a whole: its state and summary."""

from __future__ import annotations

from typing import Literal

from graphlink.explorer.answers.base import Answer


class Status(Answer):
    """How far the index is, and what is served.

    Attributes:
        is_of_workspace: Whether a workspace is served, with its API under /api/v2.
    """

    api: int
    graphlink: str
    name: str
    fingerprint: str
    state: Literal["indexing", "ready", "failed"]
    done: float
    message: str
    is_of_workspace: bool


class SummaryRejectedRows(Answer):
    """Rejected rows of one reason."""

    reason: str
    n: int


class SummaryHypotheses(Answer):
    """Clusters of one hypothesis."""

    hypothesis: str
    n_clusters: int
    n_accounts: int


class SummaryCappedLargest(Answer):
    """A value that too many accounts share to compare them all."""

    value: str
    n_accounts: int


class SummaryCapped(Answer):
    """What was too common to compare, of one kind."""

    kind: str
    n_pairs: int
    largest: list[SummaryCappedLargest]


class SummaryKind(Answer):
    """Identifiers of one kind."""

    kind: str
    facet: str
    n_identifiers: int
    n_hubs: int


class SummaryActivity(Answer):
    """Activity over the span of the data, in bins."""

    starts: list[str]
    n: list[int]


class GlossaryTerm(Answer):
    """A term: what it means, an example, and what it is not."""

    name: str
    meaning: str
    example: str
    is_not: str


class Summary(Answer):
    """Counts of the result and the data, and what was left out.

    Attributes:
        definitions: What figures of a cluster mean, by column.
        vocabulary: The words of the values of a column: hypothesis, also_explained_by, status, role,
            constrained_by.
    """

    n_accounts: int
    n_observations: int
    n_identifiers: int
    n_links: int
    n_clusters: int
    n_clustered_accounts: int
    first_seen: str | None
    last_seen: str | None
    new_since: str | None
    core_probability: float
    prior_bits: float
    kinds: list[SummaryKind]
    n_rejected_rows: int
    rejected_rows: list[SummaryRejectedRows]
    hypotheses: list[SummaryHypotheses]
    capped: list[SummaryCapped]
    definitions: dict[str, str]
    vocabulary: dict[str, dict[str, str]]
    glossary: list[GlossaryTerm]
    activity: SummaryActivity


class MetaKind(Answer):
    """A kind of identifier."""

    kind: str
    facet: str
    about: str
    window_days: float | None
    is_built_in: bool


class MetaFacet(Answer):
    """A facet, with its colours on light and dark."""

    name: str
    label: str
    owned: bool
    tying: bool
    ground: bool
    colour: str
    dark_colour: str


class MetaFormat(Answer):
    """A format of exports."""

    name: str
    suffix: str
    about: str
    is_folder: bool
    is_built_in: bool


class MetaPlugin(Answer):
    """A plugin that took part in the run."""

    group: str
    name: str
    distribution: str
    version: str


class Meta(Answer):
    """What does not depend on the result."""

    kinds: list[MetaKind]
    facets: list[MetaFacet]
    formats: list[MetaFormat]
    plugins: list[MetaPlugin]
    plugin_faults: list[str]
