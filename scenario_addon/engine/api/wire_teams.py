# SPDX-License-Identifier: GPL-3.0-or-later
"""The service's records of teams, read as leniently as the others: whose a key is, what its team has and may do."""

from __future__ import annotations

from pydantic import Field

from .wire import Wire
from .wire_fields import Amount, Each, Label

__all__ = ["LimitsAnswer", "Team", "TeamsAnswer"]


class Project(Wire):
    id: str
    name: Label | None = None


class Team(Wire):
    id: str
    name: Label | None = None
    plan: Label | None = None
    projects: Each[Project] = Field(default_factory=list[Project])


class TeamsAnswer(Wire):
    teams: Each[Team]


class Limits(Wire):
    parallel_custom_jobs: int | None = None
    creative_units: Amount | None = None
    """What the plan gives in a period."""


class Values(Wire):
    creative_units: Amount | None = None
    """What was used of that."""


class Bought(Wire):
    remaining: Amount | None = None
    expiration: str | None = None


class Period(Wire):
    end: Label | None = None


class LimitsAnswer(Wire):
    plan: Label | None = None
    limits: Limits = Limits()
    values: Values = Values()
    period: Period = Period()
    one_shot_creative_units: Each[Bought] = Field(default_factory=list[Bought])
