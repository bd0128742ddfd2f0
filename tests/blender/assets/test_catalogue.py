# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue's file: made when it is needed, added to with care."""

from collections.abc import Iterator
from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.assets.catalogue import CATALOGUE_ID, enter, id_of
from scenario_addon.blender.ui import handlers

NAME = "blender_assets.cats.txt"
ARTISTS = "4f5e6d7c-0000-4000-8000-000000000001:Props/Chairs:Props-Chairs"
OTHERS = f"# By hand\r\nVERSION 1\r\n\r\n{ARTISTS}".encode()
"""As another system wrote it, without an end to its last line."""


@pytest.fixture
def handler() -> Iterator[None]:
    handlers.register()
    yield
    handlers.unregister()


def asset() -> bpy.types.Object:
    obj = bpy.data.objects.new("chair", None)
    bpy.context.scene.collection.objects.link(obj)
    obj.asset_mark()
    obj.asset_data.catalog_id = CATALOGUE_ID
    return obj


def save(path: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(path))


def test_saving_a_file_with_such_an_asset_writes_the_catalogue_beside_it(handler: None, tmp_path: Path) -> None:
    asset()
    assert list(tmp_path.iterdir()) == []
    save(tmp_path / "scene.blend")
    text = (tmp_path / NAME).read_text()
    assert "VERSION 1" in text
    assert f"{CATALOGUE_ID}:Scenario:Scenario" in text.splitlines()
    assert {path.name for path in tmp_path.iterdir()} == {"scene.blend", NAME}


def test_a_file_without_such_an_asset_gets_none(handler: None, tmp_path: Path) -> None:
    asset().asset_data.catalog_id = ARTISTS[:36]
    save(tmp_path / "scene.blend")
    assert not (tmp_path / NAME).exists()


def test_a_library_is_found_however_its_path_is_spelled(
    handler: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spelled = tmp_path / "LIBRARY"
    (tmp_path / "library" / "furniture").mkdir(parents=True)
    spelled.mkdir()
    there = "scenario_addon.blender.assets.catalogue.is_same_place"
    monkeypatch.setattr(
        there, lambda one, other: str(one).lower() == str(other).lower()
    )  # as Windows and macOS have it
    library = bpy.context.preferences.filepaths.asset_libraries.new(name="mine", directory=str(spelled))
    asset()
    save(tmp_path / "library" / "furniture" / "scene.blend")
    bpy.context.preferences.filepaths.asset_libraries.remove(library)
    assert (spelled / NAME).exists()


def test_a_file_in_an_asset_library_uses_the_librarys_catalogues(handler: None, tmp_path: Path) -> None:
    (tmp_path / "furniture").mkdir()
    library = bpy.context.preferences.filepaths.asset_libraries.new(name="mine", directory=str(tmp_path))
    asset()
    save(tmp_path / "furniture" / "scene.blend")
    bpy.context.preferences.filepaths.asset_libraries.remove(library)
    assert (tmp_path / NAME).exists()
    assert not (tmp_path / "furniture" / NAME).exists()


def test_what_is_in_the_file_stays_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(OTHERS)
    enter(tmp_path)
    after = (tmp_path / NAME).read_bytes()
    assert after == OTHERS + f"\n{CATALOGUE_ID}:Scenario:Scenario\n".encode()
    enter(tmp_path)
    assert (tmp_path / NAME).read_bytes() == after


def test_a_catalogue_that_the_artist_renamed_keeps_its_name(tmp_path: Path) -> None:
    renamed = f"VERSION 1\n\n{CATALOGUE_ID.upper()}:Work/Generated:Work-Generated\n"
    (tmp_path / NAME).write_text(renamed)
    enter(tmp_path)
    assert (tmp_path / NAME).read_text() == renamed


@pytest.mark.parametrize("content", [b"VERSION 2\n", b"", b"\xff\xfe\x00garbage"])
def test_a_file_of_another_kind_is_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    enter(tmp_path)
    assert (tmp_path / NAME).read_bytes() == content


def test_a_link_to_a_shared_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "shared.txt").write_bytes(OTHERS)
    (tmp_path / NAME).symlink_to("shared.txt")
    enter(tmp_path)
    assert (tmp_path / NAME).is_symlink()
    assert CATALOGUE_ID.encode() in (tmp_path / "shared.txt").read_bytes()


def test_a_catalogue_that_cannot_be_written_does_not_stop_the_save(
    handler: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asset()
    (tmp_path / NAME).mkdir()
    save(tmp_path / "scene.blend")
    assert (tmp_path / "scene.blend").exists()
    assert "catalogue could not be written" in caplog.text


def test_a_catalogue_within_ours_has_the_same_id_everywhere_and_is_entered_once(tmp_path: Path) -> None:
    inner = id_of("Scenario/night")
    assert id_of("Scenario") == CATALOGUE_ID != inner != id_of("Scenario/day")
    for path in ("Scenario/night", "Scenario", "Scenario/night"):
        enter(tmp_path, path)
    lines = [line for line in (tmp_path / NAME).read_text().splitlines() if ":" in line]
    assert lines == [f"{inner}:Scenario/night:Scenario-night", f"{CATALOGUE_ID}:Scenario:Scenario"]


def test_a_catalogue_that_somebody_has_moved_stays_where_it_is(tmp_path: Path) -> None:
    moved = f"VERSION 1\n{id_of('Scenario/night').upper()}:Props/Night:Props-Night\n"
    (tmp_path / NAME).write_text(moved)
    enter(tmp_path, "Scenario/night")
    assert (tmp_path / NAME).read_text() == moved


@pytest.mark.parametrize("name", ["a:b", "a\nb", "a\\b", " a \t b "])
def test_a_name_cannot_break_the_file(tmp_path: Path, name: str) -> None:
    enter(tmp_path, f"Scenario/{name}")
    assert (tmp_path / NAME).read_text().splitlines()[-1].split(":")[1:] == ["Scenario/a b", "Scenario-a b"]
    assert id_of(f"Scenario/{name}") == id_of("Scenario/a b")
