# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``quick_pictures`` has started instead of ``children.entry``: the same, but its pictures take no time.

Numbers are all that is changed, as in ``tests.limits``: what is rendered, and all that is said of it, is the code's.
"""

import importlib
import runpy
import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDON = ROOT / "scenario_addon"
NAME = "scenario_child"
"""As ``entry`` calls it, which finds it loaded."""

for package, folder in ((NAME, ADDON), (f"{NAME}.blender", ADDON / "blender")):
    sys.modules[package] = types.ModuleType(package)
    sys.modules[package].__path__ = [str(folder)]
importlib.import_module(f"{NAME}.blender.studio.child.light")._SAMPLES = 1
if sys.argv[-1].startswith("writing"):
    preview = importlib.import_module(f"{NAME}.blender.writing.preview")
    preview.SIZE_PX, preview._SAMPLES = 64, 1
runpy.run_path(str(ADDON / "blender" / "children" / "entry.py"), run_name="__main__")
