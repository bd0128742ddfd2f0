# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder or a pattern stands for its pictures, always in the same order; what is no picture is left out and told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scenario_addon.engine.errors import InputError
from scenario_addon.engine.inputs.folders import Finder, natural
from scenario_addon.engine.pictures.file import is_picture
from scenario_addon.engine.pictures.png import marked
from tests.engine.picture_samples import encoded

Put = Callable[..., None]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Makes files, pictures unless told otherwise, in a folder that is the current one."""
    monkeypatch.chdir(tmp_path)

    def make(*names: str, content: bytes = encoded("PNG")) -> None:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    return make


def finder(*elsewhere: Path, convertible: bool = False) -> Finder:
    return Finder(lambda path: is_picture(path, convertible=convertible), elsewhere)


def found(text: str, *elsewhere: Path) -> list[tuple[str, str]]:
    """Each picture and the folder below the output folder that its mesh goes to."""
    return [(item.path.as_posix(), item.folder.as_posix()) for item in finder(*elsewhere).find(text)]


def paths(text: str, *elsewhere: Path) -> list[str]:
    return [path for path, _ in found(text, *elsewhere)]


def test_a_path_is_what_it_says_whether_it_leads_somewhere_or_not(put: Put) -> None:
    put("chair.png")
    assert found("chair.png") == [("chair.png", ".")]
    assert found("nowhere.png") == [("nowhere.png", ".")]
    assert found("x" * 5000) == [("x" * 5000, ".")]


def test_a_folder_is_its_pictures_and_those_below_it(put: Put) -> None:
    put("r/b.png", "r/a.png", "r/kitchen/stove.jpg", "r/kitchen/drawers/knife.webp", "r/attic/box.png")
    assert found("r") == [
        ("r/a.png", "."),
        ("r/b.png", "."),
        ("r/attic/box.png", "attic"),
        ("r/kitchen/stove.jpg", "kitchen"),
        ("r/kitchen/drawers/knife.webp", "kitchen/drawers"),
    ]
    assert paths("r/") == paths("r")


def test_what_was_rendered_of_a_mesh_is_not_made_into_another_one(put: Put) -> None:
    put("chair.png")
    put("chair-preview.png", content=marked(encoded("PNG"), "job_1"))
    assert paths(".") == paths("*.png") == ["chair.png"]


def test_the_current_folder_can_be_meant_but_not_by_nothing(put: Put) -> None:
    put("a.png", "sub/b.png")
    assert found(".") == [("a.png", "."), ("sub/b.png", "sub")]
    with pytest.raises(InputError, match="An empty path is a folder"):
        finder().find("")


def test_numbers_in_names_count_as_numbers(put: Put) -> None:
    names = ["frame-1.png", "frame-2.png", "frame-010.png", "Frame-11.png", "frame-100.png", "frames.png"]
    put(*(f"r/{name}" for name in reversed(names)))
    put("r/shot 10/a.png", "r/shot 9/a.png")
    assert paths("r") == [*(f"r/{name}" for name in names), "r/shot 9/a.png", "r/shot 10/a.png"]
    assert paths("r/*.png") == [f"r/{name}" for name in names]


def test_names_of_one_sound_still_have_an_order() -> None:
    assert natural("a1.png") != natural("a01.png") != natural("A1.png")
    assert sorted(["a01", "A1", "a1"], key=natural) == sorted(["a1", "a01", "A1"], key=natural)


def test_what_is_no_picture_is_left_out_and_counted(put: Put) -> None:
    put("r/a.png", "r/.hidden.png", "r/.trash/b.png", "r/._a.png")
    put("r/Thumbs.db", "r/notes.txt", "r/renamed.png", "r/empty.png", content=b"no picture")
    finding = finder()
    assert [item.path.name for item in finding.find("r")] == ["a.png"]
    (notice,) = finding.notices
    assert notice.startswith("r: 6 files are hidden or no picture that can be sent, and left out: ")
    assert notice.endswith(" ....")


def test_a_damaged_picture_is_one_for_its_check_to_tell(put: Put) -> None:
    put("r/cut.png", content=encoded("PNG")[:-20])
    assert paths("r") == ["r/cut.png"]


@pytest.mark.parametrize("name", ["a.bmp", "a.tga"])
def test_other_formats_are_pictures_only_where_they_can_be_converted(put: Put, name: str) -> None:
    put(f"r/{name}", content=b"BM" + bytes(64) if name == "a.bmp" else bytes(64))
    assert [item.path.name for item in finder(convertible=True).find("r")] == [name]
    with pytest.raises(InputError, match="r is a folder without any picture"):
        finder().find("r")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("r/*.png", ["r/a.png", "r/b.png"]),
        ("r/?.png", ["r/a.png", "r/b.png"]),
        ("r/[!a].png", ["r/b.png"]),
        ("*/a.png", ["r/a.png", "s/a.png"]),
        ("r/**/*.png", ["r/a.png", "r/b.png", "r/deep/c.png", "r/deep/er/d.png"]),
        ("r/**/deep/*.png", ["r/deep/c.png"]),
        ("r/**", ["r/a.png", "r/b.png", "r/deep/c.png", "r/deep/er/d.png"]),
        ("**/d.png", ["r/deep/er/d.png"]),
        ("**/**/c.png", ["r/deep/c.png"]),
        ("./r/../r/a.*", ["r/../r/a.png"]),
        ("r/.*", ["r/.b.png", "r/.git/e.png"]),
    ],
)
def test_a_pattern_that_no_shell_expanded_matches_as_in_a_shell(put: Put, pattern: str, expected: list[str]) -> None:
    put("r/a.png", "r/b.png", "r/.b.png", "r/deep/c.png", "r/deep/er/d.png", "s/a.png", "r/.git/e.png")
    put("r/notes.txt", content=b"no picture")
    assert found(pattern) == [(path, ".") for path in expected]


def test_an_absolute_pattern_gives_absolute_paths(put: Put, tmp_path: Path) -> None:
    put("r/a.png")
    assert paths(f"{tmp_path.as_posix()}/r/*") == [f"{tmp_path.as_posix()}/r/a.png"]


def test_a_folder_that_a_pattern_matches_is_a_folder_that_was_given(put: Put) -> None:
    put("shots/b/x.png", "shots/a/x.png", "shots/a/deep/y.png", "shots/z.png")
    expected = [("shots/a/x.png", "."), ("shots/a/deep/y.png", "deep"), ("shots/b/x.png", "."), ("shots/z.png", ".")]
    assert found("shots/*") == expected


def test_a_name_with_brackets_that_is_there_is_no_pattern(put: Put) -> None:
    put("it's [1].png", "it's 1.png", "[x]/a.png")
    assert paths("it's [1].png") == ["it's [1].png"]
    assert paths("[x]") == ["[x]/a.png"]


@pytest.mark.parametrize("pattern", ["*.png", "nowhere/*.png", "r/*.png/x", "nowhere/**/*.png", "*"])
def test_a_pattern_without_a_picture_is_refused(put: Put, pattern: str) -> None:
    put("notes.txt", content=b"no picture")
    with pytest.raises(InputError, match="matches no picture"):
        finder().find(pattern)


def test_links_are_followed_once_and_circles_end(put: Put, tmp_path: Path) -> None:
    put("r/a.png", "r/sub/b.png", "outside/c.png", "outside/deep/d.png")
    (tmp_path / "r/sub/up").symlink_to(tmp_path / "r", target_is_directory=True)
    (tmp_path / "r/sub/self").symlink_to(tmp_path / "r/sub/self")
    (tmp_path / "r/zoo").symlink_to(tmp_path / "outside", target_is_directory=True)
    (tmp_path / "outside/back").symlink_to(tmp_path / "r", target_is_directory=True)
    (tmp_path / "r/gone.png").symlink_to(tmp_path / "nowhere.png")
    expected = ["r/a.png", "r/sub/b.png", "r/zoo/c.png", "r/zoo/deep/d.png"]
    assert paths("r") == expected
    assert sorted(paths("r/**/*.png")) == expected


def test_many_links_between_folders_do_not_multiply_the_pictures(put: Put, tmp_path: Path) -> None:
    for name in "abcdefgh":
        put(f"r/{name}/{name}.png")
    for name in "abcdefgh":
        for other in "abcdefgh":
            (tmp_path / f"r/{name}/to {other}").symlink_to(tmp_path / f"r/{other}", target_is_directory=True)
    assert len(paths("r")) == 8


def test_the_folder_for_the_meshes_is_not_looked_into_unless_it_was_given(put: Put, tmp_path: Path) -> None:
    put("r/a.png", "r/meshes/preview.png")
    assert paths("r", tmp_path / "r/meshes") == ["r/a.png"]
    assert paths("r/meshes", tmp_path / "r/meshes") == ["r/meshes/preview.png"]
    assert len(paths("r", tmp_path / "r")) == 2


def test_a_folder_that_cannot_be_read_is_named(put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("r/a.png", "r/secret/b.png")
    scan = os.scandir

    def refuse(folder: Path) -> object:
        if folder.name == "secret":
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    for text in ("r", "r/**/*.png", "r/*/*.png"):
        with pytest.raises(InputError, match=r"The folder r/secret cannot be read \(Permission denied\)"):
            finder().find(text)


def test_a_file_that_cannot_be_read_is_left_for_its_check_to_tell(put: Put) -> None:
    put("r/a.png")

    def refuse(path: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    assert [item.path.name for item in Finder(refuse).find("r")] == ["a.png"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_nobody_waits_for_what_a_pipe_may_bring(put: Put, tmp_path: Path) -> None:
    put("r/a.png")
    os.mkfifo(tmp_path / "r/pipe.png")
    assert paths("r") == ["r/a.png"]


def test_a_folder_may_be_as_deep_as_paths_may_be_long(put: Put) -> None:
    put("/".join(["d"] * 400) + "/a.png")
    assert len(paths("d")) == 1
