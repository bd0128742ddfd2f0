# SPDX-License-Identifier: GPL-3.0-or-later
"""``account``: whose the key is, what is left, and what was spent from here."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Final

import pytest

from tests.engine.cli.shell import FAST, Shell
from tests.service import Fault
from tests.service.store import OWNER_ID

KEYS: Final = ("SCENARIO_SDK_API_KEY", "SCENARIO_SDK_API_SECRET")
END: Final = "2099-12-15T12:00:00.000Z"
PROJECTS: Final = [{"id": OWNER_ID, "name": "Sandbox Project"}]
LACKS: Final = f"a team's: set SCENARIO_PROJECT_ID to the project it is for: proj_lamps (Lamps), {OWNER_ID} (Sandbox "
NOT_TOLD: Final = {
    "team": None,
    "project": None,
    "plan": None,
    "credits_left_cu": None,
    "period_end": None,
    "parallel_jobs": None,
    "projects": [],
    "spent_today_cu": 0,
    "spent_this_month_cu": 0,
}


def test_it_is_data_for_programs(shell: Shell) -> None:
    shell.service.team.granted_cu, shell.service.team.period_end = Decimal(1500), END
    shell.service.team.bought = [(Decimal("40.5"), END), (Decimal(7), "2026-01-01T00:00:00.000Z")]
    shell.generate(shell.picture())
    [charge] = shell.service.charges
    answer = shell("account", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out) == {
        "team": "Sandbox",
        "project": "Sandbox Project",
        "plan": "cu-pro",
        "credits_left_cu": float(Decimal(1500) - 1 - charge.cost_cu + Decimal("40.5")),
        "period_end": END,
        "parallel_jobs": 8,
        "projects": PROJECTS,
        "spent_today_cu": float(charge.cost_cu),
        "spent_this_month_cu": float(charge.cost_cu),
    }


def test_it_is_a_few_lines_for_people(shell: Shell) -> None:
    shell.service.team.granted_cu, shell.service.team.period_end = Decimal(1241), END
    answer = shell("account")
    assert (answer.code, answer.err) == (0, "")
    assert answer.lines == [
        "Team Sandbox, project Sandbox Project, plan cu-pro",
        "1,240 CU left until 15 Dec 2099",
        "8 jobs at once",
        "Nothing spent today",
        "Nothing spent this month",
    ]


def test_what_was_spent_is_told_by_the_models_names_and_what_came_back_is_not(shell: Shell) -> None:
    shell.generate(shell.picture("a.png"))
    shell.service.fail_job()
    shell.generate(shell.picture("b.png", colour="#2858be"))
    cost = f"{shell.service.charges[0].cost_cu.normalize():f}"
    assert shell("account").lines[3:] == [
        f"Spent today {cost} CU: Hunyuan 3D 2.1 {cost}",
        f"Spent this month {cost} CU: Hunyuan 3D 2.1 {cost}",
    ]


def test_another_project_has_spent_nothing(shell: Shell) -> None:
    shell.generate(shell.picture())
    other = shell.environment | {"SCENARIO_PROJECT_ID": "proj_elsewhere"}
    answer = shell("account", "--json", environment=other)
    assert json.loads(answer.out)["spent_this_month_cu"] == 0
    assert json.loads(shell("account", "--json").out)["spent_this_month_cu"] > 0


@pytest.mark.parametrize("status", [401, 403, 404])
def test_where_the_key_may_not_read_the_limits_they_are_not_told(shell: Shell, status: int) -> None:
    shell.service.fail("GET", "/limits$", Fault.STATUS, status=status, times=None)
    answer = shell("account", "--json")
    assert (answer.code, answer.err) == (0, "")
    told = {"team": "Sandbox", "project": "Sandbox Project", "plan": "cu-pro"}
    assert json.loads(answer.out) == NOT_TOLD | told | {"projects": PROJECTS}
    assert shell("account").lines[1] == "What is left: not told to this key"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_key_that_may_not_read_its_team_is_good_all_the_same(shell: Shell, status: int) -> None:
    shell.service.fail("GET", "/teams", Fault.STATUS, status=status, times=None)
    answer = shell("account", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out) == NOT_TOLD
    assert shell("account").lines[0] == "Whose the key is: not told to it"


def test_of_several_teams_none_is_told_that_may_be_another_one(shell: Shell) -> None:
    shell.service.team.has_other_team = True
    assert json.loads(shell("account", "--json").out)["team"] == "Sandbox"
    elsewhere = shell.environment | {"SCENARIO_PROJECT_ID": "proj_elsewhere"}
    assert json.loads(shell("account", "--json", environment=elsewhere).out) == NOT_TOLD | {"projects": PROJECTS}


def test_the_projects_of_a_teams_key_can_be_looked_up(shell: Shell) -> None:
    shell.service.team.other_projects = {"proj_lamps": "Lamps"}
    told = f"Projects to choose from with SCENARIO_PROJECT_ID: proj_lamps (Lamps), {OWNER_ID} (Sandbox Project)"
    assert shell("account").lines[-1] == told
    chosen = shell.environment | {"SCENARIO_PROJECT_ID": "proj_lamps"}
    assert shell("account", environment=chosen).lines[0] == "Team Sandbox, project Lamps, plan cu-pro"


def test_a_teams_key_without_a_project_is_told_which_there_are(shell: Shell) -> None:
    shell.service.team.other_projects = {"proj_lamps": "Lamps"}
    answer = shell("generate", shell.picture(), *FAST, "--output", shell.folder / "out")
    assert answer.code == 3
    assert LACKS in answer.err
    assert not shell.service.charges
    shell.environment["SCENARIO_PROJECT_ID"] = "proj_lamps"
    assert shell.generate(shell.picture()).code == 0


def test_where_only_ordering_needs_the_project_that_is_said_once(shell: Shell) -> None:
    shell.service.team.other_projects = {"proj_lamps": "Lamps"}
    shell.service.team.wants_project_of = r"/generate/"
    pictures = [shell.picture("a.png"), shell.picture("b.png")]
    answer = shell("generate", *pictures, *FAST, "--output", shell.folder / "out")
    assert (answer.code, answer.err.count(LACKS)) == (1, 1)


def test_a_projects_key_that_is_refused_is_told_no_more_than_that(shell: Shell) -> None:
    shell.service.fail("GET", "/models", Fault.STATUS, status=403, times=None)
    answer = shell("models")
    assert answer.code == 1
    assert "SCENARIO_PROJECT_ID" not in answer.err


@pytest.mark.parametrize("names", [KEYS, KEYS[1:]], ids=["no key", "half a pair"])
def test_without_a_key_there_is_no_account(shell: Shell, names: tuple[str, ...]) -> None:
    answer = shell("account", environment=shell.without(*names))
    assert (answer.code, answer.out, shell.service.requests) == (3, "", [])


def test_a_refused_key_has_no_account(shell: Shell) -> None:
    answer = shell("account", environment=shell.environment | {KEYS[1]: "wrong"})
    assert (answer.code, answer.out) == (3, "")
    assert "key" in answer.err


def test_a_service_in_trouble_is_no_account_either(shell: Shell) -> None:
    shell.service.fail("GET", "", Fault.STATUS, status=503, times=None)
    answer = shell("account", "--json")
    assert (answer.code, answer.out) == (1, "")
