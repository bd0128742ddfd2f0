# SPDX-License-Identifier: GPL-3.0-or-later
"""A flaw in what is not used is no flaw, and one in what can be left out is said: the mesh is taken."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.mending.check import inspect
from scenario_addon.engine.mending.mending import MENDS, PLAINER, PLAINEST, Mend, mended_copy
from tests.engine.gltf_oddities import ODDITIES, STUBBORN, Oddity, box_glb


@pytest.mark.parametrize("name", ODDITIES)
def test_the_mesh_is_taken_and_its_flaw_said(tmp_path: Path, name: str) -> None:
    oddity = ODDITIES[name]
    info = inspect(oddity.put(tmp_path))
    assert info.triangles == oddity.triangles
    if oddity.flaw is None:
        assert info.flaws == ()
    else:
        (flaw,) = info.flaws
        assert re.search(oddity.flaw, flaw)
        assert flaw.startswith("without ")


@pytest.mark.parametrize("name", ODDITIES)
def test_a_mended_copy_needs_no_mend_and_says_the_same(tmp_path: Path, name: str) -> None:
    path = ODDITIES[name].put(tmp_path / "mine")
    before = path.read_bytes()
    info, made = inspect(path), mended_copy(path, tmp_path)
    assert path.read_bytes() == before
    if made is None:
        assert info.flaws == ()
        return
    assert made.told == info.flaws
    again = inspect(made.path)
    assert (again.triangles, again.flaws) == (info.triangles, ())
    assert mended_copy(made.path, tmp_path / "mine") is None


def test_a_sound_file_has_no_flaw_and_is_not_copied(tmp_path: Path) -> None:
    path = Oddity({"box.glb": box_glb()}).put(tmp_path)
    assert inspect(path).flaws == ()
    assert mended_copy(path, tmp_path) is None


@pytest.mark.parametrize("name", STUBBORN)
@pytest.mark.parametrize("more", [PLAINER, PLAINEST], ids=["plainer", "plainest"])
def test_a_plainer_copy_is_sound_and_has_the_same_shape(tmp_path: Path, name: str, more: tuple[Mend, ...]) -> None:
    path = STUBBORN[name].put(tmp_path / "mine")
    assert inspect(path).triangles == 12
    made = mended_copy(path, tmp_path, mends=(*MENDS, *more))
    assert made is not None
    info = inspect(made.path)
    assert (info.triangles, info.flaws, info.pbr_textures) == (12, (), 1 if more is PLAINER else 0)
    assert len(made.told) == 1


def test_a_plainer_copy_keeps_what_a_mesh_is_compressed_with(tmp_path: Path) -> None:
    def packed(gltf: dict[str, Any], parts: list[bytes]) -> None:
        gltf["meshes"][0]["primitives"][0]["extensions"] = {"KHR_draco_mesh_compression": {"bufferView": 0}}
        gltf["extensionsUsed"] = gltf["extensionsRequired"] = ["KHR_draco_mesh_compression"]

    made = mended_copy(Oddity({"box.glb": box_glb(packed)}).put(tmp_path / "mine"), tmp_path, mends=(*MENDS, *PLAINEST))
    assert made is not None
    assert b"KHR_draco_mesh_compression" in made.path.read_bytes()
