"""What if: the accounts around a cluster solved again without some of the evidence. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Unpack

import numpy as np

from graphlink.core.wording.figures import counted
from graphlink.explanations.stored import settings_of
from graphlink.explanations.values import Explanation, Fragment, listed
from graphlink.explanations.what_if.changes import (
    Moved,
    changed_settings,
    describe_left_out,
    describe_moved,
    moment_of,
    rows_outside,
    rows_without,
    taken_along,
)
from graphlink.explanations.what_if.groups import N_ACCOUNTS, Group, Move, compare_groups, groups_of
from graphlink.explanations.what_if.solving import find_communities_again
from graphlink.explanations.what_if.surroundings import Surroundings, read_surroundings
from graphlink.result.integrity import of_result

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphlink.explanations.readable import Readable


_N_GROUPS = 10  # of a cluster that is split, that are named


@dataclass(frozen=True, slots=True, repr=False)
class WhatIf(Explanation):
    """What would become of a cluster, and of those around it, without some of the evidence.

    Attributes:
        cluster_id: The cluster.
        without: What was left out or moved, in words.
        n_around: Accounts that were solved again: the connected components that the cluster is in.
        n_evidence: Rows of evidence between them that were left out.
        n_links: Links likelier than not that fell.
        is_reproduced: Whether solving with nothing left out gives the clusters of the result; when not, the
            groups after differ from those before for other reasons as well.
        before: Groups before that change, and the cluster itself.
        after: What they become.
        moves: How many accounts go from which group before to which group after.
        falls_out: Accounts of the cluster that are in no group after.
        is_changed: Whether the cluster is not the same group after.
    """

    main: ClassVar[str] = "after"
    cluster_id: str
    without: tuple[str, ...]
    n_around: int
    n_evidence: int
    n_links: int
    is_reproduced: bool
    before: tuple[Group, ...]
    after: tuple[Group, ...]
    moves: tuple[Move, ...]
    falls_out: Fragment
    is_changed: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in sentences."""
        left = f"Without {listed(self.without)}" if self.without else "With nothing changed"
        merged = [
            f"{listed(list(group.sources))} merge into a group of {group.n_accounts:,} accounts."
            for group in self.after
            if len(group.sources) > 1
        ]
        return (
            (
                f"{left}, {counted(self.n_around, 'account')} lose {counted(self.n_evidence, 'row')} of "
                f"evidence and {counted(self.n_links, 'probable link')}."
            ),
            *_cluster_sentences(self),
            *merged,
            *(
                ()
                if self.is_reproduced
                else ("Solved with nothing left out, the groups already differ from the result's.",)
            ),
        )


class Solved(NamedTuple):
    """What a change makes of a cluster, and of each account.

    Attributes:
        what_if: The explanation.
        group: Account to the name of its group after; accounts that are in none, or in a group that the
            change leaves as it is, are missing.
    """

    what_if: WhatIf
    group: dict[str, str]


def _cluster_sentences(whatif: WhatIf) -> list[str]:
    """What becomes of the cluster itself."""
    cluster_id = whatif.cluster_id
    own = [group for group in whatif.after if cluster_id in group.sources]
    sentences = []
    if not whatif.is_changed:
        sentences.append(f"{cluster_id} stays as it is.")
    elif not own:
        sentences.append(f"{cluster_id} falls apart: none of its accounts is in a group.")
    elif len(own) > 1:
        sizes = listed([f"{group.n_accounts:,}" for group in own[:_N_GROUPS]])
        sentences.append(f"{cluster_id} splits into {counted(len(own), 'group')} of {sizes} accounts.")
    if whatif.is_changed:
        sentences += [
            _stay_sentence(whatif, group)
            for group in own[:_N_GROUPS]
            if len(own) == 1 or group.n_accounts > group.n_own
        ]
    if own and whatif.falls_out.n_accounts:
        n = whatif.falls_out.n_accounts
        sentences.append(f"{counted(n, 'account')} of it {'falls' if n == 1 else 'fall'} out.")
    return sentences


