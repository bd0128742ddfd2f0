# SPDX-License-Identifier: GPL-3.0-or-later
"""The popup with the models: pictures at every opening, words that find, stars that stay, several at a press."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.gui.driver import NARROW, Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile
from tests.service import Service

WALKS = "tests.gui.walk_choosing"


@pytest.fixture
def crowd() -> Iterator[QuickService]:
    """A stand-in with some sixty models more."""
    with QuickService(crowd=60) as running:
        yield running


def _do(walk: str, profile: Profile, service: Service, *, size: tuple[int, int] = NARROW, **arguments: Any) -> Any:
    walk = f"{WALKS}:{walk}"
    with Window(profile, walk, environment=service.environment, arguments=arguments, size=size) as window:
        return window.result()


@pytest.mark.one_window
def test_the_list_has_its_pictures_at_every_opening_and_fits_the_window(
    profile: Profile, crowd: QuickService, picture: str
) -> None:
    looks = [(1.0, "dark"), (1.5, "dark"), (2.0, "light")]
    every = _do("looks", profile, crowd, size=(1000, 900), picture=picture, looks=looks)
    assert len(every) == len(looks)
    for look, found in zip(looks, every, strict=True):
        assert found["pictures"] == found["rows"] >= 3, look
        assert found["height"] < found["window"], look
        assert found["decoded in"] < 2.0, look


@pytest.mark.one_window
def test_words_find_a_star_stays_three_are_ticked_and_one_is_chosen(
    profile: Profile, crowd: QuickService, picture: str
) -> None:
    found = _do("picks", profile, crowd, picture=picture)
    assert all("Birch" in name for name in found["searched"]) and len(found["searched"]) == 6
    default = "model_hunyuan-3d-v2-1"
    assert found["ticked"].split() == [default, "model_sample-001", "model_sample-011"]
    assert "4 models at most" in found["note"]
    assert found["after the fifth"].split() == [default, "model_sample-001", "model_sample-011", "model_sample-031"]
    assert "Hunyuan 3D 2.1 and 2 more" in found["several"]
    assert found["first"] == "Birch 2"
    assert found["chosen"].split() == ["model_pixal3d"]
    assert found["pressed"].split() == ["model_rodin-hyper3d"]
    assert found["undone"].split() == [default, "model_sample-001", "model_sample-011"]
