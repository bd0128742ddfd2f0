# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own presets: files in Blender's folder, one folder for each model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scenario_addon.blender.form.presets import load, own, save, take_away
from scenario_addon.engine.errors import DiskError, InputError

MODEL = "model_pixal3d"
VALUES = {"resolution": 2048, "remesh": False, "seed": 7}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Blender keeps what the user adds to it."""
    monkeypatch.setenv("BLENDER_USER_SCRIPTS", str(tmp_path))
    return tmp_path / "presets" / "scenario" / MODEL


def test_what_was_saved_is_listed_by_its_name_for_its_model_alone(folder: Path) -> None:
    assert own(MODEL) == []
    for name in ("Fast 20", "fast 3", "Übersicht / Probe"):
        assert save(MODEL, name, VALUES) == name
    assert own(MODEL) == ["fast 3", "Fast 20", "Übersicht / Probe"]
    assert own("model_other") == []
    assert load(MODEL, "fast 3") == VALUES
    assert [path.suffix for path in folder.iterdir()] == [".json"] * 3


def test_a_name_is_given_once_and_there_has_to_be_one() -> None:
    save(MODEL, "Fast", VALUES)
    with pytest.raises(InputError, match="There is a preset FAST already"):
        save(MODEL, "FAST", {})
    for nothing in ("", "  ", "\u200b\n"):
        with pytest.raises(InputError, match="needs a name"):
            save(MODEL, nothing, {})
    assert load(MODEL, "Fast") == VALUES


def test_names_that_make_one_file_keep_apart() -> None:
    save(MODEL, "a/b", {"seed": 1})
    save(MODEL, "a_b", {"seed": 2})
    assert (load(MODEL, "a/b"), load(MODEL, "a_b")) == ({"seed": 1}, {"seed": 2})
    take_away(MODEL, "a/b")
    assert own(MODEL) == ["a_b"]


def test_what_is_gone_says_so_and_can_be_removed_again(folder: Path) -> None:
    save(MODEL, "Fast", VALUES)
    take_away(MODEL, "Fast")
    take_away(MODEL, "Fast")
    with pytest.raises(InputError, match="no preset Fast any more"):
        load(MODEL, "Fast")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[]", b"{", b'{"values": 3}', b"null", b"[" * 5000, b'{"values": {}' + b" " * 1_000_001 + b"}"],
    ids=range(8),
)
def test_a_file_that_is_no_preset_is_passed_over(folder: Path, content: bytes) -> None:
    save(MODEL, "Fast", VALUES)
    (folder / "broken.json").write_bytes(content)
    assert own(MODEL) == ["Fast"]


def test_a_file_without_a_name_has_its_own(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "handmade.json").write_text(json.dumps({"name": 7, "values": {"seed": 1}}))
    assert own(MODEL) == ["handmade"]
    assert load(MODEL, "handmade") == {"seed": 1}


def test_a_folder_that_cannot_be_written_to_is_named(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("not a folder")
    with pytest.raises(DiskError, match="cannot be written to"):
        save(MODEL, "Fast", VALUES)
    assert own(MODEL) == []


@pytest.mark.parametrize("model_id", ["../../evil", "a:b", "x" * 400, "con"])
def test_the_folder_of_any_model_is_inside_the_folder_of_presets(model_id: str, tmp_path: Path) -> None:
    save(model_id, "Fast", VALUES)
    (path,) = tmp_path.rglob("*.json")
    assert path.parent.parent == tmp_path / "presets" / "scenario"
    assert own(model_id) == ["Fast"]
