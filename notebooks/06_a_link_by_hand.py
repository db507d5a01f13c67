# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A link computed by hand
#
# Five pairs of accounts of the sample are computed from the tables of a result and the numbers of its
# `model.json`, by arithmetic that fits on paper: three from the prior to the bits of their link, two of other
# accounts and one of the three from the bits to the final probability. In the end every link of the result
# is, with the few exceptions that are named, and assertions hold that the two agree.
#
# What the tables do not have is taken from them as it stands: how many holders of an identifier are tied by
# cards (the standalone bits of an identifier of three or more holders rest on it), and in how many
# repetitions an account stays in its cluster, which is part of `membership.probability`.
#
# **Outputs contain account data.** Those of the sample are invented. Clear them before you save a copy that
# computes links of your own.

# %%
import functools
import itertools
import json
import math
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import graphlink

pd.set_option("display.html.use_mathjax", False, "display.float_format", "{:,.4f}".format)
plt.rcParams["text.parse_math"] = False

result = graphlink.run(Path("../data/sample/graphlink.toml"))
model = json.loads((Path(result.path) / "model.json").read_text(encoding="utf-8"))
links = result.table("links").to_pandas().set_index(["account_id_l", "account_id_r"])
evidence = result.table("evidence").to_pandas()
identifiers = result.table("identifiers").to_pandas().set_index(["kind", "value"])
membership = result.table("membership").to_pandas().set_index("account_id")
clusters = result.table("clusters").to_pandas().set_index("cluster_id")

PRIOR = model["settings"]["model"]["prior_bits"]
PARAMETERS = model["settings"]["parameters"]
learned = model["learned"]["match_weights"]["tables"]
weights = pd.DataFrame(learned["match_weights"]).set_index(["kind", "degree_bin", "repeat_bin"])["log_odds"]
caps = pd.DataFrame(learned["dependence_caps"]).set_index(["given", "kind"])
PRIOR


# %% [markdown]
# ## From bits to probabilities
#
# A link has `bits` $b$, its log2 odds. With nothing known they are the prior, and every piece of evidence
# adds its `contribution_bits` $c_k$:
#
# $$b = \mathtt{prior\_bits} + \sum_k c_k, \qquad \mathtt{p\_direct} = \frac{1}{1 + 2^{-b}}.$$
#
# Two accounts of one cluster may also have one operator by the ways through the others (`p_via_cluster`), two
# of different clusters hardly have (`p_apart`):
#
# $$p = \bigl(1 - (1 - \mathtt{p\_direct})(1 - \mathtt{p\_via\_cluster})\bigr)(1 - \mathtt{p\_apart}).$$
#
# Where something harmless explains all that the two share (`is_explained`), it has the same odds as one
# operator, and `probability` is $p / (1 + p)$; elsewhere it is $p$.


# %%
def probability_of(bits):
    """The probability of log2 odds."""
    return 1 / (1 + 2.0**-bits)


def evidence_of(pair):
    """The rows of evidence of a pair, the strongest first."""
    rows = evidence[(evidence.account_id_l == pair[0]) & (evidence.account_id_r == pair[1])]
    columns = ["kind", "value", "bits", "contribution_bits", "n_windows", "window_degree"]
    return rows[columns].sort_values("bits", ascending=False)


def pairs_with(*kinds):
    """The pairs whose evidence has one row of each of these kinds and no other, by name."""
    shared = evidence.groupby(["account_id_l", "account_id_r"]).kind.agg(lambda of: tuple(sorted(of)))
    return sorted(shared.index[shared == tuple(sorted(kinds))])


def is_alone(pair):
    """Whether only the two hold what they share."""
    rows = evidence_of(pair)
    return all(identifiers.degree.get((row.kind, row.value), 3) == 2 for row in rows.itertuples())


# %% [markdown]
# ## First pair: one card that nobody else holds
#
# A card has no window, so the two need not have held it at the same time. It has two holders, which is the
# bucket `degree_bin` 0, and such a pair meets once, `repeat_bin` 0. The log2 odds of the bucket are those of
# the kind's prior, `kind_priors.payment`:
#
# $$\log_2 \frac{p}{1 - p} = \log_2 \frac{0.9}{0.1} = 3.17$$
#
# An identifier of two holders has nothing that could corroborate it but the pair itself, which does not
# count. So its standalone bits are these odds less the prior, and one card alone gives back the prior of its
# kind.

