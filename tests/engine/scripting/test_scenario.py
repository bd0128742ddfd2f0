# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine as other people's scripts use it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scenario_addon import engine
from scenario_addon.engine.scripting.result import Result
from scenario_addon.engine.scripting.scenario import Scenario
from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.cli.shell import QuickClock
from tests.engine.colleague import Colleague
from tests.engine.orders import FAST_MODEL
from tests.engine.picture_samples import save_picture
from tests.service import Service

ROOT = Path(__file__).resolve().parents[3]
QUICK: dict[str, Any] = {"paint": False, "targetFaceNum": 100}


@pytest.fixture
def environment(service: Service, tmp_path: Path) -> dict[str, str]:
    return {**service.environment, "SCENARIO_STATE_DIR": str(tmp_path / "state")}


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    colours = ("#be5a28", "#28be5a", "#5a28be")
    return [save_picture(tmp_path / f"chair {number}.png", color=colour) for number, colour in enumerate(colours)]


@contextmanager
def opened(environment: dict[str, str], tmp_path: Path, **options: Any) -> Iterator[Scenario]:
    with Scenario(tmp_path / "meshes", environment=environment, clock=QuickClock(), **options) as scenario:
        yield scenario


def made(scenario: Scenario, pictures: Any, **options: Any) -> list[Result]:
    return list(scenario.generate(pictures, **{"model": FAST_MODEL, "parameters": QUICK, **options}))


def test_each_picture_gives_a_mesh_and_what_it_cost(
    service: Service, environment: dict[str, str], tmp_path: Path, pictures: list[Path]
) -> None:
    with opened(environment, tmp_path) as scenario:
        results = made(scenario, pictures, jobs=2)
    assert sorted(result.name for result in results) == ["chair 0", "chair 1", "chair 2"]
    for result in results:
        assert result.error is None and not result.is_being_made
        assert result.file is not None and result.file.is_file()
        assert result.file == tmp_path / "meshes" / f"{result.name}.glb"
        assert result.picture.endswith(f"{result.name}.png") and result.model == FAST_MODEL
    assert sum((result.cost_cu or Decimal(0)) for result in results) == sum(c.cost_cu for c in service.charges)


def test_results_come_while_others_are_still_made(
    service: Service, environment: dict[str, str], tmp_path: Path, pictures: list[Path]
) -> None:
    with opened(environment, tmp_path) as scenario:
        results = scenario.generate(pictures, model=FAST_MODEL, parameters=QUICK, jobs=1)
        first = next(results)
        assert first.file is not None and first.file.is_file()
        results.close()  # pyright: ignore[reportAttributeAccessIssue]
    assert len(service.charges) < 3, "leaving early orders nothing more"


def test_the_same_again_costs_nothing_unless_it_is_wanted_anew(
    service: Service, environment: dict[str, str], tmp_path: Path, pictures: list[Path]
) -> None:
    for count, again in ((1, False), (1, False), (2, True)):
        with opened(environment, tmp_path) as scenario:
            (result,) = made(scenario, pictures[0], again=again)
        assert result.file is not None and len(service.charges) == count


def test_each_is_made_with_so_many_seeds_and_the_same_call_makes_nothing_anew(
    service: Service, environment: dict[str, str], tmp_path: Path, pictures: list[Path]
) -> None:
    for _ in range(2):
        with opened(environment, tmp_path) as scenario:
            results = made(scenario, pictures[:2], seeds=2, parameters={**QUICK, "seed": 7})
            derived = made(scenario, pictures[0], seeds=2)
        names = [f"chair {number}-seed{seed}" for number in (0, 1) for seed in (7, 8)]
        assert sorted(result.name for result in results) == names
        assert all(re.fullmatch(r"chair 0-seed\d+", result.name) for result in derived)
        assert len(service.charges) == 6


def test_what_one_cannot_be_made_of_is_an_error_of_its_result(
    service: Service, environment: dict[str, str], tmp_path: Path, pictures: list[Path]
) -> None:
    service.fail_job("No subject is seen.", times=2)
    with opened(environment, tmp_path) as scenario:
        results = made(scenario, pictures[:2])
    assert [result.file for result in results] == [None, None]
    assert all("No subject" in str(result.error) for result in results)


