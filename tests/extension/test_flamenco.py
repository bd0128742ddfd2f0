# SPDX-License-Identifier: GPL-3.0-or-later
"""The tasks that the job type for Flamenco makes, run as a Worker does, by a whole Blender with the extension."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.orders import FAST_MODEL, draw_picture
from tests.extension.desk import HURRIED
from tests.flamenco import NEEDS_NODE, compiled
from tests.profile import Profile

if TYPE_CHECKING:
    from tests.service import Service

pytestmark = NEEDS_NODE


@pytest.mark.one_window
def test_its_tasks_make_every_row_once_though_they_run_twice(
    installed: Profile, service: Service, tmp_path: Path
) -> None:
    rows = ["image,paint,targetFaceNum"]
    for number in range(4):
        picture = draw_picture(tmp_path / f"{number}.png", size_px=(160, 136), colour=f"#{number}058be")
        rows.append(f"{picture.path.name},false,100")
    manifest, output = tmp_path / "rows.csv", tmp_path / "meshes"
    manifest.write_text("\n".join(rows))
    tasks = compiled(manifest=str(manifest), output=str(output), shards=2, model=FAST_MODEL)
    for task in (*tasks, *tasks):  # as where a Worker was lost
        for command in task["commands"]:
            done = installed.run(*HURRIED, *command["parameters"]["args"], environment=service.environment)
            assert done.returncode == 0, done.stdout + done.stderr
    items = json.loads((output / "report.json").read_text(encoding="utf-8"))["items"]
    assert sorted(Path(item["image"]).name for item in items if item["error"] is None) == [f"{n}.png" for n in range(4)]
    assert {path.name for path in output.glob("*.glb")} == {f"{n}.glb" for n in range(4)}
    assert len(service.charges) == 4