# %%
first = next(pair for pair in pairs_with("payment") if is_alone(pair))
odds = math.log2(PARAMETERS["kind_priors"]["payment"] / (1 - PARAMETERS["kind_priors"]["payment"]))
standalone = odds - PRIOR
link = links.loc[first]
assert math.isclose(weights["payment", 0, 0], odds, abs_tol=1e-3)
assert math.isclose(evidence_of(first).bits.iloc[0], standalone, abs_tol=1e-3)
assert math.isclose(link.bits, PRIOR + standalone, abs_tol=1e-3)
assert math.isclose(link.p_direct, 0.9, abs_tol=1e-4)
pd.Series({"odds of the kind": odds, "less the prior": standalone, "link": PRIOR + standalone, **link})

# %% [markdown]
# ## Second pair: a card and an address
#
# Both have two holders. The address counts alone as much as its prior says, `kind_priors.ip`:
# $\log_2(0.3 / 0.7) + 12 = 10.78$ bits. Beside the card it counts less, for people who share a card share an
# address anyway. Of the two the card leads, as it gives the most, and counts in full. The address counts what
# it adds once the card is known, `added` of `graphlink/model/dependent_evidence.py`:
#
# $$a(k \mid g) = \min\left(s_{gk}\, b_k,\; \max\left(0,\, m_{gk} + \min\left(r_{gk},\,
# \bar{d}_k - \log_2(d_k - 1)\right)\right)\right)$$
#
# $m_{gk}$, $s_{gk}$ and $r_{gk}$ are `bits`, `share` and `rarity` of `dependence_caps` in `model.json`, for
# kind $k$ given $g$; $d_k$ is `window_degree`, the holders of the value; $\bar{d}_k$ is the mean of
# $\log_2(d_k - 1)$ over all pairs that share a value of the kind. Only $\bar{d}_k$ is in no table. Every pair
# with two kinds gives it, and all have to give the same.

# %%
second = next(pair for pair in pairs_with("ip", "payment") if is_alone(pair))
evidence_of(second)


# %%
def of_kinds(pair):
    """Per kind of a pair: standalone bits (its strongest value), counted bits, and holders of the value."""
    per_kind = evidence_of(pair).groupby("kind")
    rows = per_kind.agg(
        bits=("bits", "max"), counted=("contribution_bits", "sum"), d=("window_degree", "min")
    )
    return rows.fillna({"d": 2}).sort_values("bits", ascending=False)


implied = []
for pair in links.index:
    rows = of_kinds(pair)
    if len(rows) == 2 and tuple(rows.index) in caps.index:
        cap, weaker = caps.loc[tuple(rows.index)], rows.iloc[1]
        is_capped = 0.001 < weaker.counted < weaker.bits * cap.share - 0.001
        if cap.bits > 0 and is_capped:
            mean = weaker.counted - cap.bits + math.log2(max(weaker.d - 1, 1))
            implied.append({"kind": rows.index[1], "mean_log_degree": mean})
implied = pd.DataFrame(implied).groupby("kind").mean_log_degree.agg(["count", "min", "max", "median"])
assert (implied["max"] - implied["min"] < 0.001).all()
mean_log_degree = implied["median"].to_dict()
implied

# %% [markdown]
# With that mean the second pair is this sum:

# %%
cap, address = caps.loc["payment", "ip"], of_kinds(second).loc["ip"]
rarer = mean_log_degree["ip"] - math.log2(address.d - 1)
most = max(0.0, cap.bits + min(cap.rarity, rarer))
adds = min(cap.share * address.bits, most)
card = of_kinds(second).loc["payment"].bits
assert math.isclose(adds, address.counted, abs_tol=1e-3)
assert math.isclose(PRIOR + card + adds, links.loc[second].bits, abs_tol=1e-3)
pd.Series(
    {
        "prior": PRIOR,
        "card, in full": card,
        "address, alone": address.bits,
        "most given the card": most,
        "address, counted": adds,
        "link": PRIOR + card + adds,
        "p_direct": probability_of(PRIOR + card + adds),
    }
)


