# SPDX-License-Identifier: GPL-3.0-or-later
"""Exit codes, and which error leads to which. Other people's scripts rely on them."""

from __future__ import annotations

from typing import Final

from ..errors import (
    AuthError,
    BudgetError,
    ConfigError,
    CredentialsMissing,
    InputError,
    NoCredits,
    OfflineError,
    ScenarioError,
)

__all__ = ["INTERRUPTED", "NO_ACCESS", "OK", "OVER_BUDGET", "SOME_FAILED", "WRONG_USAGE", "exit_code"]

OK: Final = 0
SOME_FAILED: Final = 1
WRONG_USAGE: Final = 2
NO_ACCESS: Final = 3
OVER_BUDGET: Final = 4
INTERRUPTED: Final = 130


def exit_code(error: ScenarioError) -> int:
    if isinstance(error, AuthError | CredentialsMissing | OfflineError):
        return NO_ACCESS
    if isinstance(error, BudgetError | NoCredits):
        return OVER_BUDGET
    return WRONG_USAGE if isinstance(error, InputError | ConfigError) else SOME_FAILED