def test_a_limit_holds_for_all_of_it(
    service: Service, environment: dict[str, str], tmp_path: Path, pictures: list[Path]
) -> None:
    with opened(environment, tmp_path) as scenario:
        (one,) = made(scenario, pictures[0])
    assert one.cost_cu is not None
    with opened(environment, tmp_path, max_cost_cu=float(one.cost_cu)) as scenario:
        results = made(scenario, pictures[1:], jobs=1)
    assert sorted(result.file is None for result in results) == [False, True]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"model": "model_nobody"}, "model_nobody"),
        ({"parameters": {"targetFaceNum": "many"}}, "targetFaceNum"),
        ({"jobs": 0}, "at least one"),
        ({"seeds": 0}, "seeds is 0: give a number from 1 to 64"),
        ({"seeds": 65}, "seeds is 65: give a number from 1 to 64"),
        ({"seeds": 2, "model": "model_yvo3d-image-to-3d", "parameters": {}}, "has no seed"),
        ({"pictures": []}, "nothing to make"),
        ({"pictures": "nowhere.png"}, "nowhere.png"),
        ({"views": {"front": "nowhere.png"}}, "at most one picture"),
    ],
)
def test_what_cannot_be_asked_for_is_raised_before_anything_is_sent(
    service: Service, environment: dict[str, str], tmp_path: Path, pictures: list[Path], options: Any, said: str
) -> None:
    wanted = {"pictures": pictures, "model": FAST_MODEL, "parameters": QUICK, **options}
    with opened(environment, tmp_path) as scenario, pytest.raises(engine.InputError, match=said):
        scenario.generate(wanted.pop("pictures"), **wanted)
    assert not service.charges and not service.assets


@pytest.mark.parametrize("amount", [-1, float("nan"), float("inf")])
def test_a_limit_that_is_none_is_refused(environment: dict[str, str], tmp_path: Path, amount: float) -> None:
    with pytest.raises(engine.InputError, match="no amount"):
        Scenario(tmp_path, environment=environment, max_cost_cu=amount)


def test_without_a_key_it_is_said_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(engine.CredentialsMissing, match=r"app\.scenario\.com"):
        Scenario(tmp_path, environment={"SCENARIO_STATE_DIR": str(tmp_path)})


def test_what_is_public_is_listed_and_is_there() -> None:
    assert {"Scenario", "Result", "ScenarioClient", "Order", "Runner", "ScenarioError"} <= set(dir(engine))
    for name in dir(engine):
        assert getattr(engine, name) is not None


@pytest.mark.slow
def test_the_example_of_the_readme_runs(
    service: Service, environment: dict[str, str], tmp_path: Path, pictures: list[Path]
) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    (example,) = re.findall(r"\n\n((?:    [^\n]*\n|\n)*?    with engine\.Scenario\(.*?)\n\n", readme, flags=re.DOTALL)
    code = "\n".join(line[4:] for line in example.splitlines())
    for name, picture in zip(("chair.png", "lamp.png"), pictures, strict=False):
        (tmp_path / name).write_bytes(picture.read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(line.split()[0] for line in done.stdout.splitlines()) == ["chair", "lamp"]
    assert len(service.charges) == 2


def test_a_blender_that_may_not_go_online_is_not_taken_online(environment: dict[str, str], tmp_path: Path) -> None:
    blender = FakeBlender(tmp_path, online_access=False)
    with pytest.raises(engine.OfflineError, match="--online-mode"):
        Scenario(tmp_path, environment=environment, host=blender)


def test_a_mesh_is_changed_by_its_file_or_the_job_that_made_it(
    service: Service, environment: dict[str, str], tmp_path: Path, pictures: list[Path]
) -> None:
    few: dict[str, Any] = {"model": "model_meshy-remesh", "parameters": {"targetPolycount": 200}}
    with opened(environment, tmp_path) as scenario:
        (first,) = made(scenario, pictures[0])
        assert first.file is not None
        (by_job,) = scenario.generate(mesh=first.job_id, **few)
        (by_file,) = scenario.generate(mesh=first.file, **few)
        with pytest.raises(engine.InputError, match="There is neither a file nor a job 0123abcd"):
            scenario.generate(mesh="0123abcd", **few)
    assert by_job.file == first.file.with_name("chair 0-meshy-remesh.glb")
    assert by_file.file == first.file.with_name("chair 0-meshy-remesh-2.glb")
    assert len(service.charges) == 3
    assert service.count("POST", r"/uploads$") == 1


def test_what_was_made_elsewhere_is_fetched_for_nothing(
    environment: dict[str, str], service: Service, tmp_path: Path
) -> None:
    colleague = Colleague(service)
    ids = [colleague.make(), colleague.order(colleague.send("Lampe.png"))]
    with opened(environment, tmp_path, max_cost_cu=0) as scenario:
        found = {result.name: result for result in scenario.fetch([*ids, f" {ids[0]}\n"])}
        assert [result.file for result in scenario.fetch(ids[0])] == [found["Sessel"].file]
        for text, told in (("job_none", "knows no job"), ("a b", "is not the id"), ("", "is not the id")):
            with pytest.raises(engine.InputError, match=told):
                list(scenario.fetch(text))
    assert {name: result.file for name, result in found.items()} == {
        "Sessel": tmp_path / "meshes" / "Sessel.glb",
        "Lampe": tmp_path / "meshes" / "Lampe.glb",
    }
    assert all(result.cost_cu == 0 and not result.error for result in found.values()) and len(service.charges) == 2
