"""The terms that people meet in pages and reports: what each means, an example, and what it is not."""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """A term of the glossary, behind every face of it: list, tooltip and page.

    Attributes:
        name: The term.
        meaning: What it means, in a sentence.
        example: A number as an example, in a sentence.
        is_not: What it is not, in a sentence.
    """

    name: str
    meaning: str
    example: str
    is_not: str

    @property
    def text(self) -> str:
        """All of it, as a tooltip shows it."""
        return f"{self.meaning} {self.example} {self.is_not}"


GLOSSARY = (
    Term(
        "account",
        "What one customer signs in with.",
        "One person may have two.",
        "It is not a person: an operator has many, and a family may share one.",
    ),
    Term(
        "also explained by",
        "A harmless cause that accounts for what the accounts share as well as one operator does.",
        "Four accounts that share one card only: a household's card explains them too.",
        "It is not proof that they are harmless.",
    ),
    Term(
        "bit",
        "The unit of evidence: each bit doubles the odds that two accounts have one operator.",
        "Ten bits make odds of 1 to 1,000 about even.",
        "It is not a probability: that also needs the odds from which a pair starts.",
    ),
    Term(
        "by chance",
        "How many clusters at least as large and as strong coincidence alone is expected to give.",
        "0.01: one in a hundred such runs has one.",
        "It is not the probability that this cluster is wrong.",
    ),
    Term(
        "capped",
        "Of an identifier: more accounts held it at once than a run compares pair by pair.",
        "An address behind which 5,000 accounts were seen in one day.",
        "It is not left out: pairs that share something rarer are compared on it too.",
    ),
    Term(
        "core",
        "A member that surely belongs to its cluster, by default with a probability of 0.9 or more.",
        "10 core of 11 accounts: one belongs less surely.",
        "It is not a proof of who runs the account.",
    ),
    Term(
        "exclusive",
        "Of an identifier: one operator alone holds it.",
        "p(exclusive) 0.95: of twenty such cards, one is shared by strangers.",
        "It is not what reference lists call private.",
    ),
    Term(
        "facet",
        "A category of evidence: network, payment, identity, client, behaviour or other.",
        "Two cards and a mail domain are two facets.",
        "It is not one identifier: all of one facet may be wrong for one reason.",
    ),
    Term(
        "false leads (FDR)",
        "Of a cluster and all that are at least as certain, the share expected to be no single organisation.",
        "5%: of twenty such clusters, one.",
        "It is not the probability that this cluster is wrong, which is higher near the end of a list.",
    ),
    Term(
        "fringe",
        "A member that may belong to its cluster, but less surely than the core.",
        "Probability 0.6: four of ten such accounts do not belong.",
        "It is no ground for an action.",
    ),
    Term(
        "hypothesis",
        "What a cluster may be: one operator, customers of a router or reseller, people on one network, or "
        "openly one organisation.",
        "0.85, 0.10, 0.04 and 0.01: the first is likeliest, and wrong in one of seven such clusters.",
        "It is not a list of all causes: something unknown may explain the cluster.",
    ),
    Term(
        "identifier",
        "A value that accounts were seen with, of a kind such as ip, payment or email domain.",
        "ip 192.0.2.1.",
        "It is not an account's own: many accounts may hold it.",
    ),
    Term(
        "lead",
        "How much to make of a cluster: strong, to be looked at closer, or weak.",
        "Strong: probability 0.9 or more, two facets or more, no harmless cause known.",
        "It is not a verdict: people decide.",
    ),
    Term(
        "openly one organisation",
        "One organisation that conceals nothing: one mail domain of its own, or one billing parent.",
        "Twelve accounts under the mail domain of one company.",
        "It is not a suspicion.",
    ),
    Term(
        "p(member)",
        "The probability that an account belongs to its cluster.",
        "0.98: one of fifty such accounts does not belong.",
        "It does not say whether the cluster has one operator.",
    ),
    Term(
        "p(one operator)",
        "The probability that one organisation runs the accounts and conceals it.",
        "0.9: one of ten such clusters is something else.",
        "It does not say whether what they do is harmful.",
    ),
    Term(
        "priority",
        "The order in which clusters are looked at: points for concealment and harm, times the probability "
        "of one operator.",
        "6.2 comes before 2.9.",
        "It is not a probability, and no measure of guilt.",
    ),
    Term(
        "signal",
        "A number about the accounts next to the usual one, such as the share closed for abuse.",
        "64% closed, where 6% are usual.",
        "It is not counted in the bits of links.",
    ),
    Term(
        "through others",
        "Two accounts are connected by links over third accounts.",
        "A is linked to C and C to B, A and B share nothing themselves.",
        "It is no evidence that the two share anything.",
    ),
    Term(
        "undecided",
        "One operator is the likeliest, but less likely than 0.9; or something harmless may tie the "
        "accounts as well, and the badge is: could be harmless.",
        "0.49 for one operator, as the household of one card would have.",
        "It is not cleared: a reviewer looks for what would decide it.",
    ),
    Term(
        "weakest cut",
        "The least evidence whose loss splits a cluster in two.",
        "8 bits on one card: without that card it falls apart.",
        "It is not the evidence of the whole cluster.",
    ),
)
"""The terms in order of the alphabet."""


def glossary_text(name: str) -> str:
    """What a tooltip shows of a term.

    Raises:
        KeyError: It is no term of the glossary.
    """
    return {term.name: term.text for term in GLOSSARY}[name]
