# SPDX-License-Identifier: GPL-3.0-or-later
"""The team that the key belongs to: what it is called, may do, has and has used."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from .store import OWNER_ID
from .values import Json, Reply, Request, refuse

__all__ = ["PARALLEL_JOBS", "Team", "TeamCalls"]

_TEAM_ID: Final = "team_Rw5Bn2Yd8Kq1Vf6Gj4Zp7Ecm"
_OTHER_ID: Final = "team_Kx3Lm9Tq6Wd2Hs8Ny5Ub1Ajv"
_SINCE: Final = "2026-01-12T08:30:00.000Z"
PARALLEL_JOBS: Final = 8
"""What the team is told, unless another limit is set."""
_LIMITS: Final = {
    "apiKeys": 10,
    "canvasAssetLayers": 50,
    "canvasAssets": 100,
    "collections": 200,
    "defaultSeats": 3,
    "downloadAssets": 1000,
    "downloadModel": 10,
    "inferenceBatchSize": 8,
    "maxCooldown": 900,
    "maxTrainingDatasets": 10,
    "minCooldown": 60,
    "models": 100,
    "OTPSessions": 0,
    "parallelInferences": 8,
    "parallelTraining": 2,
    "parallelWorkflowRuns": 4,
    "premiumGenerationSamples": 0,
    "projects": 5,
    "scalingFactor": 1,
    "seats": 5,
    "snapshotsRetention": 30,
    "upload": 10000,
}
_COUNTED: Final = ("apiKeys", "canvasAssets", "collections", "projects", "seats")


def _month_end() -> str:
    now = datetime.now(UTC)
    return datetime(now.year + now.month // 12, now.month % 12 + 1, 1).isoformat(timespec="milliseconds") + "Z"


@dataclass
class Team:
    """Tests change it as they like; :meth:`.service.Service.fail` makes its calls go wrong."""

    name: str = "Sandbox"
    project: str = "Sandbox Project"
    plan: str = "cu-pro"
    granted_cu: Decimal = Decimal(15000)
    """What the plan gives in a billing period."""
    used_before_cu: Decimal = Decimal(1)
    """What others have used of it; what runs here cost is added."""
    period_end: str = field(default_factory=_month_end)
    bought: Sequence[tuple[Decimal, str]] = ()
    """What is left of each purchase beside the plan, and when it expires."""
    other_projects: Mapping[str, str] = field(default_factory=dict[str, str])
    """Further projects of the team by their ids; with one, the key is the team's, and no call without a project is
    answered but those for the team itself. That it is a 403 is a guess."""
    wants_project_of: str = ""
    """The paths of the calls that have to say for which, as a pattern."""
    has_other_team: bool = False
    """Whether another team is listed before this one."""
    writes_text: bool = False
    """Whether numbers come as texts."""

    @property
    def projects(self) -> Mapping[str, str]:
        """The names of all of them by their ids."""
        return {OWNER_ID: self.project, **self.other_projects}

    def check_project(self, request: Request) -> None:
        """Refuse what does not say for which project it is, where that is not the key's alone."""
        is_for_team = request.path.startswith("/v1/teams")
        if not self.other_projects or is_for_team or not re.search(self.wants_project_of, request.path):
            return
        if (project_id := request.query.get("projectId")) is None:
            refuse(403, "projectId is required for a team key")
        if project_id not in self.projects:
            refuse(403, f"Project {project_id} not found")


@dataclass(frozen=True, slots=True)
class TeamCalls:
    """The endpoints under ``/teams``.

    :param parallel_jobs: how many jobs the team may have at once; ``None``: it is told a number nobody holds it to.
    :param used_cu: says what the runs here cost.
    """

    team: Team
    parallel_jobs: int | None
    used_cu: Callable[[], Decimal]

    def list_teams(self, request: Request) -> Reply:
        """``GET /teams``: the team and project the key belongs to."""
        others = [_listed(_OTHER_ID, "Elsewhere", "free", [])] if self.team.has_other_team else []
        projects = [
            {"id": project_id, "name": name, "createdAt": _SINCE, "updatedAt": _SINCE}
            for project_id, name in self.team.projects.items()
        ]
        return Reply.of({"teams": [*others, _listed(_TEAM_ID, self.team.name, self.team.plan, projects)]})

    def limits(self, request: Request, team_id: str) -> Reply:
        """``GET /teams/{id}/limits``."""
        if team_id not in (_TEAM_ID, *([_OTHER_ID] if self.team.has_other_team else [])):
            refuse(404, f"Team {team_id} not found")
        granted_cu = self.team.granted_cu if team_id == _TEAM_ID else Decimal(7)
        used_cu = self.team.used_before_cu + self.used_cu() if team_id == _TEAM_ID else Decimal(0)
        limits = _LIMITS | {"creativeUnits": granted_cu, "parallelCustomJobs": self.parallel_jobs or PARALLEL_JOBS}
        bought = [
            {"amount": cu, "remaining": cu, "expiration": end, "createdAt": _SINCE, "updatedAt": _SINCE}
            for cu, end in self.team.bought
        ]
        answer = {
            "limits": limits,
            "values": dict.fromkeys(_COUNTED, 1) | {"creativeUnits": used_cu},
            "oneShotCreativeUnits": bought,
            "period": {"start": _SINCE, "end": self.team.period_end},
            "plan": self.team.plan,
        }
        return Reply.of(_as_text(answer) if self.team.writes_text else answer)


def _listed(team_id: str, name: str, plan: str, projects: Sequence[Json]) -> Json:
    return {
        "id": team_id,
        "name": name,
        "plan": plan,
        "type": "shared",
        "context": {"invitationsCount": 0, "keysCount": 1, "userRole": "key", "usersCount": 1},
        "projects": list(projects),
        "createdAt": _SINCE,
        "updatedAt": _SINCE,
    }


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_text(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_as_text(member) for member in value]
    return str(value)
