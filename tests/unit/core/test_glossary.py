"""The glossary: every term once, in order, with an example and what it is not."""

from __future__ import annotations

import pytest

from graphlink.core.wording.glossary import GLOSSARY, Term


def test_every_term_stands_once_and_in_order() -> None:
    names = [term.name for term in GLOSSARY]
    assert names == sorted(set(names))


@pytest.mark.parametrize("term", GLOSSARY, ids=lambda term: term.name)
def test_a_term_is_explained_by_sentences_of_its_own(term: Term) -> None:
    for sentence in (term.meaning, term.example, term.is_not):
        assert not sentence[0].islower() or sentence is term.example
        assert sentence.endswith(".")
        assert len(sentence) <= 160
    assert " no" in f" {term.is_not.lower()}", "says what the term is not"
