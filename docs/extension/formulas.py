"""Formulas as MathML, which browsers draw themselves, so that the site needs no script from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


_LOG = logging.getLogger(__name__)


def mathml(text: str, *, is_block: bool) -> str:
    """A formula of LaTeX as MathML.

    Raises:
        docutils.utils.math.MathError: The formula uses what docutils does not know.
    """
    return str(tex2mathml(text, as_block=is_block))


def _drawn(node: nodes.math | nodes.math_block, *, is_block: bool) -> str:
    """The formula of a node; one that docutils can't read is a warning of its page and nothing."""
    try:
        return mathml(node.astext(), is_block=is_block)
    except MathError as error:
        _LOG.warning("formula %r: %s", node.astext(), error, location=node)
        return ""


def _visit_inline(writer: HTML5Translator, node: nodes.math) -> None:
    writer.body.append(_drawn(node, is_block=False))
    raise nodes.SkipNode


def _visit_block(writer: HTML5Translator, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="formula">{_drawn(node, is_block=True)}</div>\n')
    raise nodes.SkipNode


def add_formulas(app: Sphinx) -> None:
    """Register MathML as the way formulas are written in HTML."""
    app.add_html_math_renderer("mathml", (_visit_inline, None), (_visit_block, None))
