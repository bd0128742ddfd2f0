# SPDX-License-Identifier: GPL-3.0-or-later
"""The error tree is the one that its docstring draws, and every error speaks to people."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine import errors

ERRORS: dict[str, Any] = {name: getattr(errors, name) for name in errors.__all__}


def _drawn_parents() -> dict[str, str]:
    """Every name in the drawing with the name it hangs from."""
    parents, above = {}, {}
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"    ((?:[│├└ ─]{4})*)([A-Z]\w+)", line):
            depth = len(match[1]) // 4
            above[depth] = match[2]
            parents[match[2]] = above.get(depth - 1, "Exception")
    return parents


def test_the_tree_is_the_one_in_the_docstring() -> None:
    assert {name: cls.__base__.__name__ for name, cls in ERRORS.items()} == _drawn_parents()


def test_every_error_of_the_module_is_exported() -> None:
    defined = {n for n, c in vars(errors).items() if isinstance(c, type) and issubclass(c, Exception)}
    assert defined == set(errors.__all__)


@pytest.mark.parametrize("name", ERRORS)
def test_every_error_carries_its_sentence(name: str) -> None:
    details: dict[str, Any] = {"status": 400} if issubclass(ERRORS[name], errors.ApiError) else {}
    details |= {"name": "seed"} if name == "ParamError" else {}
    details |= {"path": Path("x.glb")} if name == "ImportFailed" else {}
    error = ERRORS[name]("The disk is full: make room.", **details)
    assert error.user_message == "The disk is full: make room."
    assert "The disk is full: make room." in str(error)


def test_the_services_refusal_shows_status_and_trace_in_logs_but_not_to_people() -> None:
    error = errors.Rejected("Input image is required", status=400, trace_id="tr_1")
    assert str(error) == "Input image is required (HTTP 400, trace tr_1)"
    assert error.user_message == "Input image is required"


def test_a_refusal_without_a_trace_says_the_status_alone() -> None:
    assert str(errors.AuthError("Unauthorized", status=401)) == "Unauthorized (HTTP 401)"


def test_a_refused_parameter_can_be_found_by_name() -> None:
    assert errors.ParamError("steps: out of range.", name="steps").name == "steps"


def test_a_refused_parameter_is_told_without_what_deceives_in_its_name() -> None:
    error = errors.ParamError("st\u202eeps\x1b: out of range.", name="st\u202eeps\x1b")
    assert (error.user_message, error.name) == ("steps: out of range.", "st\u202eeps\x1b")


def test_a_connection_that_was_not_safe_says_what_is_wrong_and_what_to_do() -> None:
    error = errors.TlsError("The certificate has expired", fix="check the clock")
    assert error.user_message == "The certificate has expired; check the clock."
