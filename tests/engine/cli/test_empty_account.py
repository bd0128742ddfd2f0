# SPDX-License-Identifier: GPL-3.0-or-later
"""An account without credits is met once: nothing is lost, and everything goes on when it is filled again."""

from __future__ import annotations

from typing import Any, Final

import pytest

from scenario_addon.engine.ledger.job import State
from tests.engine.cli.shell import Shell
from tests.service import Fault

GENERATE: Final = "/generate/"
EMPTY: Final = {
    "402": {"status": 402, "body": {"reason": "Payment required"}},
    "403 in words": {"status": 403, "body": {"message": "You have run out of compute units."}},
    "400 in words": {"status": 400, "body": {"reason": "Not enough creative units to run this model"}},
}


@pytest.fixture(params=EMPTY.values(), ids=list(EMPTY))
def empty(request: pytest.FixtureRequest) -> dict[str, Any]:
    return request.param


@pytest.mark.parametrize("after", [0, 1], ids=["at the price", "at the submission"])
def test_a_batch_meets_an_empty_account_once_and_goes_on_when_it_is_filled(
    shell: Shell, empty: dict[str, Any], after: int
) -> None:
    pictures = [shell.picture(f"{n}.png", colour=f"#{n}{n}58be") for n in range(4)]
    shell.service.fail("POST", GENERATE, Fault.STATUS, after=after, times=None, **empty)
    answer, report = shell.report(*pictures, "--jobs", "1")
    asked = shell.service.count("POST", GENERATE)
    assert answer.code == 4, answer.err
    assert asked == after + 1
    assert all("no credits left" in item["error"] for item in report["items"])
    assert (answer.out, shell.service.charges) == ("", [])
    uploads = shell.uploads
    shell.service.forget_faults()
    again = shell.generate(*pictures)
    assert (again.code, len(again.paths), len(shell.service.charges)) == (0, 4, 4), again.err
    assert shell.uploads == 4 >= uploads


def test_what_is_paid_for_arrives_from_an_empty_account_too(shell: Shell, empty: dict[str, Any]) -> None:
    first, second = shell.picture("a.png"), shell.picture("b.png", colour="#2858be")
    shell.service.fail("POST", GENERATE, Fault.STATUS, after=2, times=None, **empty)
    answer, report = shell.report(first, second, "--jobs", "1")
    assert answer.code == 4
    assert answer.paths == [shell.out / "a.glb"]
    assert [item["state"] for item in report["items"]] == ["ready", "uploaded"]
    assert shell.jobs[1].state is State.UPLOADED
    assert shell("resume").code == 4
    shell.service.forget_faults()
    assert shell("resume").paths == [shell.out / "b.glb"]
    assert len(shell.service.charges) == 2


def test_what_was_made_before_is_delivered_from_an_empty_account_too(shell: Shell, empty: dict[str, Any]) -> None:
    shell.generate(shell.picture())
    shell.service.fail("POST", GENERATE, Fault.STATUS, times=None, **empty)
    answer = shell.generate(shell.picture("new.png", colour="#2858be"), shell.picture(), "--jobs", "1")
    assert (answer.code, answer.paths) == (4, [shell.out / "photo.glb"])


def test_a_dry_run_says_it(shell: Shell, empty: dict[str, Any]) -> None:
    shell.service.fail("POST", GENERATE, Fault.STATUS, times=None, **empty)
    answer = shell.generate(shell.picture(), "--dry-run")
    assert (answer.code, answer.out) == (4, "")
    assert "no credits left" in answer.err


def test_what_the_plan_does_not_cover_is_another_matter(shell: Shell) -> None:
    body = {"message": "This model requires the Pro plan"}
    shell.service.fail("POST", GENERATE, Fault.STATUS, status=403, body=body, times=None)
    assert shell.generate(shell.picture()).code == 1
