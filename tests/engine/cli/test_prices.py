# SPDX-License-Identifier: GPL-3.0-or-later
"""What is paid is what was checked: a price is asked for anew before anything is ordered at an old one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from scenario_addon.engine.ledger.job import State
from tests.engine.cli.shell import QuickClock, Shell
from tests.service import Fault

PRICE_CU = Decimal("4.1")
"""Of the fast settings."""


def too_small_a_budget(shell: Shell) -> None:
    assert shell.generate(shell.picture(), "--max-cost", "1").code == 4


def too_many_at_once(shell: Shell) -> None:
    """The service says 429, and the user does not wait for so long."""
    shell.service.fail("POST", "/generate/", Fault.STATUS, after=1, status=429, headers={"Retry-After": "3000"})
    assert shell.generate(shell.picture(), clock=QuickClock(60)).code == 130
    assert [job.state for job in shell.jobs] == [State.UPLOADED]


def cut_short(shell: Shell) -> None:
    """Before anything is uploaded."""
    shell.service.fail("POST", "/v1/assets", Fault.STATUS, status=503, times=None)
    assert shell.generate(shell.picture()).code == 1
    shell.service.forget_faults()


@pytest.mark.parametrize("leave", [too_small_a_budget, too_many_at_once, cut_short])
@pytest.mark.parametrize("command", ["generate", "resume"])
def test_what_an_earlier_run_has_left_is_checked_at_todays_price(
    shell: Shell, leave: Callable[[Shell], None], command: str
) -> None:
    leave(shell)
    shell.service.set_price_factor(8)
    limit = ("--max-cost", "25")
    for _ in range(2):
        answer = shell.generate(shell.picture(), *limit) if command == "generate" else shell("resume", *limit)
        assert answer.code == 4, answer.err
        assert "It costs 32.8 CU" in answer.err
    assert shell.service.charges == []
    answer = shell("resume", "--max-cost", "40")
    assert answer.code == 0, answer.err
    assert [charge.cost_cu for charge in shell.service.charges] == [PRICE_CU * 8]


def test_a_price_that_has_risen_by_more_than_a_tenth_is_told(shell: Shell) -> None:
    too_small_a_budget(shell)
    shell.service.set_price_factor(Decimal("1.2"))
    answer = shell.generate(shell.picture())
    assert answer.code == 0
    assert answer.err.count("photo: The price has risen from 4.1 CU to 4.92 CU.\n") == 1


def test_a_price_that_has_hardly_risen_is_not_worth_a_word(shell: Shell) -> None:
    too_small_a_budget(shell)
    shell.service.set_price_factor(Decimal("1.05"))
    assert "risen" not in shell.generate(shell.picture()).err


def test_after_a_429_the_price_is_asked_for_anew(shell: Shell) -> None:
    shell.service.fail("POST", "/generate/", Fault.STATUS, after=1, status=429, headers={"Retry-After": "5"})

    class Dearer(QuickClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if shell.submissions:
                shell.service.set_price_factor(8)

    answer = shell.generate(shell.picture(), "--max-cost", "25", clock=Dearer())
    assert answer.code == 4
    assert "It costs 32.8 CU, and 25 of 25 CU are left to spend." in answer.err
    assert shell.service.charges == []


def test_what_was_set_aside_at_an_old_price_is_free_for_others(shell: Shell) -> None:
    too_small_a_budget(shell)
    shell.service.set_price_factor(5)
    other = shell.picture("other.png", colour="#2858be")
    answer = shell.generate(shell.picture(), other, "--max-cost", "21", "--jobs", "1")
    assert (answer.code, len(shell.service.charges)) == (4, 1)
