"""Facts of each cluster beside what is usual: how its accounts call, never who they are.

Each value of a cluster stands beside the same statistic over comparable accounts: accounts outside clusters
that are as active, within a factor of two, member by member. Facts raise and lower no probability; they are
for the person who decides. Accounts, not calls, are the sampling units of every interval, because the calls
of one account are alike.
"""

from __future__ import annotations

from graphlink.assessment.facts.collecting import collect_facts

__all__ = ["collect_facts"]
