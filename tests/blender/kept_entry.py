# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``kept_child`` has started instead of ``children.entry``: the same, as if just started before each order."""

import importlib
import runpy
import sys
import tempfile
import types
from pathlib import Path
from typing import Any

import bpy

ADDON = Path(__file__).resolve().parents[2] / "scenario_addon"
NAME = "scenario_child"
"""As ``entry`` calls it, which finds it loaded."""

for package, folder in ((NAME, ADDON), (f"{NAME}.blender", ADDON / "blender")):
    sys.modules[package] = types.ModuleType(package)
    sys.modules[package].__path__ = [str(folder)]
module: Any = importlib.import_module(f"{NAME}.blender.{sys.argv[-1]}")
prepare = module.prepare


def prepare_for_many() -> Any:
    """Do as the module does, which has one order in mind."""
    prepare()  # what takes long the first time

    def work_anew(*order: Any) -> None:
        bpy.ops.wm.read_homefile(use_factory_startup=True)
        tempfile.tempdir = None  # some set it to a folder of the order
        prepare()(*order)

    return work_anew


module.prepare = prepare_for_many
runpy.run_path(str(ADDON / "blender" / "children" / "entry.py"), run_name="__main__")
