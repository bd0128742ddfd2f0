# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes the place of the studio where what is on the pictures does not matter: they are there once let come."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

import bpy
from mathutils import Vector

from scenario_addon.blender.studio.capture import Capture
from scenario_addon.blender.studio.setup import Setup
from scenario_addon.blender.studio.studio import Sitting
from scenario_addon.blender.studio.subject import Subject
from scenario_addon.engine.errors import PictureError, ScenarioError
from tests.engine.picture_samples import save_picture


class QuickStudio:
    """Does as ``Studio``, in no time."""

    def __init__(self) -> None:
        self.begun: list[Sitting] = []
        self._count = 0

    def begin(self, subject: Subject, setup: Setup, *, pictures: Path) -> Sitting:
        sitting = Sitting(subject, setup, pictures=pictures)
        self.begun.append(sitting)
        return sitting

    def take(self, subject: Subject, setup: Setup, *, pictures: Path) -> Capture:
        sitting = self.begin(subject, setup, pictures=pictures)
        self.let_come()
        return sitting.result()

    def let_come(self, outcome: ScenarioError | None = None) -> None:
        """End what was begun: with pictures, unless another outcome is given."""
        for sitting in self.begun:
            if sitting.is_over:
                continue
            if sitting.is_cancelled:
                sitting.end(PictureError("Taking the pictures was cancelled."))
            else:
                sitting.end(outcome or self._pictures(sitting))

    def close(self) -> None: ...

    def _pictures(self, sitting: Sitting) -> Capture:
        """Of the box of the first object as it is now; no two pictures are alike."""
        sitting.pictures.mkdir(parents=True, exist_ok=True)
        found: dict[str, Path] = {}
        for picture in sitting.setup.pictures:
            self._count += 1
            path = sitting.pictures / f"{sitting.name}-{picture}-{self._count}.png"
            found[picture] = save_picture(path, color=(self._count, 40, 40), spot="white")
        obj = bpy.data.objects[sitting.names[0]]
        corners: Any = [obj.matrix_world.translation + corner for corner in map(Vector, obj.bound_box)]
        low, high = (tuple(pick(axis) for axis in zip(*corners, strict=True)) for pick in (min, max))
        return Capture(MappingProxyType(found), sitting.names, sitting.setup.facing, low, high, 0.01)
