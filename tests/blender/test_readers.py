# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender's importers can read, asked of a real Blender."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.readers import read, readable_extensions
from tests.blender.sample_models import join_glb, split_glb, textured_box


def requiring(extension: str) -> bytes:
    """A box that says it cannot be read without an extension which it then makes no use of."""
    document, binary = split_glb(textured_box())
    document |= {"extensionsUsed": [extension], "extensionsRequired": [extension]}
    return join_glb(document, binary)


@pytest.mark.parametrize("extension", sorted(readable_extensions()))
def test_what_is_called_readable_is_taken_by_the_importer(extension: str, tmp_path: Path) -> None:
    path = tmp_path / "box.glb"
    path.write_bytes(requiring(extension))
    read(path)
    assert [obj for obj in bpy.data.objects if obj.type == "MESH"]


@pytest.mark.parametrize("extension", ["EXT_meshopt_compression", "KHR_texture_basisu"])
def test_what_is_not_called_readable_is_refused_by_the_importer(extension: str, tmp_path: Path) -> None:
    if extension in readable_extensions():
        pytest.skip("this Blender reads it")
    path = tmp_path / "box.glb"
    path.write_bytes(requiring(extension))
    with pytest.raises(RuntimeError, match="not available on this addon"):
        read(path)


def test_meshopt_is_read_from_blender_5_2_on() -> None:
    assert ("EXT_meshopt_compression" in readable_extensions()) == (bpy.app.version >= (5, 2))