@of_result
def try_without(
    result: Readable,
    cluster_id: str,
    identifiers: Collection[tuple[str, str]] = (),
    kinds: Collection[str] = (),
    *,
    surroundings: Surroundings | None = None,
    **moved: Unpack[Moved],
) -> WhatIf:
    """Solve the connected components of a cluster again without some evidence, as a run would.

    Links are weighed again by `graphlink.explanations.reweighing`, and communities detected by the run's own
    `graphlink.clustering.communities`. What is near rather than exact: pairs that the run kept no link of
    stay without one, and the values that count against merging groups are those of kinds in which some link
    here differs. An address or client that only the identifiers left out corroborate is left out too.

    Args:
        result: A finished run.
        cluster_id: The cluster.
        identifiers: (kind, value) to leave out.
        kinds: Kinds of identifier or behaviour to leave out.
        surroundings: What `read_surroundings` gave for this cluster, for repeated calls.
        **moved: Times and settings, see `Moved`.

    Returns:
        The groups before and after, who falls out, and how many accounts move from where to where.

    Raises:
        NotFoundError: There is no such cluster, or nothing here is of an identifier or kind named.
        QuestionError: Too many accounts are connected to solve again, or a time is not valid.
        SettingsError: A setting is out of its range.
        TypeError: Nothing of this name can be moved.
    """
    return solve_without(result, cluster_id, identifiers, kinds, surroundings=surroundings, **moved).what_if


@of_result
def solve_without(
    result: Readable,
    cluster_id: str,
    identifiers: Collection[tuple[str, str]] = (),
    kinds: Collection[str] = (),
    *,
    surroundings: Surroundings | None = None,
    **moved: Unpack[Moved],
) -> Solved:
    """Solve as `try_without` does, and keep the group of every account as well.

    Raises:
        NotFoundError: As `try_without`.
        QuestionError: As `try_without`.
        SettingsError: As `try_without`.
        TypeError: As `try_without`.
    """
    if unknown := sorted(moved.keys() - Moved.__annotations__.keys()):
        raise TypeError(f"try_without() moves no {unknown[0]!r}; it moves {', '.join(Moved.__annotations__)}")
    settings = settings_of(result)
    changed = changed_settings(settings, moved)
    known = surroundings or read_surroundings(result, cluster_id)
    graph, before = known.graph, known.before
    start, stop = moment_of(moved.get("since")), moment_of(moved.get("until"))
    is_gone = rows_without(graph, set(identifiers), set(kinds)) | rows_outside(graph, start, stop)
    along = taken_along(graph, settings.parameters.exclusivity.joining_odds, identifiers)
    is_gone |= np.isin(graph.item, along)
    bits = graph.bits_without(is_gone)
    after = groups_of(find_communities_again(graph, bits, is_gone, changed, known.known))
    own = {name for name, cluster in before.items() if cluster == cluster_id}
    left = sorted(own - set().union(*after))
    change = compare_groups(cluster_id, before, after)
    what_if = WhatIf(
        cluster_id=cluster_id,
        without=(
            *describe_left_out(identifiers, kinds, start, stop, [graph.items[item] for item in along]),
            *describe_moved(settings, changed),
        ),
        n_around=len(graph.accounts),
        n_evidence=int(is_gone.sum()),
        n_links=int(((graph.bits > 0) & (bits <= 0)).sum()),
        is_reproduced=known.again == groups_of(before),
        before=change.before,
        after=change.after,
        moves=change.moves,
        falls_out=Fragment(len(left), tuple(left[:N_ACCOUNTS])),
        is_changed=frozenset(own) not in after,
    )
    return Solved(what_if, change.named)


def _stay_sentence(whatif: WhatIf, group: Group) -> str:
    """How many of the cluster's accounts a group after holds, and how many it has from elsewhere."""
    n_before = next(one.n_accounts for one in whatif.before if one.name == whatif.cluster_id)
    stay = f"{group.n_own:,} of its {counted(n_before, 'account')} {'stays' if group.n_own == 1 else 'stay'}"
    others = group.n_accounts - group.n_own
    more = f", joined by {counted(others, 'other account')}" if others else ""
    return f"{stay} together in a group of {group.n_accounts:,}{more}."