# %% [markdown]
# ## Third pair: four kinds
#
# With several kinds each could lead. The one that gives the largest sum does, and of the rest the mean over
# all orders is taken (Shapley 1953): in an order a kind counts the least of what it adds given each kind
# before it. Here all orders are gone through one by one.


# %%
facets = evidence.drop_duplicates("kind").set_index("kind").facet


def added(given, kind, rows):
    """Bits that a kind adds once another is known."""
    if (given, kind) not in caps.index:  # behaviours: a second one adds little, nor some to a place
        is_twice = not {given, kind} & set(weights.index.get_level_values("kind"))
        is_there = kind in ("signup_burst", "replacement") and facets[given] == "network"
        is_there |= given == "replacement" and facets[kind] == "network"
        return rows.bits[kind] * (PARAMETERS["dependence"]["same_facet"] if is_twice or is_there else 1.0)
    cap = caps.loc[given, kind]
    rarer = mean_log_degree.get(kind, 0.0) - math.log2(max(rows.d[kind] - 1, 1))
    most = max(0.0, cap.bits + min(cap.rarity, rarer)) if cap.bits > 0 else 0.0
    return min(cap.share * rows.bits[kind], most)


def counted_by_hand(rows):
    """Per kind the bits that it counts: the best leader in full, the others by the mean over all orders."""
    best = {}
    for leader in rows.index:
        others = [kind for kind in rows.index if kind != leader]
        orders = list(itertools.permutations(others))
        counted = {leader: rows.bits[leader]} | dict.fromkeys(others, 0.0)
        for order in orders:
            for i, kind in enumerate(order):
                known = [leader, *order[:i]]
                counted[kind] += min(rows.bits[kind], *(added(g, kind, rows) for g in known)) / len(orders)
        if sum(counted.values()) > sum(best.values()) + 1e-9:
            best = counted
    return best


third = pairs_with("client", "email_domain", "ip", "payment")[0]
rows = of_kinds(third)
rows["by_hand"] = pd.Series(counted_by_hand(rows))
assert (rows.by_hand - rows.counted).abs().max() < 0.002
assert math.isclose(PRIOR + rows.by_hand.sum(), links.loc[third].bits, abs_tol=0.005)
rows

# %%
steps = pd.concat([pd.Series({"prior": PRIOR}), rows.by_hand])
fig, axes = plt.subplots(figsize=(7, 2.8))
axes.barh(steps.index, steps, left=steps.cumsum() - steps, color=["#888888"] + ["#3b6ea5"] * len(rows))
axes.axvline(0, color="black", linewidth=0.8)
axes.set(xlabel="log2 odds", ylabel="evidence", title="From the prior to the bits of the link")
axes.invert_yaxis()

# %% [markdown]
# The plot is the third link from the prior to its log2 odds: a bar begins where the one above it ends. Right
# of zero a link is likelier than not. `graphlink why` prints the same.

# %% [markdown]
# ## From the bits to the probability
#
# What a link leads with is its evidence of most counted bits. All links of an account inside its cluster that
# lead with one identifier are true or false together, so the strongest of each counts. The chance that all of
# them are false is
#
# $$e^{\delta_x} = \prod_i \frac{1}{1 + 2^{\min(b_i, 30)}},$$
#
# and `membership.probability` is $\sigma_x (1 - e^{\delta_x})$, where $\sigma_x$ is the share of repetitions
# in which the account stays. That gives $\sigma_x$ back. For `p_via_cluster` of a pair the same is multiplied
# over both accounts, without what their own link leads with. (Where that alone joins two halves of a cluster,
# `p_via_cluster` is 0.)


# %%
def cluster_of(pair):
    """The cluster that both accounts of a pair are in, or None."""
    one, other = membership.cluster_id[list(pair)]
    return one if isinstance(one, str) and one == other else None


evidence_per_pair = dict(list(evidence.groupby(["account_id_l", "account_id_r"])))


@functools.cache
def leads(pair):
    """The identifier that a link leads with; all joint behaviour is one."""
    rows = evidence_per_pair[pair].assign(is_behaviour=lambda of: of.value.isna())
    order = ["contribution_bits", "is_behaviour", "kind", "value"]
    strongest = rows.sort_values(order, ascending=[False, True, True, True]).iloc[0]
    return None if strongest.is_behaviour else (strongest.kind, strongest.value)


