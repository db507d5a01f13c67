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
# Three pairs of accounts of the sample are computed from the tables of a result and the numbers of its
# `model.json`, by arithmetic that fits on paper. In the end nearly every link of the result is, and an
# assertion holds that the two agree.
#
# What the tables do not have is taken from them as it stands: how many holders of an identifier are tied by
# cards (the standalone bits of an identifier of three or more holders rest on it), the repetitions behind
# `p_via_cluster` and `p_apart`, and what something harmless explains (`is_explained`).
#
# **Outputs contain account data.** Those of the sample are invented. Clear them before you save a copy that
# computes links of your own.

# %%
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
# $$b = \mathtt{prior\_bits} + \sum_k c_k, \qquad \mathtt{p\_direct} = \frac{1}{1 + 2^{-b}},$$
#
# $$\mathtt{probability} = 1 - (1 - \mathtt{p\_direct})(1 - \mathtt{p\_via\_cluster}).$$


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
# ## Every link
#
# The same arithmetic for the links of the result. Kinds whose mean no pair of two kinds gives are left out.


# %%
def is_computable(rows):
    """Whether the means are known that kinds with a cap given another one need."""
    capped = (pair for pair in itertools.permutations(rows.index, 2) if pair in caps.index)
    return all(kind in mean_log_degree for given, kind in capped if caps.bits[given, kind] > 0)


errors, n_left_out = [], 0
for pair, link in links.iterrows():
    rows = of_kinds(pair)
    if not is_computable(rows):
        n_left_out += 1
        continue
    bits = PRIOR + sum(counted_by_hand(rows).values())
    one = (1 - (1 - probability_of(link.bits)) * (1 - link.p_via_cluster)) * (1 - link.p_apart)
    if link.is_explained:  # something harmless has the same odds as one operator
        one /= 1 + one
    errors.append({"bits": abs(bits - link.bits), "probability": abs(one - link.probability)})
errors = pd.DataFrame(errors)
assert len(errors) > 0.8 * len(links)
assert errors.bits.max() < 0.005
assert errors.probability.max() < 1e-6
pd.Series(
    {"links": len(links), "computed": len(errors), "left out": n_left_out, "largest error": errors.bits.max()}
)
