# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line gets from Blender, in a real one."""

from __future__ import annotations

import bpy
import pytest

import scenario_addon
from scenario_addon.blender.host import BlenderHost


def test_the_checks_pass_here_and_name_this_blender() -> None:
    checks = {check.name: check for check in BlenderHost().checks()}
    assert all(check.ok for check in checks.values())
    assert bpy.app.version_string in checks["Blender"].text
    assert {"Blender", "glTF importer", "online access", "second Blender", "graphics card", "WebP"} <= set(checks)


def test_a_missing_gltf_importer_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    import addon_utils

    def refuse(*_: object, handle_error: object, **__: object) -> None:
        handle_error(ModuleNotFoundError("No module named 'numpy'"))

    addon_utils.disable("io_scene_gltf2")
    monkeypatch.setattr(addon_utils, "enable", refuse)
    (check,) = [check for check in BlenderHost().checks() if not check.ok]
    assert check.name == "glTF importer"
    assert "numpy" in check.text
    assert check.fix


def test_the_extension_registers_and_unregisters_twice() -> None:
    for _ in range(2):
        scenario_addon.register()
        scenario_addon.unregister()
