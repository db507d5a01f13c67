"""Beats that an identifier sets: all who hold it keep them, whether they are of the crew or not.

A router that gathers its customers' requests sends them off at moments of its own. Its customers start
together then, and the more active of them look like a crew. Its other customers keep these moments as well,
each with the few starts that it has; those of a crew's router do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from graphlink.engine.shuffle import draw_sql
from graphlink.model.timing.starts import expanded, in_slices, runs, slices
from graphlink.model.timing.tables import are_among, distinct_rows, read_columns

if TYPE_CHECKING:
    from graphlink.core.parameters import CrewBeats, Timing
    from graphlink.engine import Sql
    from graphlink.model.timing.beats import Beats
    from graphlink.model.timing.crew_tests import OnBeat
    from graphlink.model.timing.parameters import Bools, Ints
    from graphlink.model.timing.starts import Starts
    from graphlink.model.timing.tables import Ties

_AT_ONCE = 1_000_000  # holders looked at together, so that memory is bounded
_OTHERS = 100  # holders for each account in lockstep, beyond which an identifier is not looked at


@dataclass(frozen=True, slots=True)
class Holdings:
    """Identifiers that accounts in lockstep hold, with all of their holders, in order of identifier.

    Attributes:
        identifier: The identifier.
        account: A holder.
        is_asked: Whether the holder is among those, drawn by a hash of their names, that tell whether the
            identifier sets a beat: of a large router each crew among its customers would ask all of them.
    """

    identifier: Ints
    account: Ints
    is_asked: Bools


def read_holdings(engine: Sql, pairs: Ties, numbers: CrewBeats) -> Holdings:
    """Read the identifiers that carry some of what accounts in lockstep do, and of whom else.

    What carries few of an account's sightings does not set when it starts.
    """
    engine.load("in_lockstep", pa.table({"account_no": np.union1d(pairs.l, pairs.r)}))
    identifier, account, place = read_columns(
        engine,
        f"""
        WITH totals AS (
            SELECT h.account_no, i.kind_no, sum(h.n) AS n_kind
            FROM window_incidence h JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
            GROUP BY h.account_no, i.kind_no
        ),
        theirs AS (
            SELECT h.identifier_no, h.account_no, sum(h.n) AS n
            FROM window_incidence h SEMI JOIN in_lockstep l ON l.account_no = h.account_no
            GROUP BY h.identifier_no, h.account_no
        ),
        wanted AS (
            SELECT i.identifier_no, i.kind_no, i.degree > {numbers.most_asked} AS is_large
            FROM theirs h
            JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
            JOIN totals t ON t.account_no = h.account_no AND t.kind_no = i.kind_no
            WHERE h.n >= {numbers.carried} * t.n_kind
            GROUP BY i.identifier_no, i.kind_no, i.degree
            HAVING count(*) >= {numbers.least_members} AND i.degree <= {_OTHERS} * count(*)
        ),
        holdings AS (
            SELECT h.identifier_no, h.account_no, w.is_large
            FROM window_incidence h
            JOIN wanted w ON w.identifier_no = h.identifier_no
            JOIN totals t ON t.account_no = h.account_no AND t.kind_no = w.kind_no
            GROUP BY h.identifier_no, h.account_no, w.is_large, t.n_kind
            HAVING sum(h.n) >= {numbers.carried} * t.n_kind
        ),
        draws AS (
            SELECT a.account_no, {draw_sql("a.account_id")} AS draw
            FROM account_numbers a
            SEMI JOIN (SELECT account_no FROM holdings WHERE is_large) h ON h.account_no = a.account_no
        )
        SELECT h.identifier_no, h.account_no, CASE WHEN h.is_large THEN
                   row_number() OVER (PARTITION BY h.identifier_no ORDER BY d.draw, h.account_no) ELSE 0
               END AS place
        FROM holdings h LEFT JOIN draws d ON d.account_no = h.account_no
        ORDER BY h.identifier_no, h.account_no
        """,
    )
    engine.drop("in_lockstep")
    return Holdings(identifier, account, place <= numbers.most_asked)


def is_set_by_identifier(
    starts: Starts, beats: Beats, on_beat: OnBeat, holdings: Holdings, numbers: tuple[CrewBeats, Timing]
) -> Bools:
    """Per crew, whether most other holders of an identifier of most of its accounts keep its beat.

    Of a large identifier a sample is asked (`Holdings.is_asked`): that takes time with its crews, not with
    its crews times its holders.
    Of a holder it is enough that it starts once at a moment; how many would by chance is by the hours around.
    """
    crews, timing = numbers
    n = int(max(on_beat.crew.max(initial=-1), beats.owner.max(initial=-1))) + 1
    case_crew, case_identifier = _common(on_beat, holdings)
    holder_of, holder = holdings.identifier[holdings.is_asked], holdings.account[holdings.is_asked]
    first = np.searchsorted(holder_of, case_identifier)
    size = np.searchsorted(holder_of, case_identifier, "right") - first
    base, kept = len(starts.first), on_beat.crew * len(starts.first) + on_beat.other
    is_cause = np.zeros(len(case_crew), bool)
    for batch in slices(size, _AT_ONCE):
        of, at = runs(first[batch], size[batch])
        account, crew = holder[at], case_crew[batch][of]
        others = np.flatnonzero(~are_among(crew * base + account, kept) & (starts.count(account) > 0))
        of, account, crew = of[others], account[others], crew[others]
        n_at, n_around = moments_around(starts, beats, (account, crew), numbers)
        by_chance = 1 - np.exp(-n_around * crews.moment_s / (timing.far_s - timing.near_s))
        n_others = np.bincount(of, minlength=len(case_crew[batch]))
        n_keep = np.bincount(of, n_at > 0, minlength=len(n_others))
        expected = np.bincount(of, by_chance, minlength=len(n_others))
        is_cause[batch] = (n_others >= crews.least_others) & (
            n_keep - expected > crews.others_share * np.maximum(n_others - expected, 1.0)
        )
    return np.asarray(np.bincount(case_crew[is_cause], minlength=n) > 0)


def moments_around(
    starts: Starts, beats: Beats, pairs: tuple[Ints, Ints], numbers: tuple[CrewBeats, Timing]
) -> tuple[Ints, Ints]:
    """Per account and crew, the moments of the beat at the account's starts, and those some way off.

    How many moments are around a second changes only a few times a moment: each start is looked up once in
    the list of changes, in the part of it that is of the crews of the slice.
    """
    crews, timing = numbers
    account, crew = pairs
    rows = np.flatnonzero(beats.owner <= crew.max(initial=-1))
    key = beats.owner[rows] * starts.span + (beats.s[rows] - starts.begin)
    reaches = crews.moment_s, timing.far_s, timing.near_s
    change = np.concatenate([side for reach in reaches for side in (key - reach, key + reach + 1)])
    order = np.argsort(change)
    at_once, around = (
        np.append(0, np.cumsum(np.repeat(signs, len(key))[order]))
        for signs in ([1, -1, 0, 0, 0, 0], [0, 0, 1, -1, -1, 1])
    )
    change = change[order]
    n_at, n_around = np.zeros((2, len(account)), np.int64)

    def count(batch: slice) -> None:
        row, at = expanded(starts, account[batch])
        wanted = crew[batch][row] * starts.span + (starts.s[at] - starts.begin)
        least, most = crew[batch].min(), crew[batch].max()
        low, high = np.searchsorted(change, [least * starts.span, (most + 1) * starts.span])
        place = low + np.searchsorted(change[low:high], wanted, "right")
        n = len(account[batch])
        n_at[batch] = np.bincount(row, at_once[place], minlength=n)
        n_around[batch] = np.bincount(row, around[place], minlength=n)

    in_slices(starts, starts.count(account), count)
    return n_at, n_around


def _common(on_beat: OnBeat, holdings: Holdings) -> tuple[Ints, Ints]:
    """Crews and the identifiers that at least half of their accounts hold."""
    order = np.argsort(holdings.account, kind="stable")
    holder, identifier = holdings.account[order], holdings.identifier[order]
    first = np.searchsorted(holder, on_beat.other)
    row, at = runs(first, np.searchsorted(holder, on_beat.other, "right") - first)
    (crew, held), _, place = distinct_rows(on_beat.crew[row], identifier[at])
    size = np.bincount(on_beat.crew, minlength=1)
    rows = np.flatnonzero(2 * np.bincount(place, minlength=len(crew)) >= size[crew])
    return crew[rows], held[rows]
