"""The batch linkage report: one folder with the same values as HTML, Markdown, CSV, JSON and a workbook."""

from __future__ import annotations

from graphlink.report.folder import Options, Report, write_report

__all__ = [
    "Options",
    "Report",
    "write_report",
]
