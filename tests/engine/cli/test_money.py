# SPDX-License-Identifier: GPL-3.0-or-later
"""A day's limit, and submissions that were never answered, from the command line."""

from __future__ import annotations

import pytest

from scenario_addon.engine.ledger.job import State
from tests.engine.cli.shell import Shell
from tests.service import Fault

GENERATE = r"/generate/"


def unanswered(shell: Shell) -> str:
    """Order something that never arrives; the job's id as `jobs` shows it."""
    shell.service.fail("POST", GENERATE, Fault.RESET, after=1)  # the first one asks for the price
    answer = shell.generate(shell.picture())
    assert answer.code == 1
    assert "submit it again, which may cost a second time" in answer.err
    return shell.jobs[0].id[:8]


def test_a_days_limit_stops_what_is_above_it_and_the_rest_can_be_resumed(shell: Shell) -> None:
    pictures = [shell.picture(f"{n}.png", colour=f"#{n}{n}58be") for n in range(3)]
    answer = shell.generate(*pictures, "--max-cost-per-day", "9", "--jobs", "3")
    assert answer.code == 4
    assert len(answer.paths) == len(shell.service.charges) == 2
    assert "left to spend: go on with it tomorrow, or raise the limit for a day." in answer.err
    assert shell("resume", "--max-cost-per-day", "12").code == 4
    assert shell("resume", "--max-cost-per-day", "12.3").code == 0
    assert len(shell.service.charges) == 3


def test_a_days_limit_counts_earlier_runs(shell: Shell) -> None:
    assert shell.generate(shell.picture("a.png")).code == 0
    second = shell.picture("b.png", colour="#2858be")
    assert shell.generate(second, "--max-cost-per-day", "8").code == 4
    assert shell.generate(second, "--max-cost-per-day", "8.2").code == 0


def test_the_environments_limit_holds_unless_the_command_names_one(shell: Shell) -> None:
    limited = {**shell.environment, "SCENARIO_MAX_COST_PER_DAY": "4"}
    assert shell.generate(shell.picture(), environment=limited).code == 4
    assert shell("resume", environment=limited).code == 4
    assert shell.service.charges == []
    assert shell.generate(shell.picture(), "--max-cost-per-day", "5", environment=limited).code == 0


def test_an_environments_limit_that_cannot_be_read_stops_everything(shell: Shell) -> None:
    answer = shell.generate(shell.picture(), environment={**shell.environment, "SCENARIO_MAX_COST_PER_DAY": "much"})
    assert (answer.code, shell.service.requests) == (2, [])
    assert "SCENARIO_MAX_COST_PER_DAY is much, not a number of Compute Units (CU)" in answer.err


def test_a_limit_that_is_no_number_is_wrong_usage(shell: Shell) -> None:
    assert shell.generate(shell.picture(), "--max-cost-per-day", "much").code == 2


def test_resume_looks_again_and_never_submits_by_itself(shell: Shell) -> None:
    unanswered(shell)
    for _ in range(2):
        assert shell("resume").code == 1
        assert shell.generate(shell.picture(), "--resume").code == 1
    assert len(shell.submissions) == 1
    assert [job.state for job in shell.jobs] == [State.UNCERTAIN]


def test_what_was_never_answered_is_submitted_again_when_the_user_says_so(shell: Shell) -> None:
    name = unanswered(shell)
    answer = shell("resume", "--submit-again", name)
    assert (answer.code, answer.paths) == (0, [shell.out / "photo.glb"])
    assert len(shell.service.charges) == 1


@pytest.mark.parametrize("name", ["nothing", ""])
def test_what_is_to_be_submitted_again_has_to_be_named(shell: Shell, name: str) -> None:
    unanswered(shell)
    before = len(shell.submissions)
    shell("resume", "--submit-again", name)
    assert len(shell.submissions) == before


def test_what_is_in_no_doubt_is_not_submitted_again(shell: Shell) -> None:
    shell.generate(shell.picture())
    answer = shell("resume", "--submit-again", shell.jobs[0].id[:8])
    assert answer.code == 2
    assert "there is no doubt about this job (done)" in answer.err
    assert len(shell.service.charges) == 1
