# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found, for people, for programs, and for whoever is asked for help: that one names nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..host import Check
from .privacy import Hidden

__all__ = ["checks_data", "checks_text"]


def checks_text(checks: Sequence[Check], hidden: Hidden) -> str:
    """Write a report that can be shown to anybody."""
    lines: list[str] = []
    for check in checks:
        text = hidden.anonymous(check.reported or check.text)
        lines.append(f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {text}")
        if check.fix:
            lines.append(f"      {hidden.anonymous(check.fix)}")
    return "\n".join(lines)


def checks_data(checks: Sequence[Check], hidden: Hidden) -> dict[str, Any]:
    """Write the same as JSON, for programs of whoever runs it: without secrets, with folders as they are."""
    told = [
        {
            "name": check.name,
            "ok": check.ok,
            "text": hidden.without_secrets(check.text),
            "fix": hidden.without_secrets(check.fix),
        }
        for check in checks
    ]
    return {"ok": all(check.ok for check in checks), "checks": told}
