# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mesh lacks is known when it has arrived, as far as its format can be looked into."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenario_addon.engine.errors import DownloadError
from scenario_addon.engine.fetch.looks import Look, look_into
from scenario_addon.engine.gltf.document import READABLE
from tests.engine.gltf_oddities import ODDITIES, picture

OBJ = b"# made\nmtllib paint.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl paint\nf 1 2 3\n"


def look(path: Path) -> Look:
    return look_into(path, name=path.name, readable=READABLE)


def obj(folder: Path, material: bytes | None, **pictures: bytes) -> Path:
    path = folder / "chair.obj"
    path.write_bytes(OBJ)
    if material is not None:
        (folder / "paint.mtl").write_bytes(b"newmtl paint\n" + material)
    for name, data in pictures.items():
        (folder / f"{name}.png").write_bytes(data)
    return path


@pytest.mark.parametrize(
    "line",
    [
        b"map_Kd base.png",
        b"  map_Kd   base.png  ",
        b"map_Kd -s 1 1 1 base.png",
        b"bump -bm 0.5 base.png",
        b"map_Kd -clamp on base.png",
        b"map_Kd textures\\base.png",
        b"map_Kd textures/base.png",
        b"norm base.png",
    ],
)
def test_a_texture_of_an_obj_is_found_or_missed(tmp_path: Path, line: bytes) -> None:
    path = obj(tmp_path, line)
    assert look(path).flaws == ("without its texture base.png, which is missing",)
    (tmp_path / "base.png").write_bytes(picture())
    assert look(path) == Look(textures=1)
    (tmp_path / "base.png").write_bytes(picture()[:300])
    assert look(path).flaws == ("without its texture base.png, which is cut short or damaged",)


def test_an_obj_without_its_materials_says_so(tmp_path: Path) -> None:
    assert look(obj(tmp_path, None)).flaws == ("without its materials, which are missing",)


def test_a_name_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(picture())
    home = tmp_path / "home"
    home.mkdir()
    (flaw,) = look(obj(home, b"map_Kd ../secret.png")).flaws
    assert flaw == "without its texture secret.png, which is missing"


def test_pictures_in_an_fbx_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "chair.fbx"
    path.write_bytes(b"Kaydara FBX Binary  \0" + picture() + picture("JPEG"))
    assert look(path) == Look(textures=2)


def test_a_glb_says_what_it_lacks(tmp_path: Path) -> None:
    found = look(ODDITIES["a cut PNG"].put(tmp_path))
    assert (found.triangles, found.textures, len(found.flaws)) == (12, 0, 1)


@pytest.mark.parametrize("data", [b"", b"  <html>"])
def test_what_is_no_mesh_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "chair.stl"
    path.write_bytes(data)
    with pytest.raises(DownloadError, match="is not a mesh"):
        look(path)
