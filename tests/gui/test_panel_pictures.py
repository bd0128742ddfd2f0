# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to a picture that take a window: the Image Editor, what the viewport shows, what the camera sees."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.gui.driver import TALL, Window
from tests.profile import Profile
from tests.service import Service

WALKS = "tests.gui.walk_panel_pictures"


def _do(walk: str, profile: Profile, service: Service, **arguments: Any) -> Any:
    with Window(profile, f"{WALKS}:{walk}", environment=service.environment, arguments=arguments, size=TALL) as window:
        return window.result()


@pytest.mark.one_window
def test_the_menu_of_the_image_editor_leads_to_its_sidebar_where_its_image_is_the_source(
    profile: Profile, service: Service, picture: str
) -> None:
    found = _do("uses_the_image_editor", profile, service, picture=picture)
    assert any("robot.png" in text for text in found.pop("said"))
    assert found == {"ordered": 0, "source": "robot.png", "name": "robot"}
    assert len(service.charges) == 1


def _alpha(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGBA"))[..., 3]


def _extent(alpha: np.ndarray) -> tuple[int, int]:
    """Rows and columns between which something is."""
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def _is_framed(path: Path, *, least_px: int = 1024) -> bool:
    """Whether the cube, three times as high as it is wide, fills a square well, with nothing around it."""
    alpha = _alpha(path)
    height_px, width_px = _extent(alpha)
    border = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    is_large = abs(height_px / len(alpha) - 0.9) < 0.03 and height_px > width_px
    is_square = alpha.shape[0] == alpha.shape[1] and least_px <= alpha.shape[0] <= 1024
    return is_square and is_large and not border.any() and alpha.max() == 255


@pytest.mark.one_window
def test_what_the_viewport_and_the_camera_show_fills_a_square_unless_the_whole_is_wanted(
    profile: Profile, service: Service, tmp_path: Path
) -> None:
    found = _do("frames_the_subject", profile, service, folder=str(tmp_path))
    for source in ("VIEWPORT", "CAMERA"):
        assert _is_framed(tmp_path / f"{source}.png")
        assert (tmp_path / f"{source}.png").read_bytes() == (tmp_path / f"{source} later.png").read_bytes()
        whole = _alpha(tmp_path / f"{source} whole.png")
        assert whole.shape == (tuple(found["view"][::-1]) if source == "VIEWPORT" else (576, 1024))
        assert 10 < max(_extent(whole)) < 200
    assert found["VIEWPORT empty"] == "The 3D viewport shows no object: turn it to what you want as a mesh."
    assert found["CAMERA empty"] == "The camera sees no object: turn it to what you want as a mesh."
    assert found["overlays"] is True
    assert not service.charges and not service.assets


def test_the_world_behind_the_subject_is_not_in_the_picture(profile: Profile, service: Service, tmp_path: Path) -> None:
    found = _do("leaves_the_world_out", profile, service, folder=str(tmp_path))
    print(found)
    assert _is_framed(tmp_path / "VIEWPORT.png", least_px=80)  # EEVEE before 5.0 cannot be made to look nearer
    assert _is_framed(tmp_path / "CAMERA.png", least_px=80)
    assert found["is as before"]
