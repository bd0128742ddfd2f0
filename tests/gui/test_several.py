# SPDX-License-Identifier: GPL-3.0-or-later
"""Three models on one picture by a press: three jobs, variants of one thing on one spot, and a contact sheet."""

from tests.gui.driver import Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile


def test_three_models_make_a_mesh_each_of_one_picture(profile: Profile, service: QuickService, picture: str) -> None:
    walk = "tests.gui.walk_several:makes_three"
    with Window(profile, walk, environment=service.environment, arguments={"picture": picture}) as window:
        found = window.result()
    assert found["button"].startswith("Generate 3   ")
    assert "Hunyuan 3D 2.1, Pixal3D, Rodin Gen-1" in " ".join(found["tab"])
    assert (found["before"], found["shown"], found["spots"], found["things"]) == (0, 1, 1, 1)
    assert len(service.charges) == 3
    assert found["at once"] == []
    assert found["sheet"].startswith("Contact Sheet ")
