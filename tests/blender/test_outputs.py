# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command writes at its end, by a real Blender."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import pytest
from PIL import Image

from scenario_addon.blender.host import BlenderHost
from scenario_addon.blender.sheet.layout import arrange
from tests.engine.cli.shell import FAST, Answer, Shell
from tests.service import Service

pytestmark = [pytest.mark.usefixtures("quick_pictures"), pytest.mark.slow]


@pytest.fixture
def shell(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell in this Blender, in a folder with two pictures."""
    shell = Shell(service, tmp_path, capsys, host=BlenderHost())
    shell.picture("a.png")
    shell.picture("椅子.png", colour="#2858be")
    return shell


def night(shell: Shell, *pictures: str) -> Answer:
    rows = [
        {"image": f"{name}.png", "name": f"{name}-{n}", "targetFaceNum": n} for name in pictures for n in (100, 120)
    ]
    manifest = shell.folder / "night.json"
    manifest.write_text(json.dumps(rows))
    library, sheet, kit = (shell.folder / name for name in ("library", "sheet.png", "kit.blend"))
    more = ("--library", library, "--sheet", sheet, "--blend-all", kit)
    return shell("batch", manifest, *FAST[:4], "--output", shell.out, *more)


def assets(folder: Path) -> dict[str, str]:
    """The job of each asset of a library, by its name."""
    found: dict[str, str] = {}
    for path in folder.glob("*.blend"):
        with bpy.data.libraries.load(str(path), link=True, assets_only=True) as (source, target):
            target.objects, target.collections = source.objects, source.collections
        for asset in (*target.objects, *target.collections):
            assert max(asset.preview.image_size) > 0
            found[asset.name] = asset.asset_data["scenario_job_id"]
    return found


def test_a_second_run_adds_to_the_library_and_writes_the_others_anew_and_orders_nothing_twice(shell: Shell) -> None:
    assert night(shell, "a").code == 0
    library, sheet = shell.folder / "library", shell.folder / "sheet.png"
    first = assets(library)
    files = {path.name: path.read_bytes() for path in library.glob("*.blend")}
    assert set(first) == {"a-100", "a-120"}
    with Image.open(sheet) as picture:
        assert picture.size == (arrange([2]).width_px, arrange([2]).height_px)
    answer = night(shell, "a", "椅子")
    assert answer.code == 0, answer.err
    assert "2 meshes have been added" in answer.err
    assert assets(library) == {job.order.name: job.id for job in shell.jobs}
    assert {name: (library / name).read_bytes() for name in files} == files
    assert "Scenario/night" in (library / "blender_assets.cats.txt").read_text()
    with Image.open(sheet) as picture:
        assert picture.size == (arrange([2, 2]).width_px, arrange([2, 2]).height_px)
    assert len(shell.service.charges) == 4
