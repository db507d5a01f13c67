"""Worlds of the default styles stay what they are, to the byte: versions are compared by them."""

from __future__ import annotations

import dataclasses
import hashlib
import io

import pyarrow as pa
import pyarrow.csv
import pytest

from graphlink.samples import DEFAULT_STYLES, FARM_STYLES, Dials, FarmShares, HonestShares, World, draw_world

_OTHER = Dials(
    listed_share=1.0, farm_share=0.2, honest=dataclasses.replace(HonestShares(), home=0.1, company=0.5, vpn=0)
)
# Digests of worlds as drawn before there were styles with weight 0.
WORLDS = {
    (1, 100, None): "711c68d2aea43d32",
    (11, 137, None): "18245ec58966e24c",
    (7, 400, None): "b2f336004a831d88",
    (3, 3000, None): "3d3cbb7409dd6779",
    (6, 2000, _OTHER): "fe7ec5b8a2719962",
}
FARMS = {
    "servers": "9072ebedaf1b3b85",
    "rotating": "1f24c84c3922adaf",
    "routed": "0441d3cc30a3ed4f",
    "relay": "b5978fe01a95d4fd",
    "mixed": "b7f94bf8991802c4",
    "bought": "1697e2be812f3080",
}


def digest(world: World) -> str:
    """Digest of all tables as CSV."""
    made = hashlib.sha256()
    for name in ("accounts", "requests", "payments", "references", "truth"):
        buffer = io.BytesIO()
        pyarrow.csv.write_csv(getattr(world, name), buffer)
        made.update(buffer.getvalue())
    return made.hexdigest()[:16]


@pytest.mark.parametrize(("key", "expected"), WORLDS.items(), ids=str)
def test_default_styles_draw_the_same_world(key: tuple[int, int, Dials | None], expected: str) -> None:
    assert digest(draw_world(*key)) == expected


@pytest.mark.parametrize(("style", "expected"), FARMS.items())
def test_one_style_of_farms_draws_the_same_world(style: str, expected: str) -> None:
    farms = FarmShares(**{name: float(name == style) for name in FARM_STYLES})
    assert digest(draw_world(5, 1000, Dials(farms=farms))) == expected


def test_the_styles_before_are_the_default_styles() -> None:
    assert set(FARMS) == set(FARM_STYLES) & set(DEFAULT_STYLES)
    assert len(DEFAULT_STYLES) == 14


def test_columns_that_a_dial_adds_change_no_other() -> None:
    plain, more = draw_world(7, 400), draw_world(7, 400, Dials(gateway=True, time_zones=True))
    requests: pa.Table = more.requests.drop_columns(["tls", "user_agent", "time_zone"])
    assert requests.equals(plain.requests)
    assert digest(dataclasses.replace(more, requests=requests)) == digest(plain)
