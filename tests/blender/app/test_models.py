# SPDX-License-Identifier: GPL-3.0-or-later
"""The models as panels need them."""

from __future__ import annotations

from scenario_addon.blender.app.models import Models
from scenario_addon.blender.app.tasks import Tasks
from scenario_addon.engine.models.catalogue import BUILTIN_IDS, Catalogue
from tests.engine.listed_models import client_with, listed


def test_what_changes_a_mesh_is_no_choice_for_a_picture() -> None:
    catalogue = Catalogue(None, "scope")
    catalogue.refresh(client_with([listed("a"), listed("b", capabilities=["3d23d"])]))
    models = Models(Tasks(), catalogue)
    assert [model.id for model in models.offered()] == [*BUILTIN_IDS, "a"]
    assert Models(Tasks()).offered() == ()
