# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialog that asks before something may be spent. What its keys do in a window: tests/gui/test_panel.py."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from scenario_addon.blender.ui.dialog import Asking
from tests.blender.fake_layout import FakeLayout


class Spending(Asking):
    """As an operator would use it, with what Blender would give it."""

    def __init__(self) -> None:
        self.layout, self.said, self.spent = FakeLayout(), list[str](), 0

    def report(self, kinds: set[str], text: str) -> None:
        self.said.append(text)

    def run(self, context: Any) -> set[str]:
        self.spent += 1
        return {"FINISHED"}


@pytest.fixture
def dialogs() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def context(dialogs: list[dict[str, Any]]) -> Any:
    def show(operator: Any, **options: Any) -> set[str]:
        assert set(options) <= set(bpy.types.WindowManager.bl_rna.functions["invoke_props_dialog"].parameters.keys())
        dialogs.append(options)
        return {"RUNNING_MODAL"}

    return SimpleNamespace(window_manager=SimpleNamespace(invoke_props_dialog=show))


def ask(operator: Spending, context: Any) -> set[str]:
    return operator.ask_first(context, title="Above the Limit", question="It costs 60 CU.", yes="Order Anyway")


def test_cancel_is_the_default_and_the_question_is_shown(context: Any, dialogs: list[dict[str, Any]]) -> None:
    operator = Spending()
    assert ask(operator, context) == {"RUNNING_MODAL"}
    (options,) = dialogs
    assert (options["title"], options["confirm_text"], options["cancel_default"]) == (
        "Above the Limit",
        "Order Anyway",
        True,
    )
    operator.draw(context)
    assert str(operator.layout) == "It costs 60 CU"
    assert operator.spent == 0


@pytest.mark.parametrize(("after_s", "spent"), [(0.0, 0), (0.4, 0), (0.6, 1), (600.0, 1)])
def test_an_answer_that_nobody_can_have_meant_spends_nothing(
    context: Any, monkeypatch: pytest.MonkeyPatch, after_s: float, spent: int
) -> None:
    operator, now_s = Spending(), time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    ask(operator, context)
    monkeypatch.setattr(time, "monotonic", lambda: now_s + after_s)
    assert operator.execute(context) == ({"FINISHED"} if spent else {"CANCELLED"})
    assert operator.spent == spent
    assert bool(operator.said) is not bool(spent)


def test_who_was_not_asked_is_not_kept_waiting(context: Any) -> None:
    operator = Spending()
    assert operator.execute(context) == {"FINISHED"}
    assert operator.spent == 1
