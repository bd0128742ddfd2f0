# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark measures in real Blender, says what is of which, and hides no failure. No time is judged here."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import bench
import pytest
from benchmarks.blenders import ProbeError, modules
from benchmarks.figures import Row, as_json, as_svg, as_table
from benchmarks.hostile import HOSTILE
from benchmarks.memory import children_watched, own_peak_mb
from benchmarks.samples import sample

from scenario_addon.engine.mending.check import inspect

MODULE = "bpy-4.2"
TINY = (
    *("--module", MODULE, "--runs", "1", "--triangles", "500", "--texture-px", "16"),
    *(
        "--jobs",
        "2",
        "--listed",
        "7",
        "--arriving",
        "500",
        "--kind",
        "500 morph targets of 20,000 points",
        "--items",
        "3",
    ),
    *("--sent", "500", "--pictured", "500", "--picture-px", "64"),
    *("--made", "2", "--at-once", "2", "--job-seconds", "0.5", "--record", "1"),
    *("--asked", "12", "--simulated", "30"),
)
PLAIN = ("batch", "throughput", "asking")
"""What is measured in plain Python."""
STALL = Row("stall", "5.2.3 module", "500 triangles, ours", "ms", (3.0, 100.0, 2.0))


@pytest.mark.slow
def test_every_measurement_gives_rows_of_a_blender(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, plot = tmp_path / "bench.json", tmp_path / "bench.svg"
    assert bench.main([*TINY, "--json", str(report), "--plot", str(plot)]) == 0
    found = json.loads(report.read_text())
    assert {"system", "machine", "processors"} == set(found["machine"])
    memory = {"memory"} if sys.platform == "linux" else set()
    assert {row["measurement"] for row in found["rows"]} == {
        *("enabling", "longest tick", "drawing the tab", "arrival", "stall", "hostile files", "pictures of objects"),
        "sending a mesh",
        *("start to submission", *PLAIN),
        *memory,
    }
    for row in found["rows"]:
        is_plain = row["blender"].startswith("Python 3.")
        assert is_plain or (row["blender"].startswith("4.2.") and row["blender"].endswith("module"))
        assert is_plain or row["measurement"] not in PLAIN
        assert row["unit"] in ("s", "ms", "MB", "x", "requests")
        assert len(row["values"]) == 1 and row["lowest"] == row["median"] == row["highest"] > 0
    shown = capsys.readouterr()
    assert all(row["case"] in shown.out for row in found["rows"])
    assert "importing: bpy-4.2, 500 triangles, png, 1 of 1" in shown.err
    assert ElementTree.parse(plot).getroot().tag.endswith("svg")


@pytest.mark.slow
def test_enabling_is_compared_with_what_was_before(tmp_path: Path) -> None:
    report = tmp_path / "bench.json"
    assert bench.main([*TINY, "--only", "enabling", "--against", "HEAD", "--json", str(report)]) == 0
    cases = [row["case"] for row in json.loads(report.read_text())["rows"]]
    assert [case.partition(",")[0] for case in cases] == ["import"] * 3 + ["register"] * 3
    assert sum("revision-" in case for case in cases) == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("a million GPU instances", "refused: mesh.glb has 1,000,001 objects"),
        ("four images of 8,192 px on one view", "scaled down"),
        ("500 morph targets of 20,000 points", "brought in"),
    ],
)
def test_what_becomes_of_a_hostile_file_is_told(tmp_path: Path, kind: str, outcome: str) -> None:
    report = tmp_path / "bench.json"
    assert (
        bench.main(["--module", MODULE, "--runs", "1", "--only", "hostile", "--kind", kind, "--json", str(report)]) == 0
    )
    first, *others = json.loads(report.read_text())["rows"]
    assert first["case"].startswith(f"{kind}: {outcome}")
    assert first["median"] < 5_000
    if sys.platform == "linux" and not outcome.startswith("refused"):
        assert [row["case"] for row in others][:1] == [f"{kind}, child peak"]


def test_every_hostile_file_is_far_smaller_than_what_it_asks_for() -> None:
    assert len(HOSTILE) >= 15
    assert all(len(make()) < 2_000_000 for make in HOSTILE.values())


def test_a_revision_that_git_does_not_know_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([*TINY, "--only", "enabling", "--against", "nothing"]) == 1
    assert capsys.readouterr().err.startswith("bench: fatal")


def test_a_probe_that_fails_says_why() -> None:
    (blender,) = modules([MODULE])
    with pytest.raises(ProbeError, match="No such file"):
        blender.run("importing", way="ours", path="/nowhere.glb", first=None, child=blender.child)
    with pytest.raises(ProbeError, match="no second Blender"):
        blender.run("importing", way="ours", path="/nowhere.glb", first=None, child=[])


def test_a_row_is_its_median_and_its_spread() -> None:
    assert STALL.median == 3.0
    assert STALL.figures == "3 ms  (2 .. 100)"
    assert as_table([STALL]).splitlines() == [
        "stall: median (lowest .. highest)",
        "  5.2.3 module  500 triangles, ours  3 ms  (2 .. 100)",
    ]
    (entry,) = json.loads(as_json([STALL]))["rows"]
    assert (entry["median"], entry["lowest"], entry["highest"]) == (3.0, 2.0, 100.0)


def test_a_plot_draws_each_row_to_the_scale_of_its_unit() -> None:
    half = Row("stall", "5.2.3 module", "less <than> half", "ms", (50.0,))
    svg = ElementTree.fromstring(as_svg([STALL, half, Row("stall", "5.2.3 module", "ratio", "x", (2.0,))]))
    widths = [float(bar.get("width", "")) for bar in svg.iter("{http://www.w3.org/2000/svg}rect") if bar.get("x")]
    assert widths[1] == pytest.approx(widths[2] / 2, abs=0.1), "50 of at most 100 ms, and 2 of at most 2"
    assert widths[0] < widths[1]


@pytest.mark.parametrize("texture", ["jpeg", "png"])
def test_a_sample_is_a_sound_mesh_of_about_the_size(texture: str) -> None:
    path = sample(2000, texture=texture, texture_px=16)
    found = inspect(path)
    assert found.triangles == pytest.approx(2000, rel=0.1)
    assert path == sample(2000, texture=texture, texture_px=16)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts it")
def test_the_peak_of_a_child_is_its_own_and_not_its_parents() -> None:
    ballast = bytearray(b"x") * 300_000_000
    with children_watched() as peak:
        subprocess.run([sys.executable, "-c", "x = bytearray(b'x') * 100_000_000; import time; time.sleep(0.2)"])
    assert 100 < peak.mb < 250
    assert own_peak_mb() > len(ballast) / 1e6
