"""The null model: what coincidence alone would give, and how many of the links and clusters are false.

The null keeps sizes, degrees and rhythms. Per kind every identifier keeps the number of its holders and their
times, every account its number of sightings; which account is which is shuffled kind by kind, so only the
correspondence *between* facets is broken. Two strangers tied in two facets are then a coincidence. Their
expected number needs no shuffling: of n pairs tied in one kind and m in another, n * m * k coincide, where k
is the chance that two pairs drawn by the accounts' activity are the same one (a bipartite configuration
model, as in Newman, Strogatz and Watts 2001). Counting that for every strength of either tie gives the number
of pairs that coincidence lifts to any strength. Ties of pairs that are likely one operator's count as far as
they are not.

What it can't distinguish: an identifier of two holders has two holders under any null that keeps degrees, so
evidence of one facet alone is never surprising to it; its weight comes from the kind (`match_weights`).
Strangers who meet in two facets for a reason (one town, one office) are more than it expects. Three facets
that coincide are left out, being rarer still.

The false discovery rate of a list is the mean over its items of the probability to be false (Newton, Noueiry,
Sarkar and Ahlquist 2004), where the probability is the greatest of those stated: the model's estimate for the
link, or of the members of the cluster; of a cluster also what the hypotheses leave to those by which it is
not one organisation's; that of the null; and 1 for what something harmless explains as well: a cluster of
whose members at least half are connected by one identifier (a card that one pays with for several) or by
places and clients alone, unless it is likeliest openly one organisation; or, then too, by what people of one
taste in privacy have in common. Nothing in the data distinguishes a household, or a reseller's customers,
from an operator then, so the rate is a bound from above.
"""

from __future__ import annotations

from graphlink.assessment.null_model.discoveries import false_discovery_rates
from graphlink.assessment.null_model.weighing import estimate_null

__all__ = ["estimate_null", "false_discovery_rates"]
