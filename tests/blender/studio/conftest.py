# SPDX-License-Identifier: GPL-3.0-or-later
"""A studio with small, quick pictures."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.blender.kept_child import KeptChild

PX = 128


@pytest.fixture
def workshop(tmp_path: Path) -> Path:
    """The folder for files in use, with all that a path may have in it."""
    return tmp_path / "Wörk shop ✂"


@pytest.fixture
def studio(workshop: Path) -> Iterator[Any]:
    from scenario_addon.blender.studio.studio import Studio

    made = Studio(workshop)
    yield made
    made.close()


@pytest.fixture(scope="module")
def other_blender(tmp_path_factory: pytest.TempPathFactory) -> Iterator["KeptChild"]:
    """The one that takes all pictures of a module."""
    from scenario_addon.blender.studio.studio import WORK
    from tests.blender.kept_child import kept_child

    with kept_child(WORK, tmp_path_factory.mktemp("studio")) as kept:
        yield kept


@pytest.fixture
def take(
    studio: Any, other_blender: "KeptChild", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Take pictures of what is selected."""
    import bpy

    from scenario_addon.blender.studio import studio as module
    from scenario_addon.blender.studio.setup import Setup
    from scenario_addon.blender.studio.subject import of_selection

    monkeypatch.setattr(module, "Child", other_blender)

    def taken(*sides: str, subject: Any = None, **options: Any) -> Any:
        setup = Setup(**{"sides": sides or ("front",), "size_px": PX, "samples": 4, **options})
        return studio.take(subject or of_selection(bpy.context), setup, pictures=tmp_path / "Bilder é")

    return taken
