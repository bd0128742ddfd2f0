# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to a picture and to a model: the Image Editor, a file that is dropped, the search, several views."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.gui.driver import Window
from tests.gui.quick_service import draw_figure
from tests.profile import Profile
from tests.service import Service

WALKS = "tests.gui.walk_panel_pictures"


def _do(walk: str, profile: Profile, service: Service, **arguments: Any) -> Any:
    with Window(profile, f"{WALKS}:{walk}", environment=service.environment, arguments=arguments) as window:
        return window.result()


def test_the_menu_of_the_image_editor_leads_to_its_sidebar_where_its_image_is_the_source(
    profile: Profile, service: Service, picture: str
) -> None:
    found = _do("uses_the_image_editor", profile, service, picture=picture)
    assert any("robot.png" in text for text in found.pop("said"))
    assert found == {"ordered": 0, "source": "robot.png", "name": "robot"}
    assert len(service.charges) == 1


def test_a_picture_dropped_on_the_3d_view_is_the_source_and_generate_makes_the_mesh(
    profile: Profile, service: Service, picture: str
) -> None:
    found = _do("drops_a_picture", profile, service, picture=picture)
    assert found == {"source": "FILE", "file": picture, "ordered": 0, "name": "robot"}
    assert len(service.charges) == 1


def test_a_model_is_found_by_its_name_and_gets_a_picture_for_each_view(
    profile: Profile, service: Service, picture: str, tmp_path: Path
) -> None:
    other = str(draw_figure(tmp_path / "left.png", colour="steelblue"))
    found = _do("chooses_a_model", profile, service, pictures=[picture, other])
    assert "Steps" not in found["after"]
    assert "Hunyuan 3D 3.1 Pro (Multiview)" in found["after"] and "Hunyuan 3D 2.1" in found["before"]
    assert found["meshes"] == 1
    assert [charge.model_id for charge in service.charges] == ["model_hunyuan-3d-pro-3-1-multiview"]
    paid = next(r for r in service.requests if "/generate/" in r.path and "dryRun" not in r.query)
    shown = [name for name in json.loads(paid.body) if name.endswith("Image")]
    assert "frontImage" in shown and len(shown) == 2


def test_a_photo_arrives_upright_and_a_picture_of_nothing_does_not_leave(
    profile: Profile, service: Service, tmp_path: Path
) -> None:
    nothing, photo, exif = tmp_path / "nothing.png", tmp_path / "photo.jpg", Image.Exif()
    Image.new("RGBA", (256, 256)).save(nothing)
    exif[0x0112] = 6
    picture = Image.new("RGB", (320, 200), "white")
    picture.paste("tomato", (0, 0, 160, 200))
    picture.save(photo, exif=exif)
    found = _do("sends_only_what_shows_something", profile, service, nothing=str(nothing), photo=str(photo))
    assert found == {"ordered": 0, "meshes": 1}
    (sent,) = [asset_id for asset_id, asset in service.assets.items() if asset["source"] == "uploaded"]
    with Image.open(BytesIO(service.asset_bytes(sent))) as arrived:
        assert arrived.size == (200, 320)
        assert arrived.getexif().get(0x0112, 1) == 1
        assert arrived.getpixel((100, 20))[:3] == pytest.approx((255, 99, 71), abs=4)
