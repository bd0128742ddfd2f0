# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mesh is called that was made elsewhere."""

from __future__ import annotations

import pytest

from scenario_addon.engine.api.remote import RemoteFile
from scenario_addon.engine.elsewhere.names import called, prompt_of, sent_files
from scenario_addon.engine.values import AssetId

MESH = RemoteFile(id=AssetId("asset_m"), parent_id=AssetId("asset_p"), name="model.glb")


@pytest.mark.parametrize(
    ("names", "mesh", "prompt", "name"),
    [
        ({"asset_p": "chair.png"}, MESH, "a chair", "chair"),
        ({"asset_s": "lamp.jpeg"}, MESH, "a chair", "lamp"),
        ({}, MESH, "a chair", "model"),
        ({}, None, "a chair, oak.", "a chair, oak"),
        ({}, None, None, "model"),
        ({"asset_p": ".png"}, None, None, "model"),
        ({"asset_p": "Chair-8ab72a99ad69a0eb.png"}, MESH, None, "Chair"),
        ({"asset_p": "a/b\\c\nd.png"}, MESH, None, "c d"),
        ({"asset_p": "\ud800.png"}, MESH, "x", "model"),
    ],
)
def test_the_picture_names_it_then_its_file_then_its_words(
    names: dict[AssetId, str], mesh: RemoteFile | None, prompt: str | None, name: str
) -> None:
    assert called(mesh, [AssetId("asset_s")], names, prompt) == name


def test_the_files_and_the_words_of_what_was_asked_for_are_told_apart() -> None:
    values = {"image": "asset_1", "more": ["asset_2", 7, "other"], "prompt": " a\nchair ", "deep": {"a": "asset_3"}}
    assert sent_files(values) == ["asset_1", "asset_2"]
    assert prompt_of(values) == "a chair"
    assert prompt_of({"prompt": 7}) is prompt_of({}) is prompt_of({"prompt": " "}) is None
