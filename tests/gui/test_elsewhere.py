# SPDX-License-Identifier: GPL-3.0-or-later
"""In a window: what a colleague has made is looked for, and brought into the scene with one press."""

import pytest

from tests.engine.colleague import Colleague
from tests.gui.driver import Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile


@pytest.mark.one_window
def test_a_colleagues_mesh_is_found_by_its_picture_and_comes_in_with_a_press(
    profile: Profile, service: QuickService
) -> None:
    service.release()
    colleague = Colleague(service)
    lamp = colleague.make(colleague.send("Lampe.png", colour="#d0a020"))
    for number, colour in enumerate(("#2a8a4a", "#8a2a4a", "#2a4a8a"), 1):
        colleague.make(colleague.send(f"Sessel {number}.png", colour=colour))
    arguments = {"remote_id": lamp, "count": 4}
    walk = "tests.gui.walk_elsewhere:brings_in"
    with Window(profile, walk, environment=service.environment, arguments=arguments) as window:
        found = window.result()
    assert found["names"] == ["Sessel 3", "Sessel 2", "Sessel 1", "Lampe"]
    assert found["searched"] == ["Lampe"]
    assert (found["remote_id"], found["state"], found["meshes"], found["jobs"]) == (lamp, "imported", 1, 1)
    assert any("made elsewhere" in text for text in found["said"])
    assert found["undone"] == 0
    assert len(service.charges) == 4
