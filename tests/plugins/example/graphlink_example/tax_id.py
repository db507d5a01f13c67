"""A kind of identifier: tax numbers, which one operator puts on all invoices."""

from __future__ import annotations

import re

from graphlink.kinds import Kind, UncleanValue


def clean_tax_id(value: str) -> str:
    """Make `DE123456789` of `de 123 456 789`."""
    cleaned = re.sub(r"[\s.-]", "", value).upper()
    if not re.fullmatch("[A-Z]{2}[0-9A-Z]{2,12}", cleaned):
        raise UncleanValue("not_a_tax_id", "expected a country and its number, such as DE123456789")
    return cleaned


TAX_ID = Kind(
    name="tax_id",
    facet="payment",
    about="Tax number on an invoice",
    window_days=None,
    p_exclusive=0.8,
    clean=clean_tax_id,
    is_clean_sql="regexp_full_match(value, '[A-Z]{2}[0-9A-Z]{2,12}')",
)
