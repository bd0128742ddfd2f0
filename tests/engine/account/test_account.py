# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service tells of the account behind a key, however it tells it."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from typing import Any, Final

import pytest

from scenario_addon.engine.account.account import Account, read_account
from scenario_addon.engine.account.projects import Project
from scenario_addon.engine.api.client import ScenarioClient
from scenario_addon.engine.errors import NetworkError, ServerError
from tests.engine.canned import CannedHost, canned
from tests.engine.conftest import MakeHttp
from tests.engine.workbench import Workbench
from tests.service import Fault

NOW: Final = 1_795_000_000.0
TEAM: Final = {"id": "t", "name": "Atelier", "plan": "free", "projects": [{"id": "p", "name": "Chairs"}]}
FULL: Final = {
    "plan": "cu-pro-q3-25",
    "limits": {"creativeUnits": 1500, "parallelCustomJobs": 8},
    "values": {"creativeUnits": 260},
    "period": {"start": "2026-11-15T00:00:00.000Z", "end": "2026-12-15T00:00:00.000Z"},
    "oneShotCreativeUnits": [],
}
TOLD: Final = Account(
    team="Atelier",
    project="Chairs",
    plan="cu-pro-q3-25",
    credits_left_cu=Decimal(1240),
    period_end="2026-12-15T00:00:00.000Z",
    parallel_jobs=8,
    projects=(Project("p", "Chairs"),),
)


def read(http_to: MakeHttp, limits: Any, *, teams: Any = (TEAM,), project: str | None = None) -> Account:
    """What is read of these answers."""
    answers = [canned(body=json.dumps(body).encode()) for body in ({"teams": teams}, limits)]
    with CannedHost(*answers) as host:
        return read_account(ScenarioClient(http_to(host.origin)), project, now=NOW)


def bought(remaining: Any, expiration: Any = "2027-06-01T00:00:00.000Z") -> dict[str, Any]:
    return {"amount": 500, "remaining": remaining, "expiration": expiration}


def test_all_of_it_is_read(http_to: MakeHttp) -> None:
    assert read(http_to, FULL) == TOLD


def test_numbers_may_come_as_texts(http_to: MakeHttp) -> None:
    limits = {"creativeUnits": "1500", "parallelCustomJobs": "8"}
    assert read(http_to, FULL | {"limits": limits, "values": {"creativeUnits": "260.0"}}) == TOLD


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({"values": {"creativeUnits": 1500}}, "0"),
        ({"values": {"creativeUnits": 1600}}, "0"),
        ({"values": {"creativeUnits": 259.75}}, "1240.25"),
        ({"values": {}}, None),
        ({"values": {"creativeUnits": -3}}, None),
        ({"values": None}, None),
        ({"limits": {"parallelCustomJobs": 8}}, None),
        ({"limits": {"creativeUnits": "many"}}, None),
        ({"limits": []}, None),
        ({"oneShotCreativeUnits": [bought(60), bought("0.5")]}, "1300.5"),
        ({"oneShotCreativeUnits": [bought(60), bought(40, "2026-11-01T00:00:00.000Z")]}, "1300"),
        ({"oneShotCreativeUnits": [bought(60, None), bought(40, "some day")]}, "1340"),
        ({"oneShotCreativeUnits": [bought(60), bought(-5), bought(None), 7, {}]}, "1300"),
        ({"oneShotCreativeUnits": {"remaining": 60}}, "1240"),
        ({"values": {"creativeUnits": 9999}, "oneShotCreativeUnits": [bought(60)]}, "60"),
    ],
)
def test_what_is_left_is_what_is_not_used_with_what_was_bought(
    http_to: MakeHttp, changes: dict[str, Any], left: str | None
) -> None:
    assert read(http_to, FULL | changes).credits_left_cu == (None if left is None else Decimal(left))


