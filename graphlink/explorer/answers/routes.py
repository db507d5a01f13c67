"""Which answer each route of the API gives, and what its request carries."""

from __future__ import annotations

from typing import Any

from graphlink.explorer.answers import bodies, clusters, comparison, drawings, run, subjects
from graphlink.explorer.answers.base import Page

Explanation = dict[str, Any]  # the fields of an explanation of graphlink.explanations, with its sentences

GET: dict[str, Any] = {
    "/status": run.Status,
    "/meta": run.Meta,
    "/summary": run.Summary,
    "/queue": clusters.Queue,
    "/map": drawings.MapAnswer,
    "/search": subjects.SearchAnswer,
    "/clusters/{cluster_id}": clusters.ClusterHead,
    "/clusters/{cluster_id}/brief": clusters.Brief,
    "/clusters/{cluster_id}/members": Page[clusters.Member],
    "/clusters/{cluster_id}/evidence": Page[clusters.Tie],
    "/clusters/{cluster_id}/infrastructure": clusters.InfrastructurePage,
    "/clusters/{cluster_id}/links": Page[clusters.Link],
    "/clusters/{cluster_id}/joined": clusters.JoinedPage,
    "/clusters/{cluster_id}/explanation": Explanation,
    "/clusters/{cluster_id}/graph": drawings.Graph,
    "/clusters/{cluster_id}/style": drawings.Style,
    "/clusters/{cluster_id}/timeline": drawings.Timeline,
    "/compare": comparison.Comparison,
    "/expand": drawings.Expansion,
    "/account": subjects.AccountAnswer,
    "/identifier": subjects.IdentifierAnswer,
    "/pair": Explanation,
    "/member": Explanation,
    "/break": Explanation,
    "/path": Explanation,
}
POST: dict[str, tuple[Any, Any]] = {
    "/lookup": (bodies.LookupBody, subjects.Lookup),
    "/collateral": (bodies.CollateralBody, Explanation),
    "/what-if": (bodies.WhatIfBody, Explanation),
}
"""Path to what the request carries and to the answer."""
