"""The likelihoods of the states of an identifier, against brute force."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from graphlink.core.parameters import Exclusivity
from graphlink.model.exclusivity.states import (
    Coverage,
    Floats,
    States,
    belonging,
    log_beta_binomial,
    log_by_tied,
    log_gamma,
    midpoints,
    own_law,
    state_likelihoods,
    stated_law,
    uniform_law,
)

NUMBERS = Exclusivity()


def urn(shown: int, n: int, mean: float, doubt: float) -> float:
    """Likelihood of one sequence, drawn one by one: a beta law is Polya's urn."""
    a, b, likelihood = mean * doubt, (1 - mean) * doubt, 1.0
    for i in range(n):
        likelihood *= (a + i) / (doubt + i) if i < shown else (b + i - shown) / (doubt + i)
    return likelihood


def covering(
    n: float, tied: float, by_chance: float = 0.0, n_parts: float = 1, is_shared: bool = False
) -> Coverage:
    """The coverage of one identifier."""
    n_shown, n_tied, chance, parts = (np.array([float(one)]) for one in (n, tied, by_chance, n_parts))
    return Coverage(n_shown, n_tied, chance, parts, np.array([is_shared]))


def likelihoods(
    n: int,
    tied: int,
    by_chance: float = 0.0,
    n_parts: int = 1,
    *,
    is_pair_left_out: bool = False,
    is_shared: bool = False,
) -> States:
    coverage = covering(n, tied, by_chance, n_parts, is_shared)
    law = stated_law(NUMBERS)
    return state_likelihoods(coverage, law, NUMBERS, is_pair_left_out=is_pair_left_out)


def by_hand(n: float, tied: float, share_law: Floats) -> tuple[float, float, float]:
    """Log likelihood, share that belongs, and of the untied, of which a cell of a law has equal shares."""
    edges = np.concatenate(
        [np.linspace(0, 39, 1_171)[:-1] / 40, 1 - 0.5 ** np.arange(0, 24, 1 / 8) / 40, [1]]
    )
    share, width = (edges[1:] + edges[:-1]) / 2, np.diff(edges) * 40
    cell = np.minimum((share * 40).astype(int), 39)
    s, t = np.meshgrid(share, share, indexing="ij")
    law = np.outer(share_law[cell] * width, stated_law(NUMBERS)[cell] * width)
    log_weight = np.log(law) + tied * np.log(s * t) + (n - tied) * np.log1p(-s * t)
    most = log_weight.max()
    weight = np.exp(log_weight - most)
    total = weight.sum()
    untied = (weight * s * (1 - t) / (1 - s * t)).sum()
    return math.log(total) + most, (weight * s).sum() / total, untied / total


@pytest.mark.parametrize("x", [1e-3, 0.1, 0.5, 1.0, 2.0, 7.3, 40.0, 1e3, 1e6])
def test_the_gamma_function_is_that_of_the_standard_library(x: float) -> None:
    assert log_gamma(x) == pytest.approx(math.lgamma(x), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("mean", "doubt"), [(6 / 7, 7.0), (0.1, 10.0), (0.5, 2.0)])
@pytest.mark.parametrize(("shown", "n"), [(0, 0), (0, 5), (3, 5), (5, 5), (17, 40)])
def test_a_sequence_is_as_likely_as_from_an_urn(shown: int, n: int, mean: float, doubt: float) -> None:
    actual = log_beta_binomial(np.array([float(shown)]), np.array([float(n)]), mean, doubt)
    assert math.exp(float(actual[0])) == pytest.approx(urn(shown, n, mean, doubt), rel=1e-9)


def test_all_sequences_of_a_length_add_up_to_one() -> None:
    total = sum(
        math.exp(float(log_beta_binomial(np.array([float(sum(one))]), np.array([6.0]), 0.3, 4.0)[0]))
        for one in itertools.product((0, 1), repeat=6)
    )
    assert total == pytest.approx(1.0)


@pytest.mark.parametrize(("n", "tied", "by_chance"), [(3, 3, 0.0), (8, 8, 0.1), (40, 4, 0.02), (12, 7, 0.5)])
def test_the_states_are_weighed_against_the_public(n: int, tied: int, by_chance: float) -> None:
    usual = min(max(by_chance, NUMBERS.least_usual), NUMBERS.most_usual)
    public = 0.5 * urn(tied, n, NUMBERS.public_tied, NUMBERS.public_doubt) + 0.5 * urn(
        tied, n, usual, NUMBERS.chance_doubt
    )
    alone, among = by_hand(n, tied, own_law(NUMBERS)), by_hand(n, tied, uniform_law())
    several = (1 - NUMBERS.single_facet) * math.exp(alone[0]) / public
    states = likelihoods(n, tied, by_chance)
    assert states.one_operator[0] == pytest.approx(several + NUMBERS.single_facet, rel=0.02)
    assert states.among_others[0] == pytest.approx(math.exp(among[0]) / public, rel=0.02)
    assert states.among.belongs[0] == pytest.approx(among[1], rel=0.01)
    assert states.among.untied_belongs[0] == pytest.approx(among[2], rel=0.01)
    # Where an operator's accounts share nothing else, all of them belong.
    shown = several / (several + NUMBERS.single_facet)
    assert states.alone.belongs[0] == pytest.approx(1 - shown * (1 - alone[1]), rel=0.01)
    assert states.alone.untied_belongs[0] == pytest.approx(1 - shown * (1 - alone[2]), rel=0.03)


