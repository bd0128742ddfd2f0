# SPDX-License-Identifier: GPL-3.0-or-later
"""The projects that a key can be used for, as the service lists teams."""

from __future__ import annotations

from typing import Any

import pytest

from scenario_addon.engine.account.projects import Project, missing_project, projects_of
from scenario_addon.engine.api import wire
from scenario_addon.engine.api.wire_teams import Team, TeamsAnswer
from tests.engine.workbench import Workbench
from tests.service import Fault


def teams(*entries: Any) -> list[Team]:
    return wire.parse(TeamsAnswer, {"teams": list(entries)}).teams


def test_projects_are_listed_by_name_each_once() -> None:
    projects = [{"id": "b", "name": "lamps"}, {"id": "a", "name": "Chairs"}, {"id": "b", "name": "lamps"}, {"id": "c"}]
    found = projects_of(teams({"id": "t", "name": "Atelier", "projects": projects}))
    assert found == (Project("c", "c"), Project("a", "Chairs"), Project("b", "lamps"))


def test_of_several_teams_each_project_is_told_with_its_own() -> None:
    found = projects_of(
        teams(
            {"id": "t", "name": "Atelier", "projects": [{"id": "a", "name": "Chairs"}]},
            {"id": "u", "projects": [{"id": "b", "name": "Chairs"}]},
            {"id": "v", "name": "Empty", "projects": []},
        )
    )
    assert found == (Project("a", "Chairs (Atelier)"), Project("b", "Chairs (u)"))


@pytest.mark.parametrize("fault", [None, Fault.GARBAGE, Fault.RESET])
def test_where_there_is_no_choice_or_nobody_knows_nothing_is_missing(bench: Workbench, fault: Fault | None) -> None:
    if fault is not None:
        bench.service.team.other_projects = {"proj_lamps": "Lamps"}
        bench.service.fail("GET", "/teams$", fault, times=None)
    assert missing_project(bench.client) is None
