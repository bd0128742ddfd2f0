# SPDX-License-Identifier: GPL-3.0-or-later
"""From one zip and nothing else to the first mesh, as the README has it in four lines."""

from pathlib import Path

from environments import ROOT

from tests.gui.driver import Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile

WALK = "tests.gui.walk_first_mesh:follows_the_readme"


def test_a_zip_is_dropped_a_key_is_entered_and_there_is_a_mesh(
    empty_profile: Profile, extension_zip: Path, service: QuickService, picture: str
) -> None:
    arguments = {"archive": str(extension_zip), "key": service.key, "secret": service.secret, "picture": picture}
    environment = {"SCENARIO_BASE_URL": service.base_url}
    with Window(empty_profile, WALK, environment=environment, arguments=arguments, online=False) as window:
        found = window.result()
    assert any("online" in text.lower() for text in found["offline"])
    assert " CU" in found["button"]
    assert (found["meshes"], len(service.charges)) == (1, 1)
    assert found["timer"] == [True, False], "enabled, then disabled"


def test_the_readme_says_so_in_four_lines() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    [first] = [number for number, line in enumerate(lines) if line.startswith("1. ") and "zip" in line.lower()]
    steps = lines[first : first + 4]
    assert [step[:3] for step in steps] == ["1. ", "2. ", "3. ", "4. "]
    for step, words in zip(steps, ("zip", "drop", "key", "generate"), strict=True):
        assert words in step.lower()