inside = [
    {"account": account, "by": leads(pair), "bits": links.bits[pair]}
    for pair in links.index
    if cluster_of(pair)
    for account in pair
]
inside = pd.DataFrame(inside)


def all_false(account, without=()):
    """The chance that all links of an account inside its cluster are false, each identifier counted once."""
    best = {row.by: row.bits for row in inside[inside.account == account].sort_values("bits").itertuples()}
    return math.prod(1 - probability_of(min(bits, 30)) for by, bits in best.items() if by not in without)


def via_cluster(pair):
    """The probability of a link by what ties each of its accounts to the cluster besides."""
    stays = [membership.probability[account] / (1 - all_false(account)) for account in pair]
    return math.prod(
        share * (1 - all_false(account, [leads(pair)])) for share, account in zip(stays, pair, strict=True)
    )


through = links[links.p_via_cluster > 0]
fourth = (through.p_via_cluster - through.p_direct).idxmax()
by_ways = via_cluster(fourth)
either = 1 - (1 - probability_of(links.bits[fourth])) * (1 - by_ways)
assert math.isclose(by_ways, links.p_via_cluster[fourth], abs_tol=1e-4)
assert math.isclose(either, links.probability[fourth], abs_tol=1e-4)
pd.Series(
    {
        "p_direct": probability_of(links.bits[fourth]),
        **{f"all links of {account} false": all_false(account) for account in fourth},
        **{f"without {leads(fourth)[1]}": all_false(account, [leads(fourth)]) for account in fourth[:1]},
        "p_via_cluster": by_ways,
        "probability": either,
    }
)

# %% [markdown]
# **Of two clusters.** `p_apart` is the product of the probabilities that each account belongs to its own.
# Of an account whose cluster something harmless explains it is $P / (1 + P)$.


# %%
def reading_of(cluster):
    """What harmless reading explains a cluster, or None."""
    reading = clusters.also_explained_by.get(cluster)
    return reading if isinstance(reading, str) else None


def belongs(account):
    """The probability that an account belongs to its cluster, with equal odds for a harmless reading."""
    share = membership.probability[account]
    return share / (1 + share) if reading_of(membership.cluster_id[account]) else share


def apart(pair):
    """The probability that two accounts belong to two clusters."""
    one, other = membership.cluster_id[list(pair)]
    both = isinstance(one, str) and isinstance(other, str)
    return math.prod(map(belongs, pair)) if both and one != other else 0.0


fifth = links[links.p_apart > 0].p_direct.idxmax()
assert math.isclose(apart(fifth), links.p_apart[fifth], abs_tol=1e-6)
least = probability_of(links.bits[fifth]) * (1 - apart(fifth))
assert math.isclose(least, links.probability[fifth], abs_tol=1e-6)
pd.Series(
    {
        "p_direct": probability_of(links.bits[fifth]),
        **{f"{account} belongs": belongs(account) for account in fifth},
        "p_apart": apart(fifth),
        "probability": least,
    }
)

# %% [markdown]
# **What something harmless explains as well.** The second pair, a cluster of two, shares a card and an
# address. So do people of one home, and nothing else in the data separates these from one operator. The odds
# of one operator against neither are $o = 2^b$, those of the harmless reading are set equal, $o : o : 1$, and
# what is left is hardly one half, as sure as it is that the two are no strangers.
#
# A *ground* is evidence that is no place and no client, of `ground_bits` $+ \log_2(n - 1)$ bits alone among
# $n$ accounts and `ground_counted_bits` beside the other evidence of the pair. It speaks for one operator
# where it is not the identifier that most of the cluster's bits rest on (the payer's), and in groups up to
# `households.largest` no further card. A link outside of clusters is judged as a cluster of two. Inside of
# one it is explained if the cluster has a harmless reading (`also_explained_by`) and the two have no such
# ground, unless most of the cluster show one mail domain that is mostly theirs.

# %%
PLACES, EVENTS = ("network", "client"), ("lockstep", "crew_beat", "signup_burst")
KNOWN = (*PLACES, "payment", "identity", "behaviour")
NULL, LARGEST = PARAMETERS["null_model"], PARAMETERS["households"]["largest"]
n_members = membership.groupby("cluster_id").size()
emails = result.table("observations").to_pandas().query("kind == 'email'").drop_duplicates("account_id")
domains = emails.set_index("account_id").value.str.partition("@")[2]


