# SPDX-License-Identifier: GPL-3.0-or-later
"""The first signal is noted where it can be, the second ends it; afterwards all is as it was."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import suppress
from typing import Any

import pytest

from scenario_addon.engine.terminal.interrupt import Interrupts

pytestmark = pytest.mark.usefixtures("minds_ctrl_c")

BOTH = [signal.SIGINT, signal.SIGTERM]


@pytest.mark.parametrize("number", BOTH)
def test_a_signal_ends_it_at_once(number: signal.Signals) -> None:
    with Interrupts() as interrupts, pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)
    assert interrupts.is_asked


@pytest.mark.parametrize("number", BOTH)
def test_where_it_is_gentle_the_first_one_is_noted_and_the_second_ends_it(number: signal.Signals) -> None:
    with Interrupts() as interrupts, interrupts.gentle():
        interrupts.check()
        signal.raise_signal(number)
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)


def test_one_that_somebody_has_swallowed_is_heard_of_all_the_same() -> None:
    with Interrupts() as interrupts, interrupts.gentle():
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            interrupts.check()
        interrupts.check_again()
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            interrupts.check_again()


@pytest.mark.parametrize("number", BOTH)
def test_afterwards_everything_is_as_it_was(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Interrupts():
        assert signal.getsignal(number) != before
    assert signal.getsignal(number) == before


@pytest.mark.parametrize("before", [signal.SIG_IGN, lambda number, frame: None], ids=["ignored", "somebody else's"])
def test_a_signal_that_has_another_meaning_keeps_it(before: Any) -> None:
    usual = signal.signal(signal.SIGTERM, before)
    try:
        with Interrupts():
            assert signal.getsignal(signal.SIGTERM) == before
    finally:
        signal.signal(signal.SIGTERM, usual)


def test_what_the_program_around_python_does_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    getsignal = signal.getsignal
    monkeypatch.setattr(signal, "getsignal", lambda number: None if number == signal.SIGTERM else getsignal(number))
    with Interrupts() as interrupts, interrupts.gentle():
        signal.raise_signal(signal.SIGTERM)
        assert interrupts.is_asked
    assert getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_beside_the_main_thread_nothing_is_changed() -> None:
    seen: list[Any] = []
    before = signal.getsignal(signal.SIGTERM)

    def look() -> None:
        with Interrupts():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_terminal_that_is_closed_counts_too() -> None:
    with Interrupts() as interrupts, interrupts.gentle():
        signal.raise_signal(signal.SIGHUP)
        assert interrupts.is_asked
