# SPDX-License-Identifier: GPL-3.0-or-later
"""The same order is paid for once, whoever gives it, however often, and wherever it is wanted."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.pipeline.actions import cancel
from tests.engine.cli.shell import RUNNING_S, QuickClock, Shell
from tests.engine.fickle_files import fold_case
from tests.service import Fault

GIVE_UP_S = 1000.0


@dataclass
class BusyClock(QuickClock):
    """Something happens while it is waited."""

    happens: Callable[[], object] = lambda: None
    after: int = 3

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.after -= 1
        if self.after == 0:
            self.happens()


@contextmanager
def carried_elsewhere(shell: Shell) -> Iterator[Ledger]:
    """The ledger as another living process has it, which carries all its jobs."""
    ledger = Ledger(shell.state)
    for job in ledger.jobs():
        assert ledger.claim(job.id)
    try:
        yield ledger
    finally:
        ledger.close()


def begun(shell: Shell, *args: Any) -> Job:
    """A job that was ordered and is being made, by a process that is gone."""
    assert shell.generate(*args, clock=QuickClock(RUNNING_S)).code == 130
    [job] = shell.jobs
    assert job.state is State.RUNNING
    return job


# -- in one run


def test_a_picture_that_is_named_twice_is_paid_for_once(shell: Shell) -> None:
    picture = shell.picture()
    link = shell.folder / "link.png"
    link.symlink_to(picture)
    answer, report = shell.report(picture, picture, link)
    assert answer.code == 0, answer.err
    assert answer.paths == [shell.out / name for name in ("photo.glb", "photo-2.glb", "link.glb")]
    assert len({path.read_bytes() for path in answer.paths}) == len(shell.service.charges) == len(shell.jobs) == 1
    price_cu = float(shell.service.charges[0].cost_cu)
    assert [item["cost_cu"] for item in report["items"]] == [price_cu, 0.0, 0.0]
    assert report["cost_cu"] == price_cu
    assert answer.err.count("nothing was ordered") == 2


def test_the_same_command_again_leaves_everything_as_it_is(shell: Shell) -> None:
    pictures = [shell.picture(), shell.picture("other.png"), shell.picture()]
    first = shell.generate(*pictures)
    times = {path: path.stat().st_mtime_ns for path in shell.out.iterdir()}
    again = shell.generate(*pictures)
    assert (again.code, again.paths) == (0, first.paths)
    assert {path: path.stat().st_mtime_ns for path in shell.out.iterdir()} == times
    assert len(shell.service.charges) == 1
    assert again.err.count("left as it is, nothing was ordered.") == 3


def test_what_fails_fails_for_everybody_who_asked(shell: Shell) -> None:
    shell.service.fail_job("No subject was found.")
    answer, report = shell.report(shell.picture(), shell.picture("b.png"))
    assert answer.code == 1
    assert [item["error"] for item in report["items"]] == ["No subject was found."] * 2
    assert len(shell.service.charges) == 1


def test_again_orders_as_often_as_it_is_named(shell: Shell) -> None:
    picture = shell.picture()
    shell.generate(picture)
    answer = shell.generate(picture, picture, "--again")
    assert answer.code == 0
    assert len(shell.service.charges) == 3
    assert len(shell.meshes) == 3


# -- finished before


def test_what_is_made_is_copied_into_another_folder_for_nothing(shell: Shell) -> None:
    (made,) = shell.generate(shell.picture()).paths
    answer, report = shell.report(shell.picture(), "--output", shell.folder / "ü 2")
    assert answer.paths == [shell.folder / "ü 2" / "photo.glb"]
    assert answer.paths[0].read_bytes() == made.read_bytes()
    assert not answer.paths[0].samefile(made)
    assert "The same was made on 20" in answer.err
    assert f"copied from {made}, nothing was ordered." in answer.err
    assert (report["cost_cu"], len(shell.service.charges)) == (0.0, 1)


def test_what_is_made_and_gone_is_fetched_into_another_folder_for_nothing(shell: Shell) -> None:
    (made,) = shell.generate(shell.picture()).paths
    content = made.read_bytes()
    made.unlink()
    answer = shell.generate(shell.picture(), "--output", shell.folder / "other")
    assert answer.paths == [shell.folder / "other" / "photo.glb"]
    assert answer.paths[0].read_bytes() == content
    assert len(shell.service.charges) == 1


def test_a_picture_of_another_name_is_the_same_order_and_has_a_file_of_its_own(shell: Shell) -> None:
    shell.generate(shell.picture())
    shutil.copy(shell.folder / "photo.png", shell.folder / "copy.png")
    for _ in range(2):
        assert shell.generate(shell.folder / "copy.png").paths == [shell.out / "copy.glb"]
    assert shell.meshes == {"photo.glb", "copy.glb"}
    assert len(shell.service.charges) == 1


def test_somebody_elses_file_of_that_name_is_not_taken_for_it(shell: Shell) -> None:
    shell.generate(shell.picture())
    other = shell.folder / "other"
    other.mkdir()
    (other / "photo.glb").write_bytes(b"theirs")
    for _ in range(2):
        assert shell.generate(shell.picture(), "--output", other).paths == [other / "photo-2.glb"]
    assert (other / "photo.glb").read_bytes() == b"theirs"


@pytest.mark.parametrize("options", [["--set", "steps=20"], ["--set", "seed=7"]])
def test_other_settings_are_another_order(shell: Shell, options: list[str]) -> None:
    shell.generate(shell.picture())
    shell.generate(shell.picture(), *options)
    assert len(shell.service.charges) == 2


def test_a_default_that_is_spelled_out_is_the_same_order(shell: Shell) -> None:
    shell.generate(shell.picture())
    shell.generate(shell.picture(), "--set", "steps=30")
    assert len(shell.service.charges) == 1


def test_another_project_orders_for_itself(shell: Shell) -> None:
    shell.generate(shell.picture())
    shell.generate(shell.picture(), environment={**shell.environment, "SCENARIO_PROJECT_ID": "project_2"})
    assert len(shell.service.charges) == 2


def test_what_failed_is_ordered_anew(shell: Shell) -> None:
    shell.service.fail_job("No subject was found.")
    assert shell.generate(shell.picture()).code == 1
    assert shell.generate(shell.picture()).code == 0


@pytest.mark.parametrize("spelling", ["OUT", "Out"])
def test_a_folder_is_the_same_however_it_is_spelled(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, spelling: str
) -> None:
    (made,) = shell.generate(shell.picture()).paths
    fold_case(monkeypatch)
    answer = shell.generate(shell.picture(), "--output", shell.folder / spelling)
    assert answer.paths == [made]
    assert len(shell.service.charges) == 1


def test_a_folder_is_the_same_through_a_link(shell: Shell) -> None:
    (made,) = shell.generate(shell.picture()).paths
    (shell.folder / "link").symlink_to(shell.out)
    assert shell.generate(shell.picture(), "--output", shell.folder / "link").paths == [made]
    assert shell.meshes == {"photo.glb"}


# -- under way


def test_what_a_dead_process_has_ordered_goes_where_it_is_wanted_now(shell: Shell) -> None:
    begun(shell, shell.picture())
    answer, report = shell.report(shell.picture("new name.png"), "--output", shell.folder / "new")
    assert answer.paths == [shell.folder / "new" / "new name.glb"]
    assert report["cost_cu"] == float(shell.service.charges[0].cost_cu)
    assert len(shell.service.charges) == 1


def test_what_did_not_fit_one_folder_goes_into_another(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise DiskError("There is no space left.")

    with monkeypatch.context() as trouble:
        trouble.setattr("scenario_addon.engine.pipeline.steps.deliver", full)
        assert shell.generate(shell.picture()).code == 1
    answer = shell.generate(shell.picture(), "--output", shell.folder / "other disk")
    assert answer.paths == [shell.folder / "other disk" / "photo.glb"]
    assert len(shell.service.charges) == 1


def test_resume_can_be_told_another_folder(shell: Shell) -> None:
    begun(shell, shell.picture())
    assert shell("resume", "--output", shell.folder / "new").paths == [shell.folder / "new" / "photo.glb"]


def finish(ledger: Ledger, shell: Shell) -> None:
    """What another process does: fetch its jobs."""
    from scenario_addon.engine.pipeline.connection import connect
    from tests.engine.orders import credentials_of

    clock = QuickClock()
    connection = connect(credentials_of(shell.service), shell.state, ledger=ledger, clock=clock, sleep=clock.sleep)
    jobs = [job for job in ledger.jobs() if not job.is_settled]
    for job in jobs:
        connection.runner.carry(job, retry=True)
    connection.runner.run([job.id for job in jobs])
    connection.runner.stop()


def test_what_another_process_makes_is_waited_for_and_delivered(shell: Shell) -> None:
    begun(shell, shell.picture())
    with carried_elsewhere(shell) as ledger:
        clock = BusyClock(happens=lambda: finish(ledger, shell))
        answer, report = shell.report(
            shell.picture(), shell.picture("b.png"), "--output", shell.folder / "2", clock=clock
        )
    assert answer.code == 0, answer.err
    assert answer.paths == [shell.folder / "2" / "photo.glb", shell.folder / "2" / "b.glb"]
    assert (report["cost_cu"], len(shell.service.charges)) == (0.0, 1)
    assert (shell.out / "photo.glb").exists()


def test_what_another_process_leaves_behind_when_it_dies_is_taken_over(shell: Shell) -> None:
    begun(shell, shell.picture())
    with carried_elsewhere(shell) as ledger:
        answer = shell.generate(shell.picture(), clock=BusyClock(happens=ledger.close))
    assert answer.paths == [shell.out / "photo.glb"]
    assert len(shell.service.charges) == 1


def test_what_another_process_ends_and_dies_in_one_instant_is_taken_as_it_is(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(shell, shell.picture())
    with carried_elsewhere(shell) as other:
        get = Ledger.get

        def too_early(ledger: Ledger, job_id: Any) -> Job | None:
            job = get(ledger, job_id)
            if job is not None and not job.is_settled:
                finish(other, shell)
                other.close()
            return job

        monkeypatch.setattr(Ledger, "get", too_early)
        answer = shell.generate(shell.picture(), clock=QuickClock(GIVE_UP_S))
    assert (answer.code, answer.paths) == (0, [shell.out / "photo.glb"]), answer.err


@pytest.mark.parametrize("how", ["removed", "held", "cancelled"])
def test_what_another_process_gives_up_is_told(shell: Shell, how: str) -> None:
    begun(shell, shell.picture())
    with carried_elsewhere(shell) as ledger:
        [job] = ledger.jobs()
        gives_up = {
            "removed": lambda: ledger.remove(job.id),
            "held": lambda: ledger.save(job.delayed(DiskError("There is no space left."), wait_s=None)),
            "cancelled": lambda: ledger.save(cancel(job, None)),  # type: ignore[arg-type]
        }
        answer = shell.generate(shell.picture(), clock=BusyClock(happens=gives_up[how]))
    words = {"removed": "taken it off its list", "held": "waits for you: There is no space", "cancelled": "cancelled"}
    assert answer.code == 1
    assert words[how] in answer.err
    assert len(shell.service.charges) == 1


def test_what_waits_for_somebody_elsewhere_and_has_cost_nothing_is_in_nobodys_way(shell: Shell) -> None:
    assert shell.generate(shell.picture(), "--max-cost", "1").code == 4
    with carried_elsewhere(shell):
        assert shell.generate(shell.picture()).code == 0
    assert len(shell.service.charges) == 1


# -- given up


def cancelled(shell: Shell, **changes: Any) -> None:
    with carried_elsewhere(shell) as ledger:
        [job] = ledger.jobs()
        ledger.save(cancel(replace(job, **changes), None))  # type: ignore[arg-type]


def test_what_was_given_up_while_it_was_being_made_is_fetched_for_nothing(shell: Shell) -> None:
    begun(shell, shell.picture())
    cancelled(shell)
    assert shell.generate(shell.picture()).paths == [shell.out / "photo.glb"]
    assert len(shell.service.charges) == 1


def test_what_was_given_up_before_it_was_ordered_is_ordered(shell: Shell) -> None:
    assert shell.generate(shell.picture(), "--max-cost", "1").code == 4
    cancelled(shell)
    assert shell.generate(shell.picture()).code == 0
    assert len(shell.service.charges) == 1


def test_what_may_be_charged_is_not_ordered_in_silence(shell: Shell) -> None:
    shell.service.fail("POST", "/generate/", Fault.RESET, after=1)
    assert shell.generate(shell.picture()).code == 1
    cancelled(shell)
    answer = shell.generate(shell.picture())
    assert answer.code == 1
    assert "no answer came, and it may be charged. To order all the same, add --again." in answer.err
    assert shell.service.charges == []
    assert shell.generate(shell.picture(), "--again").code == 0
    assert len(shell.service.charges) == 1
