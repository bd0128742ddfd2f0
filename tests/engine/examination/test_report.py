# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found, written for people and for programs."""

from __future__ import annotations

from scenario_addon.engine.examination.privacy import Hidden
from scenario_addon.engine.examination.report import checks_data, checks_text
from scenario_addon.engine.host import Check

HIDDEN = Hidden(("s3cr3t",), "/home/ada", ("ada",))
CHECKS = (
    Check("key", True, "set, project chairs", reported="set"),
    Check("ledger", False, "/home/ada/x cannot be written (s3cr3t)", "Ask s3cr3t about /home/ada."),
    Check("meshopt", True, "cannot be read", "Take Blender 5.2."),
)


def test_a_report_has_a_line_for_each_check_and_what_to_do_below() -> None:
    assert checks_text(CHECKS, HIDDEN) == (
        "ok    key: set\n"
        "FAIL  ledger: ~/x cannot be written ([hidden])\n"
        "      Ask [hidden] about ~.\n"
        "ok    meshopt: cannot be read\n"
        "      Take Blender 5.2."
    )


def test_programs_get_it_without_secrets_but_with_folders_that_are_there() -> None:
    data = checks_data(CHECKS, HIDDEN)
    assert data["ok"] is False
    assert data["checks"][1] == {
        "name": "ledger",
        "ok": False,
        "text": "/home/ada/x cannot be written ([hidden])",
        "fix": "Ask [hidden] about /home/ada.",
    }
    assert data["checks"][0]["text"] == "set, project chairs"
