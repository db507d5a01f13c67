"""What would break it: the least evidence whose loss splits a cluster or drops an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from graphlink.core.errors import NotFoundError
from graphlink.core.wording.clusters import loss_sentence
from graphlink.core.wording.figures import counted
from graphlink.explanations.cuts import Cut, least_drop, least_split, parts_without, single_cuts
from graphlink.explanations.reweighing import Web, read_web
from graphlink.explanations.stored import log_odds, members_of, settings_of
from graphlink.explanations.values import Explanation, Part, Piece, listed, named
from graphlink.kinds import shown
from graphlink.result.integrity import of_result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from graphlink.explanations.readable import Readable

MOST_LINKS = 100_000
"""Links of a cluster up to which a page, a report and the note under a table search it.

The search has a limit of its own, and takes some 2 s of a processor in clusters of 5,000 to 76,000 links
(measured); beyond, reading the evidence takes longer. The command and the explorer, which are asked for one
cluster, search in any.
"""

_FEW_LINKS = 1_000  # of a cluster in which the search takes next to nothing
_MOST_SEARCHED = 60  # larger clusters that a report searches: two minutes of a processor

_LIKELIER_THAN_NOT = 0.5
_N_NAMED = 5
_N_ACCOUNTS = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """A single point of failure.

    Attributes:
        kind: Kind of the identifier, or the behaviour.
        value: The identifier; empty for a behaviour.
        facet: Group of kinds that fail together.
        n_links: Links of the cluster that fall with it.
        n_accounts: Accounts that fall off.
        falls_off: What falls off the largest part, the largest first.
    """

    kind: str
    value: str
    facet: str
    n_links: int
    n_accounts: int
    falls_off: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Breaks(Explanation):
    """What would break a cluster, or drop one of its accounts.

    Attributes:
        cluster_id: The cluster.
        account_id: The account to be dropped; None when the whole cluster is asked for.
        n_accounts: Accounts of the cluster.
        least_probability: A link holds while it is likelier than this.
        singles: Pieces of evidence whose loss alone does it, those that cost most accounts first.
        smallest: The least pieces found whose loss together does it; empty when nothing holds already.
        is_exact: Whether no fewer do it; else the number is an upper bound.
        n_proved: All sets of so many pieces were tried, and none does it.
        n_links: Links that fall with the smallest set.
        falls_off: What falls off the largest part with it.
    """

    cluster_id: str
    account_id: str | None
    n_accounts: int
    least_probability: float
    singles: tuple[Failure, ...]
    smallest: tuple[Piece, ...]
    is_exact: bool
    n_proved: int
    n_links: int
    falls_off: tuple[Part, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in sentences."""
        what = "the cluster" if self.account_id is None else shown(self.account_id)
        if not self.smallest:
            return (f"Nothing holds {what}: no link of it is likelier than {self.least_probability:g}.",)
        told = [_single_sentence(self, failure, what) for failure in self.singles[:_N_NAMED]]
        if len(self.singles) > _N_NAMED:
            told.append(f"{counted(len(self.singles) - _N_NAMED, 'other')} would do the same alone.")
        if not self.singles:
            told += ["There is no single point of failure.", _smallest_sentence(self)]
        return tuple(told)