@pytest.mark.parametrize(
    ("n", "tied"), [(40, 40), (1_000, 995), (1_000, 600), (6_180, 6_175), (20_000, 20_000)]
)
def test_many_holders_are_weighed_as_exactly_as_few(n: int, tied: int) -> None:
    for law in (own_law(NUMBERS), uniform_law()):
        actual = belonging(covering(n, tied), law, stated_law(NUMBERS))
        assert actual.log_likelihood[0] == pytest.approx(by_hand(n, tied, law)[0], abs=0.1)
        by_cell = log_by_tied(covering(n, tied), law)
        total = np.logaddexp.reduce(by_cell[0] + np.log(stated_law(NUMBERS)))
        assert total == pytest.approx(actual.log_likelihood[0])


def test_the_more_holders_are_tied_the_surer_is_one_operator() -> None:
    """An address or site of thousands, all but a few of them tied, and a tenth of them by chance."""
    ratios = [likelihoods(n, n - 5, 0.1).one_operator[0] for n in (30, 100, 300, 1_000, 10_000, 100_000)]
    assert ratios == sorted(ratios)
    assert ratios[-1] > 1e9


def test_parts_that_share_nothing_may_be_several_operators() -> None:
    one, several = (likelihoods(40, 40, n_parts=n).one_operator[0] for n in (1, 2))
    assert several - NUMBERS.single_facet == pytest.approx(NUMBERS.parts_alone * (one - NUMBERS.single_facet))


def test_that_all_are_tied_says_little_where_organisations_are_known_to_share() -> None:
    """Tenants that are organisations are each tied among themselves."""
    alone, shared = likelihoods(90, 90), likelihoods(90, 90, is_shared=True)
    assert alone.one_operator[0] > 1_000 * shared.one_operator[0]
    assert shared.among_others[0] <= 2
    few, few_shared = likelihoods(90, 9), likelihoods(90, 9, is_shared=True)
    assert few_shared.one_operator[0] <= few.one_operator[0]


def test_a_couple_corroborates_nobody() -> None:
    assert likelihoods(9, 2).one_operator == likelihoods(9, 0).one_operator
    assert likelihoods(9, 2).among_others == 0.0
    assert likelihoods(9, 3).among_others > 0.0


def test_many_identifiers_are_weighed_as_each_by_itself() -> None:
    rng = np.random.default_rng(3)
    n = rng.integers(3, 60, 5_000) + rng.integers(0, 2, 5_000) * rng.random(5_000)
    tied = np.floor(rng.random(5_000) * n)
    all_at_once = belonging(Coverage(n, tied, n, n, n > 0), own_law(NUMBERS), stated_law(NUMBERS))
    for i in (0, 17, 4_999):
        one = [np.array([of[i]]) for of in (n, tied, n, n, n > 0)]
        alone = belonging(Coverage(*one), own_law(NUMBERS), stated_law(NUMBERS))
        assert [of[i] for of in all_at_once] == [of[0] for of in alone]


def test_laws_are_those_of_beta_variables_and_add_up_to_one() -> None:
    for law, mean in (
        (stated_law(NUMBERS), NUMBERS.tied),
        (own_law(NUMBERS), 1 - NUMBERS.guests),
        (uniform_law(), 0.5),
    ):
        assert law.sum() == pytest.approx(1.0)
        assert law @ midpoints() == pytest.approx(mean, abs=0.01)


def test_of_two_holders_their_own_tie_says_nothing() -> None:
    states = likelihoods(2, 2)
    assert (states.one_operator[0], states.among_others[0]) == (1.0, 0.0)
    assert (states.alone.belongs[0], states.alone.untied_belongs[0]) == (1.0, 1.0)


def test_who_could_be_tied_and_is_not_belongs_less_likely_than_who_could_not() -> None:
    """Fifty of fifty-four are tied: of somebody without a card nothing speaks against him."""
    for who in (likelihoods(54, 50).alone, likelihoods(54, 50).among):
        assert who.belongs[0] > 0.9
        assert who.untied_belongs[0] < 0.7


def test_more_strangers_leave_less_of_an_identifier_to_the_operator() -> None:
    of_strangers = [likelihoods(n, 20).among for n in (20, 25, 40, 80, 400)]
    shares = [float(who.belongs[0]) for who in of_strangers]
    untied = [float(who.untied_belongs[0]) for who in of_strangers]
    assert shares == sorted(shares, reverse=True)
    assert untied == sorted(untied, reverse=True)
    assert shares[-1] < 0.1


def test_a_part_of_two_is_left_out_where_the_two_are_judged() -> None:
    without = likelihoods(5, 2, is_pair_left_out=True)
    untied = likelihoods(5, 0)
    assert without.one_operator == untied.one_operator
    assert without.among_others == untied.among_others == 0.0


def test_absence_of_ties_lowers_the_odds_by_a_bounded_factor() -> None:
    """Who evades shares one facet only: absence is missing, not contrary."""
    for n in (3, 10, 100, 10_000):
        assert NUMBERS.single_facet <= likelihoods(n, 0).one_operator[0] < 1.0


def test_the_more_holders_are_tied_the_likelier_one_operator_holds_it() -> None:
    of_ties = [float(likelihoods(12, tied).one_operator[0]) for tied in range(3, 13)]
    assert of_ties == sorted(of_ties)
    assert of_ties[-1] > 100 * of_ties[0]


def test_ties_that_chance_explains_are_worth_little() -> None:
    assert likelihoods(20, 10, 0.5).one_operator[0] < 1.0
    assert likelihoods(20, 10, 0.5).among_others[0] < 0.1 * likelihoods(20, 10, 0.02).among_others[0]
