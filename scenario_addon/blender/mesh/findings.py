# SPDX-License-Identifier: GPL-3.0-or-later
"""What cleaning found and did, kept with the object that it was done to. Main thread only. Loads without numpy."""

from __future__ import annotations

import json
from typing import Final

import bpy

from ..cleaning.report import Report

__all__ = ["note", "report_of", "words_of"]

_WORDS: Final = "scenario_clean_up"
"""Property of a root: the report, for people."""
_NUMBERS: Final = "scenario_clean_up_numbers"
"""Property of a root: the same in numbers, as JSON."""


def note(root: bpy.types.Object, report: Report) -> None:
    """Keep a report with a mesh."""
    root[_WORDS] = report.words
    root[_NUMBERS] = json.dumps(report.to_json())


def report_of(root: bpy.types.Object) -> Report | None:
    """What was found and done the last time; ``None`` where nobody can say."""
    try:
        return Report.from_json(json.loads(root[_NUMBERS]))
    except (KeyError, TypeError, ValueError):  # none, of another version, or somebody's own
        return None


def words_of(root: bpy.types.Object) -> str:
    """What was found and done, in one line; "" where nothing was looked for."""
    words = root.get(_WORDS)
    return words if isinstance(words, str) else ""