def searched_clusters(clusters: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Choose the clusters of a report that are searched for what breaks them, so that it takes a few minutes.

    Args:
        clusters: Rows of the table `clusters`, the most wanted first.
    """
    rows = [row for row in clusters if row["n_links"] <= MOST_LINKS]
    few = [row for row in rows if row["n_links"] <= _FEW_LINKS]
    more = [row for row in rows if row["n_links"] > _FEW_LINKS][:_MOST_SEARCHED]
    return frozenset(str(row["cluster_id"]) for row in (*few, *more))


@of_result
def find_breaks(result: Readable, cluster_id: str, account_id: str | None = None) -> Breaks:
    """Find the least evidence whose loss splits a cluster, or drops one account from it.

    A cluster holds together by its links likelier than not. Sets of pieces are tried by size until one does
    it, or until 1,500 sets or 20 million links were looked at; then the answer is an upper bound and says
    so. What links say without a piece is as `graphlink.explanations.reweighing` has it.

    Raises:
        NotFoundError: There is no such cluster, or the account is not in it.
    """
    names = members_of(result, cluster_id)
    web = read_web(result, names, settings_of(result).model.prior_bits)
    if account_id is None:
        return _cluster_breaks(web, cluster_id)
    if account_id not in names:
        raise NotFoundError(f"account {shown(account_id)!r} is not in cluster {cluster_id}")
    return _account_breaks(web, cluster_id, account_id)


@of_result
@of_result
def find_loss(result: Readable, cluster_id: str, kind: str, value: str) -> Failure | None:
    """Find what a cluster loses with one identifier, or behaviour (then `value` is empty), alone.

    The same as the `Failure` of `find_breaks` where its loss splits the cluster; None where nothing in the
    cluster is of it.

    Raises:
        NotFoundError: There is no such cluster.
    """
    names = members_of(result, cluster_id)
    web = read_web(result, names, settings_of(result).model.prior_bits)
    piece = Piece(kind, value)
    if piece not in web.pieces:
        return None
    return _failure(web, web.pieces.index(piece), log_odds(_LIKELIER_THAN_NOT))


def _cluster_breaks(web: Web, cluster_id: str) -> Breaks:
    least = log_odds(_LIKELIER_THAN_NOT)
    found = [(_failure(web, piece, least), piece) for piece in single_cuts(web, least)]
    found.sort(key=lambda one: (-one[0].n_accounts, -one[0].n_links, one[0].kind, one[0].value))
    # Of several single points of failure the one that costs most.
    cut = Cut((found[0][1],), 0) if found else least_split(web, least)
    return Breaks(
        cluster_id=cluster_id,
        account_id=None,
        n_accounts=len(web.accounts),
        least_probability=_LIKELIER_THAN_NOT,
        singles=tuple(failure for failure, _ in found),
        smallest=tuple(web.pieces[piece] for piece in cut.pieces),
        is_exact=cut.is_exact,
        n_proved=cut.n_proved,
        n_links=_n_fallen(web, cut.pieces, least),
        falls_off=parts_off(web, cut.pieces, least),
    )


def _account_breaks(web: Web, cluster_id: str, account_id: str) -> Breaks:
    place = web.accounts.index(account_id)
    least = log_odds(_LIKELIER_THAN_NOT)
    cut = least_drop(web, place, least)
    own = np.unique(web.piece[(web.ends[web.link] == place).any(axis=1)]).tolist()
    singles = [piece for piece in own if _is_dropped(web, place, piece, least)]
    off = (Part(1, (account_id,)),) if cut.pieces else ()
    return Breaks(
        cluster_id=cluster_id,
        account_id=account_id,
        n_accounts=len(web.accounts),
        least_probability=_LIKELIER_THAN_NOT,
        singles=tuple(
            Failure(
                web.pieces[piece].kind,
                web.pieces[piece].value,
                web.facets[piece],
                _n_fallen(web, (piece,), least),
                1,
                off,
            )
            for piece in singles
        ),
        smallest=tuple(web.pieces[piece] for piece in cut.pieces),
        is_exact=cut.is_exact,
        n_proved=cut.n_proved,
        n_links=_n_fallen(web, cut.pieces, least),
        falls_off=off,
    )


def parts_off(web: Web, pieces: tuple[int, ...], least_bits: float) -> tuple[Part, ...]:
    """What falls off the largest part when these pieces are gone, the largest first."""
    if not pieces:
        return ()
    parts = parts_without(web, pieces, least_bits)
    names, sizes = np.unique(parts, return_counts=True)
    largest = names[np.argmax(sizes)]
    found = []
    for name, size in zip(names.tolist(), sizes.tolist(), strict=True):
        if name != largest:
            members = np.flatnonzero(parts == name)[:_N_ACCOUNTS].tolist()
            found.append(Part(size, tuple(web.accounts[place] for place in members)))
    return tuple(sorted(found, key=lambda part: (-part.n_accounts, part.accounts)))


def removal_words(cut_pieces: tuple[Piece, ...]) -> str:
    """Pieces as a sentence names them, the first few by name."""
    names = [named(piece.kind, piece.value) for piece in cut_pieces[:_N_NAMED]]
    more = len(cut_pieces) - len(names)
    return listed([*names, f"{more:,} more"] if more else names)


def drop_of(web: Web, account_id: str, least_bits: float) -> Cut:
    """The least pieces whose loss leaves an account without a link that holds."""
    return least_drop(web, web.accounts.index(account_id), least_bits)


def _single_sentence(breaks: Breaks, failure: Failure, what: str) -> str:
    name = named(failure.kind, failure.value)
    if breaks.account_id is None:
        return loss_sentence(name, failure.n_accounts, breaks.n_accounts)
    falls = f"{counted(failure.n_links, 'link')} {'falls' if failure.n_links == 1 else 'fall'}"
    return f"Losing {name} alone drops {what} ({falls})."


def _smallest_sentence(breaks: Breaks) -> str:
    n = len(breaks.smallest)
    does = "splits the cluster" if breaks.account_id is None else f"drops {shown(breaks.account_id)}"
    pieces = counted(n, "piece") + " of evidence"
    head = f"Losing {pieces} {does}: {removal_words(breaks.smallest)}"
    if breaks.account_id is None:
        off = sum(part.n_accounts for part in breaks.falls_off)
        head += f"; {counted(off, 'account')} of {breaks.n_accounts:,} {'falls' if off == 1 else 'fall'} off"
    if breaks.is_exact:
        return f"{head}. No fewer do it."
    proved = f"; no {breaks.n_proved:,} do it" if breaks.n_proved else ""
    return f"{head}. That is an upper bound{proved}: fewer may do it."


def _failure(web: Web, piece: int, least_bits: float) -> Failure:
    off = parts_off(web, (piece,), least_bits)
    told = web.pieces[piece]
    n_off = sum(part.n_accounts for part in off)
    return Failure(told.kind, told.value, web.facets[piece], _n_fallen(web, (piece,), least_bits), n_off, off)


def _n_fallen(web: Web, pieces: tuple[int, ...], least_bits: float) -> int:
    if not pieces:
        return 0
    links, bits = web.bits_without_pieces(pieces)
    return int(((web.bits[links] > least_bits) & (bits <= least_bits)).sum())


def _is_dropped(web: Web, place: int, piece: int, least_bits: float) -> bool:
    own = (web.ends == place).any(axis=1) & (web.bits > least_bits)
    links, bits = web.bits_without_pieces((piece,))
    own[links] &= bits > least_bits
    return not own.any()