@pytest.mark.parametrize("period", [None, {}, [], {"end": ""}, {"end": "soon"}, {"end": 17}, {"end": "9999-12-31"}])
def test_an_end_that_is_no_moment_is_not_told(http_to: MakeHttp, period: Any) -> None:
    found = read(http_to, FULL | {"period": period})
    assert (found.period_end, found.ends_at, found.credits_left_cu) == (None, None, Decimal(1240))


@pytest.mark.parametrize("limits", [{}, [], 7, "nothing", {"limits": 7, "values": 7, "period": 7, "plan": 7}])
def test_of_limits_that_make_no_sense_nothing_is_told(http_to: MakeHttp, limits: Any) -> None:
    assert read(http_to, limits) == Account(team="Atelier", project="Chairs", plan="free", projects=TOLD.projects)


@pytest.mark.parametrize("teams", [[], 7, None, {}, [7], [{"name": "without an id"}]])
def test_of_teams_that_make_no_sense_nothing_is_told(http_to: MakeHttp, teams: Any) -> None:
    assert read(http_to, FULL, teams=teams) == Account()


def test_a_team_without_names_is_read_all_the_same(http_to: MakeHttp) -> None:
    found = read(http_to, FULL, teams=[{"id": "t", "name": "", "projects": [{"id": "p"}]}])
    assert (found.team, found.project, found.credits_left_cu) == (None, None, Decimal(1240))


@pytest.mark.parametrize(
    ("project", "team", "named"),
    [("p", "Atelier", "Chairs"), ("q", "Other", "Lamps"), ("x", None, None), (None, None, None)],
)
def test_of_several_teams_the_projects_own_is_told_and_never_anothers(
    http_to: MakeHttp, project: str | None, team: str | None, named: str | None
) -> None:
    other = {"id": "o", "name": "Other", "projects": [{"id": "q", "name": "Lamps"}, {"id": "r", "name": "Boats"}]}
    found = read(http_to, FULL, teams=[other, TEAM], project=project)
    assert (found.team, found.project) == (team, named)
    assert (found.credits_left_cu is None) == (team is None)


def test_of_several_teams_the_one_with_the_keys_project_is_told(http_to: MakeHttp) -> None:
    assert read(http_to, FULL, teams=[{"id": "o", "name": "Other", "projects": []}, TEAM]) == TOLD


def test_a_team_key_without_a_project_is_for_none_of_several(http_to: MakeHttp) -> None:
    team = TEAM | {"projects": [*TEAM["projects"], {"id": "q", "name": "Lamps"}]}
    assert read(http_to, FULL, teams=[team]).project is None
    assert read(http_to, FULL, teams=[team], project="q").project == "Lamps"


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 422])
@pytest.mark.parametrize(("path", "team"), [("/teams$", None), ("/limits$", "Sandbox")])
def test_what_the_key_may_not_read_is_not_told(bench: Workbench, path: str, team: str | None, status: int) -> None:
    bench.service.fail("GET", path, Fault.STATUS, status=status, times=None)
    found = read_account(bench.client, None, now=time.time())
    assert (found.team, found.credits_left_cu, found.parallel_jobs) == (team, None, None)


@pytest.mark.parametrize("fault", [Fault.GARBAGE, Fault.MISSING, Fault.WRONG_TYPES])
@pytest.mark.parametrize("path", ["/teams$", "/limits$"])
def test_nonsense_is_not_told(bench: Workbench, path: str, fault: Fault) -> None:
    bench.service.fail("GET", path, fault, times=None)
    assert read_account(bench.client, None, now=time.time()).credits_left_cu is None


@pytest.mark.parametrize("path", ["/teams$", "/limits$"])
def test_a_service_in_trouble_is_no_answer(bench: Workbench, path: str) -> None:
    bench.service.fail("GET", path, Fault.STATUS, status=503, times=None)
    with pytest.raises(ServerError):
        read_account(bench.client, None, now=time.time())
    bench.service.forget_faults()
    bench.service.fail("GET", path, Fault.RESET, times=None)
    with pytest.raises(NetworkError):
        read_account(bench.client, None, now=time.time())
