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
# # How good is it?
#
# Planted worlds have a known truth and parameters (dials) by which farms evade better. This notebook
# generates some, runs graphlink and a simple baseline on the same observations, and varies one dial.
#
# The worlds here are small, so that this takes a minute: they show how to measure, and their figures vary
# between seeds. The documentation has figures of large ones (docs/evidence). A world is only as hard as its
# author made it: your own labelled cases decide.
#
# **Outputs contain account data** once you measure your own. Clear them before you save a copy as `.ipynb`.

# %%
import tempfile

import matplotlib.pyplot as plt
import networkx as nx
import pandas as pd
import pyarrow as pa

import graphlink
from graphlink.evaluation import evaluate_clusters, evaluate_discoveries
from graphlink.samples import FARM_STYLES, Dials, draw_world

pd.set_option("display.html.use_mathjax", False, "display.float_format", "{:,.3f}".format)
plt.rcParams["text.parse_math"] = False


def link_by_graphlink(world):
    """Membership by graphlink."""
    with tempfile.TemporaryDirectory() as folder:
        result = graphlink.run(world.write(folder))  # with its incomplete reference lists
    return result.table("membership"), result


def link_by_components(world, most_holders=10):
    """The baseline: accounts that share a value with at most ten holders are one cluster."""
    held = world.observations().to_pandas()[["account_id", "kind", "value"]].dropna().drop_duplicates()
    degree = held.groupby(["kind", "value"])["account_id"].transform("size")
    held = held[(degree >= 2) & (degree <= most_holders)]
    values = list(zip(held["kind"], held["value"], strict=True))
    graph = nx.Graph(zip(held["account_id"], values, strict=True))
    component = {
        account: f"component {i}"
        for i, part in enumerate(nx.connected_components(graph))
        for account in part
        if isinstance(account, str)
    }
    names = world.truth["account_id"].to_pylist()
    clusters = [component.get(name) for name in names]
    return pa.table({"account_id": names, "cluster_id": pa.array(clusters, pa.string())})


# %% [markdown]
# ## One world
#
# 800 accounts over 60 days, with the default dials. `wrongly_flagged` is the share of honest accounts in a
# cluster with a stranger: the most costly error.

# %%
world = draw_world(seed=11, n_accounts=800)
membership, result = link_by_graphlink(world)
graphlink_measures = evaluate_clusters(membership, world.truth)
baseline_measures = evaluate_clusters(link_by_components(world), world.truth)


def row_of(measures):
    """The most important measures."""
    return {
        "pair precision": measures.pairs.precision,
        "pair recall": measures.pairs.recall,
        "B-cubed F1": measures.bcubed.f1,
        "wrongly_flagged": measures.wrongly_flagged_rate,
        "largest cluster": measures.largest_cluster,
    }


pd.DataFrame({"graphlink": row_of(graphlink_measures), "components": row_of(baseline_measures)}).T

# %% [markdown]
# ## Detected and wrongly flagged accounts
#
# By style. `share_with_stranger` is the error that affects honest people; `bcubed_recall` is the share of its
# operator's accounts that are in the cluster of an account.

# %%
styles = pd.DataFrame([style.to_dict() for style in graphlink_measures.styles]).set_index("style")
styles[["n_accounts", "bcubed_precision", "bcubed_recall", "share_clustered", "share_with_stranger"]]

# %%
is_farm = styles.index.isin(FARM_STYLES)
figure, panels = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
parts = (
    ("bcubed_recall", styles[is_farm][::-1], "B-cubed recall (0 to 1)", "Farms", "#2563a8"),
    (
        "share_with_stranger",
        styles[~is_farm][::-1],
        "share with a stranger (0 to 1)",
        "Honest accounts",
        "#b02a53",
    ),
)
for axes, (name, rows, words, title, colour) in zip(panels, parts, strict=True):
    axes.barh(rows.index.str.replace("_", " "), rows[name], color=colour)
    axes.set(xlabel=words, ylabel="style", xlim=(0, 1), title=title)

# %% [markdown]
# Left: recall of each style of farm; right: the share of honest accounts of each style in a cluster with a
# stranger. People who pay with one card are taken for one operator: the metadata does not separate them.

# %% [markdown]
# ## Calibration of the false discovery rate
#
# Clusters up to a rate, and the share of them that is false. `share_false` should be at most `rate`.

# %%
points = evaluate_discoveries(membership, result.table("clusters"), world.truth)
pd.DataFrame([point.to_dict() for point in points])

# %% [markdown]
# ## Vary a dial
#
# `card_reuse` is the number of accounts of a farm per card. At 1 every account has its own: evasion costs a
# card per account and removes the strongest evidence. Each point is the mean of two seeds.

# %%
rows = []
for cards in (1.0, 2.0, 6.0):
    for seed in (21, 22):
        drawn = draw_world(seed, 500, Dials(card_reuse=cards))
        for method, clustered in (
            ("graphlink", link_by_graphlink(drawn)[0]),
            ("components", link_by_components(drawn)),
        ):
            rows.append(
                {"method": method, "cards": cards, **row_of(evaluate_clusters(clustered, drawn.truth))}
            )
by_cards = pd.DataFrame(rows).groupby(["method", "cards"]).mean()
by_cards

# %%
figure, panels = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, layout="constrained")
for axes, name in zip(panels, ("pair precision", "pair recall"), strict=True):
    for method, marker in (("graphlink", "o-"), ("components", "s--")):
        means = by_cards.loc[method]
        axes.plot(means.index, means[name], marker, label=method)
    axes.set(
        xlabel="card_reuse (accounts per card)",
        ylabel="share of pairs (0 to 1)",
        ylim=(0, 1.05),
        title=name[0].upper() + name[1:],
    )
_ = panels[0].legend()

# %% [markdown]
# The lines show precision and recall as farms stop sharing cards. A method that links everybody has full
# recall and flags honest people: read recall only together with precision.

# %% [markdown]
# For your own cases: `evaluate_clusters(result.table("membership"), labels)` with a table of `account_id`
# and `operator_id`, or `estimate_from_sample` if only a sample is labelled. On the command line,
# `graphlink evaluate RESULT --truth FILE`.