def ties_of(pair, n):
    """The evidence of a pair that is no coincidence among so many accounts."""
    rows = evidence_per_pair[pair]
    alone = NULL["ground_bits"] + math.log2(max(1, n - 1))
    return rows[(rows.bits >= alone) & (rows.contribution_bits >= NULL["ground_counted_bits"])]


def payers(pairs, n):
    """The identifier that most bits of some pairs rest on, in a list; none where there is none."""
    ties = pd.concat([ties_of(pair, n) for pair in pairs])
    owned = ties[~ties.facet.isin(PLACES) & ties.value.notna()]
    return owned.groupby(["kind", "value"]).contribution_bits.sum().sort_values().index[-1:].tolist()


def is_openly(cluster):
    """Whether most of a cluster have one mail domain that is mostly theirs."""
    own = domains.reindex(membership.index[membership.cluster_id == cluster]).dropna()
    if own.empty:
        return False
    domain, n = own.value_counts().index[0], own.value_counts().iloc[0]
    shown = (n - 1) * n / identifiers.degree["email_domain", domain]
    return 2 * n > n_members[cluster] and 2 * shown > len(own) - 1


def is_explained(pair):
    """Whether something harmless explains all that two accounts share."""
    cluster = cluster_of(pair)
    if cluster:
        n, among = n_members[cluster], [other for other in links.index if cluster_of(other) == cluster]
        if not reading_of(cluster) or is_openly(cluster):
            return False
    else:
        n, among = 2, [pair]
        known = [name for name in membership.cluster_id[list(pair)] if isinstance(name, str)]
        if len(known) == 2 or not all(map(reading_of, known)):
            return False
    ties = ties_of(pair, n)
    grounds = ties[~ties.facet.isin(PLACES)]
    payer = pd.Series(list(zip(grounds.kind, grounds.value, strict=True)), grounds.index).isin(
        payers(among, n)
    )
    is_card = grounds.facet == "payment"
    comes_with_a_card = is_card | (is_card.any() & ~grounds.facet.isin(KNOWN))
    besides = grounds[~payer & ~((n <= LARGEST) & comes_with_a_card)]
    untimed = ties[~ties.kind.isin(EVENTS)]
    if cluster and reading_of(cluster) == "times":
        return grounds.kind.isin(EVENTS).all()
    return besides.empty or (not cluster and untimed.empty)


one = probability_of(links.bits[second])
assert is_explained(second)
assert not is_explained(first)  # its cluster has grounds enough
assert math.isclose(one / (1 + one), links.probability[second], abs_tol=1e-6)
pd.Series(
    {
        "reading": reading_of(cluster_of(second)),
        "odds": 2.0 ** links.bits[second],
        "p_direct": one,
        "probability": one / (1 + one),
    }
)

# %% [markdown]
# ## Every link
#
# The same arithmetic for the links of the result. Kinds whose mean no pair of two kinds gives are left out of
# the bits.


# %%
def is_computable(rows):
    """Whether the means are known that kinds with a cap given another one need."""
    capped = (pair for pair in itertools.permutations(rows.index, 2) if pair in caps.index)
    return all(kind in mean_log_degree for given, kind in capped if caps.bits[given, kind] > 0)


errors = []
for pair, link in links.iterrows():
    rows = of_kinds(pair)
    bits = PRIOR + sum(counted_by_hand(rows).values()) if is_computable(rows) else math.nan
    ways = via_cluster(pair) if link.p_via_cluster else 0.0
    one = (1 - (1 - probability_of(link.bits)) * (1 - ways)) * (1 - apart(pair))
    explained = is_explained(pair)
    errors.append(
        {
            "bits": abs(bits - link.bits),
            "p_via_cluster": abs(ways - link.p_via_cluster),
            "p_apart": abs(apart(pair) - link.p_apart),
            "is_explained": float(explained != link.is_explained),
            "probability": abs((one / (1 + one) if explained else one) - link.probability),
        }
    )
errors = pd.DataFrame(errors)
assert errors.bits.count() > 0.8 * len(links)
assert errors.bits.max() < 0.005
assert errors.is_explained.max() == 0
assert errors.drop(columns="bits").max().max() < 1e-4
pd.DataFrame({"links": errors.count(), "largest error": errors.max()})
