"""Match weights of the kinds of identifiers (m- and u-probabilities), learned without labels.

Of the pairs of accounts that share a value of one kind, some have one operator and some do not; a pair's
other kinds show which, since one operator's accounts agree on them too and strangers' do so by chance. A
two-class mixture with one view per kind (the pairs that share a value of that kind) gives for each kind, size
of value and number of meetings the share of pairs with one operator. It is Fellegi and Sunter's model (1969)
fitted by expectation maximisation (Winkler 1988), with these differences, each because the plain model fails
without it:

- kinds that imply each other (a full name and its surname) count once, and what a kind adds once another is
  shared is learned per pair of kinds, so that dependent kinds are not added up;
- common backgrounds (time zone, country, mail provider) count once between them;
- where a kind has a stated prior the data may move it only partially, because an operator who evades
  shares one facet only, and absence of the others is missing rather than contrary.
"""

from __future__ import annotations

from graphlink.model.match_weights.learning import learn_match_weights

__all__ = ["learn_match_weights"]
