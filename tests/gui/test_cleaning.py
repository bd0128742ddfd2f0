# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh is cleaned up in a window; options and numbers are in Adjust Last Operation; one step takes it back."""

from tests.gui.driver import Window
from tests.profile import Profile


def test_a_mesh_is_cleaned_up_with_fewer_triangles_and_that_is_taken_back(profile: Profile) -> None:
    with Window(profile, "tests.gui.walk_cleaning:cleans_up") as window:
        found = window.result()
    assert found["words"] == "watertight, 3 loose pieces removed, 1 hole closed"
    whole, fewer, back = found["triangles"]
    assert whole > 19_000
    assert abs(fewer - 2000) < 5
    assert back > whole - 200
    assert not found["left"]
