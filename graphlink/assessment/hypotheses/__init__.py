"""Hypotheses: what a cluster may be, with probabilities that add up and the evidence that separates them.

Three ways in which accounts come to be tied: one operator has them; they are customers of one intermediary
(a router, a reseller); they are on one network (a household's line, a campus, a carrier). Each predicts
something else, and the evidence of a cluster is weighed under all three, in bits:

- who shares an identifier has one operator with the probability that it is exclusive; what is left is the
  intermediary's or the network's, by what kind of thing it is;
- joint behaviour, rare clients and kinds of one's own have no cause in an intermediary or a network: there
  they agree by chance only, as often as their bits imply;
- people on one network are all seen there, tenants have places of their own, an operator has either;
- families are small and share one instrument; operators may be large and have several.

Evidence is counted per account and not per pair: of each group of kinds the strongest ties that span the
accounts (a spanning forest), and ties of one group are taken as dependent (their rate is drawn once per
cluster: a beta-binomial law). So a cluster of n accounts is never n * n observations.
"""

from __future__ import annotations

from graphlink.assessment.hypotheses.weighing import HYPOTHESES, weigh_hypotheses

__all__ = ["HYPOTHESES", "weigh_hypotheses"]
