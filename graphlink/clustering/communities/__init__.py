"""Communities: which accounts form a group, given the links.

Three moves, each within one component, so that what happens elsewhere changes nothing:

1. components over links of at least `cluster_probability`;
2. Leiden (Traag, Waltman and van Eck 2019) with the constant Potts model inside each: two groups stay
   merged while their links average more than `resolution_bits` per pair of their accounts;
3. merging: a density required of all pairs tears a sparse operator (a chain of cards, a few accounts each)
   apart, so groups are weighed against each other as accounts are: links between them add up, each account
   and identifier once, minus the prior, and each link minus log2 of the number of pairs of accounts, since
   the more pairs there are the likelier one of them shares something by chance. Two large groups that one
   coincidence bridges stay apart.
"""

from __future__ import annotations

from graphlink.clustering.communities.finding import find_communities

__all__ = ["find_communities"]
