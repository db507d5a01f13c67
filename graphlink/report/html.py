"""The report's HTML: templates with autoescape, no script, one style sheet whose hash is all that may run.

Every text that reaches a page goes through `visible`, so that nothing in the data can hide or reorder what is
read, and stands in an element of its own direction.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import re
from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2

from graphlink.core.wording.clusters import FDR, cut_figure, fdr_figure, signal_figure
from graphlink.core.wording.facts import FACTS_NOTE
from graphlink.core.wording.figures import counted, format_probability, percent
from graphlink.core.wording.findings import finding_of
from graphlink.core.wording.glossary import GLOSSARY
from graphlink.core.wording.priority import PRIORITY
from graphlink.core.wording.vocabulary import harmless_name
from graphlink.explanations.joined import JOINED_RULE
from graphlink.kinds.facets import BEHAVIOUR, FACETS
from graphlink.render.charts import (
    Amount,
    Edge,
    Node,
    Span,
    Svg,
    charts_css,
    small_graph,
    sparkline,
    stacked_bar,
    timeline,
    waterfall,
)
from graphlink.render.escape import shortened
from graphlink.render.layout import place_nodes
from graphlink.report.joined import joined_row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphlink.explanations import Joined
    from graphlink.report.model import Entry, Page, Picture, Reason, Summary

_LEAST_STEP = 0.05  # bits of an average link from which a reason has a bar of its own
_MOST_ROWS = 300  # members on a page; the lists have all
_LONGEST = 600  # characters of a value on a page; JSON has all
_MOST_SPANS = 10
# Pixels of a drawing: on a large screen, on a smaller one and on paper, and on a narrow screen.
_FULL, _WIDE, _NARROW = 1384, 860, 340
_N_LABELLED = 7
_TONES = tuple(facet.name for facet in FACETS)


class HtmlPages:
    """Makes the pages of a report; templates are compiled once."""

    def __init__(self) -> None:
        # White space of the style sheet counts in its hash, so it is inserted unchanged.
        style = Svg(charts_css() + (resources.files("graphlink.report") / "report.css").read_text("utf-8"))
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self._environment = jinja2.Environment(
            loader=jinja2.FunctionLoader(_template),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            finalize=_finalized,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            style=style,
            style_hash=f"sha256-{digest}",
            most=_MOST_ROWS,
            fdr_about=FDR,
            glossary=GLOSSARY,
            priority_about=PRIORITY,
            joined_rule=JOINED_RULE,
            facts_about=FACTS_NOTE,
        )
        self._environment.tests["time"] = lambda value: isinstance(value, datetime.date)
        self._environment.filters.update(
            probability=_probability,
            percent=_percent,
            fdr=_fdr,
            finding=lambda entry: finding_of(entry.row),
            cut=_cut,
            harmless=harmless_name,
            amount=_amount,
            moment=_moment,
            day=lambda value: "" if value is None else f"{value:%Y-%m-%d}",
            words=lambda name: str(name).replace("_", " "),
            slug=lambda name: re.sub("[^a-z0-9]+", "-", str(name).lower()),
            facet_bar=_facet_bar,
            activity=_activity,
            waterfall=_waterfall,
            picture=_picture,
            timeline=_timeline,
            signal_rows=lambda signals: [_signal_row(one) for one in signals],
            joined_rows=lambda joined: [_joined_row(one) for one in joined[:_MOST_ROWS]],
        )

    def index(self, summary: Summary, entries: Sequence[Entry]) -> str:
        """Make the first page."""
        return self._environment.get_template("index.html.j2").render(summary=summary, entries=entries)

    def cluster(self, page: Page) -> str:
        """Make the page of a cluster."""
        return self._environment.get_template("cluster.html.j2").render(page=page)


def _template(name: str) -> str:
    return (resources.files("graphlink.report") / "templates" / name).read_text("utf-8")


def _finalized(value: Any) -> Any:
    """Texts made visible; what a template or a drawing has escaped already is of another class."""
    return shortened(value, _LONGEST) if type(value) is str else value


def _probability(value: float | None) -> str:
    return "" if value is None else format_probability(value)


def _percent(value: float | None) -> str:
    return "" if value is None else percent(value)


def _fdr(entry: Entry) -> str:
    return fdr_figure(entry.fdr, entry.also_explained_by)


def _cut(entry: Entry) -> str:
    return cut_figure(entry.row["weakest_cut"], entry.row["weakest_cut_is_bound"])


def _amount(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


def _moment(value: datetime.datetime | None) -> str:
    return "" if value is None else f"{value:%Y-%m-%d %H:%M}"


def _joined_row(one: Joined) -> dict[str, Any]:
    return {name: value for name, value in joined_row(one, "").items() if name != "cluster"}


def _signal_row(row: dict[str, Any]) -> dict[str, Any]:
    """A signal as people read it: what is measured, shares in percent, and what is usual."""
    name = row["signal"]
    here, usual = (signal_figure(name, row[part]) for part in ("value", "baseline"))
    return {"signal": row["in words"] or name, "here": here, "usual": usual, "accounts": row["accounts"]}


def _tone(facet: str) -> str:
    return facet if facet in _TONES else "rest"


def _facet_bar(entry: Entry) -> Svg:
    amounts = [Amount(facet, share, _tone(facet)) for facet, share in entry.facets]
    shares = ", ".join(f"{facet} {share:.0%}" for facet, share in entry.facets)
    return stacked_bar(amounts, f"Evidence: {shares}")


def _activity(entry: Entry) -> Svg:
    if not entry.activity:
        return Svg("")
    earlier = f"; {entry.n_before:,} earlier ones are not drawn" if entry.n_before else ""
    return sparkline(entry.activity, f"Observations over time{earlier}", is_cut=bool(entry.n_before))


def _at_widths(draw: Callable[[int], Svg]) -> Svg:
    """A drawing for large screens, for others and paper, and for narrow ones; the style sheet shows one."""
    wide = draw(_WIDE)
    if not wide:
        return wide
    widths = (("full", draw(_FULL)), ("wide", wide), ("narrow", draw(_NARROW)))
    return Svg("".join(f'<div class="at-{name}">{drawing}</div>' for name, drawing in widths))


def _waterfall(page: Page) -> Svg:
    facets = {(tie.kind, tie.value): tie.facet for tie in page.ties}
    n = max(1, page.entry.n_links)
    # Zero would be a bar of no width.
    steps = [reason for reason in page.reasons if abs(reason.bits / n) >= _LEAST_STEP]
    amounts = [Amount(_step_label(step), step.bits / n, _step_tone(step, facets)) for step in steps]
    rest = sum(reason.bits / n for reason in page.reasons if abs(reason.bits / n) < _LEAST_STEP)
    if abs(rest) >= _LEAST_STEP:
        amounts.append(Amount("all smaller ones", rest, "rest"))
    links = page.entry.n_links
    whose = "its one link" if links == 1 else f"an average one of its {links:,} links"
    return _at_widths(lambda width: waterfall(amounts, f"How the bits of {whose} add up", width=width))


def _step_label(reason: Reason) -> str:
    if reason.value:
        return f"{reason.kind.replace('_', ' ')} {reason.value}"[:80]
    return (reason.kind or reason.reason).replace("_", " ")


def _step_tone(reason: Reason, facets: dict[tuple[str, str], str]) -> str:
    if reason.reason == "prior":
        return "prior"
    if reason.reason == "joint_behaviour":
        return BEHAVIOUR.name
    return _tone(facets.get((reason.kind, reason.value), ""))


def _timeline(page: Page) -> Svg:
    spans = []
    for tie in page.ties:
        if tie.first_joint is not None and tie.last_joint is not None and tie.bits > 0:
            label = f"{tie.kind.replace('_', ' ')} {tie.value}"[:80]
            spans.append(Span(label, tie.first_joint, tie.last_joint, _tone(tie.facet)))
    label = "When its accounts were active and what they held together"
    return _at_widths(lambda width: timeline(spans[:_MOST_SPANS], page.days, label, width))


def _picture(page: Page) -> Svg:
    picture = page.graph
    n_accounts = len(picture.accounts)
    numbers = {tie: n_accounts + i for i, tie in enumerate(picture.ties)}
    amounts = [held[2] for held in picture.holds] + [pair[3] for pair in picture.pairs]
    most = max(amounts, default=0.0) or 1.0
    edges = [
        Edge(account, numbers[tie], bits / most, _tone(page.ties[tie].facet))
        for account, tie, bits in picture.holds
    ]
    edges += [Edge(left, right, bits / most, BEHAVIOUR.name) for left, right, _, bits in picture.pairs]
    if not edges:
        return Svg("")
    nodes = _nodes(page, picture, edges)
    height = 300 if len(nodes) < 12 else 420
    ties = counted(len(picture.ties), "identifier that ties them", "identifiers that tie them")
    label = f"{counted(n_accounts, 'account')} and {ties}"
    return _at_widths(
        lambda width: small_graph(nodes, edges, label, (width, height if width < _FULL else height + 140))
    )


def _nodes(page: Page, picture: Picture, edges: Sequence[Edge]) -> list[Node]:
    places = place_nodes(
        len(picture.accounts) + len(picture.ties),
        [(edge.start, edge.end) for edge in edges],
        [0.2 + edge.weight for edge in edges],
    )
    least = places.min(axis=0)
    span = places.max(axis=0) - least
    spread = [(place - least) / [size if size > 0 else 1.0 for size in span.tolist()] for place in places]
    points = [(float(x), float(y)) for x, y in spread]
    is_few = len(picture.accounts) <= 12
    nodes = [
        Node(x, y, account, "account" if role == "core" else "fringe", is_labelled=is_few)
        for (account, role), (x, y) in zip(picture.accounts, points, strict=False)
    ]
    for i, number in enumerate(picture.ties):
        tie = page.ties[number]
        label = f"{tie.kind.replace('_', ' ')} {tie.value}"
        x, y = points[len(picture.accounts) + i]
        nodes.append(Node(x, y, label, _tone(tie.facet), is_account=False, is_labelled=i < _N_LABELLED))
    return nodes
