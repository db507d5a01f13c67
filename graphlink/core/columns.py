"""Columns that many tables of a run have, and short forms to declare the others."""

from __future__ import annotations

from graphlink.core.stages import Column

TIME = "TIMESTAMP WITH TIME ZONE"


def whole(name: str, about: str, *, wide: bool = False, null: bool = False) -> Column:
    """Declare whole numbers of 32 bits, or of 64."""
    return Column(name, "BIGINT" if wide else "INTEGER", about, is_required=not null)


def real(name: str, about: str, *, null: bool = False) -> Column:
    """Declare real numbers."""
    return Column(name, "DOUBLE", about, is_required=not null)


def share(name: str, about: str, *, null: bool = False) -> Column:
    """Declare a share or a probability."""
    return Column(name, "DOUBLE", about, is_required=not null, bounds=(0, 1))


def text(name: str, about: str, *, null: bool = False) -> Column:
    """Declare text."""
    return Column(name, "VARCHAR", about, is_required=not null)


def flag(name: str, about: str, *, null: bool = False) -> Column:
    """Declare booleans."""
    return Column(name, "BOOLEAN", about, is_required=not null)


def time(name: str, about: str) -> Column:
    """Declare times in UTC; null where the source has none."""
    return Column(name, TIME, about)


L = whole("l", "Smaller account number of the pair.")
R = whole("r", "Larger account number of the pair.")
ACCOUNT_NO = whole("account_no", "Number of the account.")
VALUE_NO = whole("value_no", "Number of the observed value.")
IDENTIFIER_NO = whole("identifier_no", "Number of the identifier.")
AT_NO = whole("at_no", "Number of the identifier at which they did so; null where no one is.", null=True)
NO_IDENTIFIER = whole("identifier_no", "Number of the identifier; null where there is none.", null=True)
KIND_NO = whole("kind_no", "Number of the kind.")
WINDOW_NO = whole("window_no", "Window of the kind, counted from 1970; 0 where there is none.")
KIND = text("kind", "Name of the kind.")
VALUE = text("value", "Cleaned value, unique within its kind.")
FACET = text("facet", "Group of kinds that fail together.")
FIRST_S = whole("first_s", "First second of it, from 1970; null without time.", wide=True, null=True)
LAST_S = whole("last_s", "Last second of it, from 1970; null without time.", wide=True, null=True)
BITS = real("bits", "Match weight: log2 of its likelihood ratio, one operator over two.")
CONTRIBUTION_BITS = real("contribution_bits", "Bits that count given the stronger evidence of the pair.")
CLUSTER_ID = text("cluster_id", "The cluster.")
