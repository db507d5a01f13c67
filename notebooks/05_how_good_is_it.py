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
# Planted worlds have a known truth and dials that make farms hide better. This notebook draws some, runs
# graphlink and a simple peer on the same observations, and turns one dial.
#
# The worlds here are small, so that this takes a minute: they show how to measure, and their figures jump
# from seed to seed. The README has figures of large ones. A world is only as hard as its author made it:
# labelled cases of your own decide.
#
# **Outputs hold account data** once you measure your own. Clear them before you save a copy as `.ipynb`.

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
    """Membership as graphlink finds it."""
    with tempfile.TemporaryDirectory() as folder:
        result = graphlink.run(world.write(folder))  # with its reference lists, which know a part only
    return result.table("membership"), result


def link_by_components(world, most_holders=10):
    """The simple peer: accounts that share a value held by at most ten are one cluster."""
    held = world.observations().to_pandas()[["account_id", "kind", "value"]].dropna().drop_duplicates()
    degree = held.groupby(["kind", "value"])["account_id"].transform("size")
    held = held[(degree >= 2) & (degree <= most_holders)]
    values = list(zip(held["kind"], held["value"], strict=True))
    graph = nx.Graph(zip(held["account_id"], values, strict=True))
    found = {
        account: f"component {i}"
        for i, part in enumerate(nx.connected_components(graph))
        for account in part
        if isinstance(account, str)
    }
    names = world.truth["account_id"].to_pylist()
    clusters = [found.get(name) for name in names]
    return pa.table({"account_id": names, "cluster_id": pa.array(clusters, pa.string())})


# %% [markdown]
# ## One world
#
# 800 accounts over 60 days, with the default dials. `accused` is the share of honest accounts that share a
# cluster with a stranger: the mistake that costs most.

# %%
world = draw_world(seed=11, n_accounts=800)
membership, result = link_by_graphlink(world)
ours = evaluate_clusters(membership, world.truth)
peer = evaluate_clusters(link_by_components(world), world.truth)


def row_of(told):
    """What matters most of the measures."""
    return {
        "pair precision": told.pairs.precision,
        "pair recall": told.pairs.recall,
        "B-cubed F1": told.bcubed.f1,
        "accused": told.false_accusation_rate,
        "largest cluster": told.largest_cluster,
    }


pd.DataFrame({"graphlink": row_of(ours), "components": row_of(peer)}).T

# %% [markdown]
# ## Who is found, who is accused
#
# By style. `with a stranger` is what goes wrong for honest people; `found` (B-cubed recall) is how much of
# its own operator's accounts an account of a farm shares a cluster with.

# %%
styles = pd.DataFrame([style.to_dict() for style in ours.styles]).set_index("style")
styles[["n_accounts", "bcubed_precision", "bcubed_recall", "share_clustered", "share_with_stranger"]]

# %%
is_farm = styles.index.isin(FARM_STYLES)
figure, panels = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
parts = (
    ("bcubed_recall", styles[is_farm][::-1], "found: share of their operator (0 to 1)", "Farms", "#2563a8"),
    (
        "share_with_stranger",
        styles[~is_farm][::-1],
        "share with a stranger (0 to 1)",
        "Honest accounts",
        "#b02a53",
    ),
)
for axes, (name, told, words, title, colour) in zip(panels, parts, strict=True):
    axes.barh(told.index.str.replace("_", " "), told[name], color=colour)
    axes.set(xlabel=words, ylabel="style", xlim=(0, 1), title=title)

# %% [markdown]
# On the left, how much of each style of farm is found; on the right, how many honest accounts of each style
# share a cluster with a stranger. People who pay with one card are taken for one operator: nothing in the
# metadata tells them apart.

# %% [markdown]
# ## What the false discovery rate is worth
#
# Clusters listed up to a rate, and what is false of them. `share_false` should stay below `rate`.

# %%
points = evaluate_discoveries(membership, result.table("clusters"), world.truth)
pd.DataFrame([point.to_dict() for point in points])

# %% [markdown]
# ## Turn a dial
#
# `card_reuse` is how many accounts of a farm share a card. At 1 every account has its own: the farm pays
# for its hiding, and the strongest evidence is gone. Each point is the mean of two seeds.

# %%
rows = []
for cards in (1.0, 2.0, 6.0):
    for seed in (21, 22):
        drawn = draw_world(seed, 500, Dials(card_reuse=cards))
        for method, found in (
            ("graphlink", link_by_graphlink(drawn)[0]),
            ("components", link_by_components(drawn)),
        ):
            rows.append({"method": method, "cards": cards, **row_of(evaluate_clusters(found, drawn.truth))})
turned = pd.DataFrame(rows).groupby(["method", "cards"]).mean()
turned

# %%
figure, panels = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, layout="constrained")
for axes, name in zip(panels, ("pair precision", "pair recall"), strict=True):
    for method, marker in (("graphlink", "o-"), ("components", "s--")):
        told = turned.loc[method]
        axes.plot(told.index, told[name], marker, label=method)
    axes.set(
        xlabel="card_reuse (accounts per card)",
        ylabel="share of pairs (0 to 1)",
        ylim=(0, 1.05),
        title=name[0].upper() + name[1:],
    )
_ = panels[0].legend()

# %% [markdown]
# The lines show what is left of precision and recall as farms stop sharing cards. A method that finds
# everything by linking everybody accuses honest people: read recall only beside precision.

# %% [markdown]
# On your own cases: `evaluate_clusters(result.table("membership"), labels)` with a table of `account_id`
# and `operator_id`, or `estimate_from_sample` where only a sample is labelled. On the command line,
# `graphlink evaluate RESULT --truth FILE`.
