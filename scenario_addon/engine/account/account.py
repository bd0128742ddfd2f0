# SPDX-License-Identifier: GPL-3.0-or-later
"""The account behind a key: whose it is, and what is left of what was bought."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from ..api.client import ScenarioClient
from ..api.wire_teams import LimitsAnswer, Team
from ..errors import ApiError, ProtocolError, RateLimited, ServerError
from .days import moment_of
from .projects import Project, projects_of

__all__ = ["Account", "read_account"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """As far as the key may read it: what is not told is ``None``."""

    team: str | None = None
    project: str | None = None
    plan: str | None = None
    """As the service spells it: ``cu-pro-q3-25``."""
    credits_left_cu: Decimal | None = None
    """Of the plan in this period, with what was bought beside it and holds still."""
    period_end: str | None = None
    """ISO 8601, as the service writes it."""
    parallel_jobs: int | None = None
    projects: tuple[Project, ...] = ()
    """All that the key can be used for; the key of a team needs one of them to be chosen."""

    @property
    def ends_at(self) -> float | None:
        """When the billing period ends, in seconds since the epoch."""
        return moment_of(self.period_end)


def read_account(client: ScenarioClient, project_id: str | None, *, now: float) -> Account:
    """Ask whose the key is and what is left. What it may not read, or what makes no sense, is not told.

    :param project_id: of several teams, the one that this project belongs to is meant.
    :param now: seconds since the epoch.
    :raises NetworkError, ServerError, RateLimited: the service cannot be asked now.
    """
    teams = _told(client.teams, ())
    team, projects = _team_of(teams, project_id), projects_of(teams)
    if team is None:
        return Account(projects=projects)
    told = _told(lambda: client.limits(team.id), LimitsAnswer())
    return replace(_account(team, told, project_id, now=now), projects=projects)


def _told(ask: Callable[[], T], otherwise: T) -> T:
    try:
        return ask()
    except (ServerError, RateLimited):
        raise
    except (ApiError, ProtocolError):
        return otherwise


def _team_of(teams: Sequence[Team], project_id: str | None) -> Team | None:
    """Find the team that a project belongs to, or the only one with any: of several that it may be, none."""
    own = [team for team in teams if any(project_id in (None, project.id) for project in team.projects)]
    found = own or teams
    return found[0] if len(found) == 1 else None


def _account(team: Team, told: LimitsAnswer, project_id: str | None, *, now: float) -> Account:
    own = [project for project in team.projects if project_id in (None, project.id)]
    most = told.limits.parallel_custom_jobs
    return Account(
        team=team.name or None,
        project=own[0].name or None if len(own) == 1 else None,
        plan=told.plan or team.plan or None,
        credits_left_cu=_left_cu(told, now=now),
        period_end=told.period.end if moment_of(told.period.end) is not None else None,
        parallel_jobs=most if most is not None and most > 0 else None,
    )


def _left_cu(told: LimitsAnswer, *, now: float) -> Decimal | None:
    granted_cu, used_cu = told.limits.creative_units, told.values.creative_units
    if granted_cu is None or used_cu is None:
        return None
    bought = [one.remaining for one in told.one_shot_creative_units if not _is_over(one.expiration, now=now)]
    return max(Decimal(0), granted_cu - used_cu) + sum((cu for cu in bought if cu is not None), Decimal(0))


def _is_over(expiration: str | None, *, now: float) -> bool:
    """Whether something is known to have expired."""
    moment = moment_of(expiration)
    return moment is not None and moment <= now
