"""Crews: accounts that start at the moments at which several of a crew start, tested on the crew.

Two accounts that each take a few of a crew's jobs meet too seldom for a test of the pair, which stands among
all pairs of the world. The crew has more: at nearly each of its jobs some of it start. Three or more accounts
that lockstep ties are a crew, and the moments at which at least two of them start are its beat. Each account
is tested against the beat of each crew, one test an account and a crew; a member against the beat of the
others; and crews against each other. The beat is treated as one more account, so that the nulls are
lockstep's, and one that keeps the hour: starts a quarter to half an hour off. Those who sit in one lesson or
meeting are there for the hour, and start as often a quarter of an hour later. A beat that an identifier sets
is none (`crew_causes`).

An account on a beat gets evidence with a few of the members that keep it best, as many bits as the lesser of
the two has. It is of the same starts as lockstep's: a pair that has both keeps the one with more bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphlink.clustering.components import components_of
from graphlink.model.timing.beats import Crews, make_beats
from graphlink.model.timing.crew_causes import is_set_by_identifier
from graphlink.model.timing.crew_links import link_members
from graphlink.model.timing.crew_tests import keep_beat
from graphlink.model.timing.tables import Ties, no_ties

if TYPE_CHECKING:
    from graphlink.core.parameters import Parameters
    from graphlink.core.settings import Settings
    from graphlink.model.timing.crew_causes import Holdings
    from graphlink.model.timing.crew_tests import OnBeat
    from graphlink.model.timing.parameters import Floats, Ints
    from graphlink.model.timing.starts import Starts


def find_crews(
    settings: Settings, starts: Starts, pairs: Ties, holdings: Holdings, widths: tuple[list[int], list[int]]
) -> tuple[Ties, dict[str, object]]:
    """The accounts on the beat of a crew with members of it, as pairs, and facts for the manifest.

    Args:
        settings: Parameters and the budget of pairs.
        starts: Everybody's starts.
        pairs: The pairs in lockstep.
        holdings: Identifiers of these, and who else holds them.
        widths: Scales of coincidences, and the widths of the windows of these, in seconds.
    """
    parameters = settings.parameters
    crews, ties = _seeds(len(starts.first), pairs, parameters), no_ties()
    facts: dict[str, object] = {}
    n_set = 0
    for _ in range(parameters.crews.rounds):
        if not crews.n:
            break
        beats = make_beats(starts, crews, parameters)
        on_beat, joined, facts = keep_beat(settings, starts, crews, beats, widths)
        is_set = is_set_by_identifier(starts, beats, on_beat, holdings, (parameters.crews, parameters.timing))
        n_set += int(is_set.sum())
        on_beat = on_beat.at(np.flatnonzero(~is_set[on_beat.crew]))
        joined = joined.at(np.flatnonzero(~is_set[joined.crew] & ~is_set[joined.other]))
        ties = link_members(starts, beats, (on_beat, joined), widths[0][-1], parameters.crews)
        crews = _grown(on_beat, parameters)
    in_pairs, on_beats = np.union1d(pairs.l, pairs.r), np.union1d(ties.l, ties.r)
    return ties, {
        "null": "the account shifted by 30 to 120 minutes, and by 15 to 30; account and beat each against "
        "itself, shifted by whole hours and by whole days; whichever makes the coincidences likeliest",
        "false_discovery_rate": parameters.crews.false_discovery,
        "crews": crews.n,
        **facts,
        "crews_set_by_identifier": n_set,
        "accounts_on_beats": len(on_beats),
        "accounts_added": len(np.setdiff1d(on_beats, in_pairs)),
        "most_bits": parameters.crews.most_bits,
    }


def _seeds(n: int, pairs: Ties, parameters: Parameters) -> Crews:
    """The crews that lockstep ties; of a large one the members with the most pairs make the beat."""
    rows = np.flatnonzero(pairs.bits >= parameters.crews.member_bits)
    label = components_of(n, np.stack([pairs.l[rows], pairs.r[rows]], axis=1))
    account, n_pairs = np.unique(np.concatenate([pairs.l[rows], pairs.r[rows]]), return_counts=True)
    return _numbered(label[account], account, n_pairs.astype(np.float64), parameters)


def _grown(on_beat: OnBeat, parameters: Parameters) -> Crews:
    """The crews with the accounts that were added, without members that do not keep the others' beat.

    An account on several beats is of the crew with which it has the most bits.
    """
    rows = np.flatnonzero(on_beat.bits >= parameters.crews.member_bits)
    rows = rows[np.lexsort((on_beat.crew[rows], -on_beat.bits[rows], on_beat.other[rows]))]
    account, first = np.unique(on_beat.other[rows], return_index=True)
    rows = rows[first]
    return _numbered(on_beat.crew[rows], account, on_beat.bits[rows], parameters)


def _numbered(label: Ints, account: Ints, weight: Floats, parameters: Parameters) -> Crews:
    """Crews of enough accounts by their labels, each with its members of the most weight."""
    numbers = parameters.crews
    _, crew, n = np.unique(label, return_inverse=True, return_counts=True)
    order = np.lexsort((account, -weight, crew))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - np.repeat(np.cumsum(n) - n, n)
    rows = np.flatnonzero((place < numbers.most_members) & (n[crew] >= numbers.least_members))
    rows = rows[np.lexsort((account[rows], crew[rows]))]
    names, crew = np.unique(crew[rows], return_inverse=True)
    return Crews(crew, account[rows], len(names))
