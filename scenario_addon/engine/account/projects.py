# SPDX-License-Identifier: GPL-3.0-or-later
"""The projects that a key can be used for: one where the key is a project's, all of them where it is a team's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..api.client import ScenarioClient
from ..api.wire_teams import Team
from ..errors import CredentialsMissing, ScenarioError

__all__ = ["Project", "missing_project", "named", "projects_of", "without_project"]


@dataclass(frozen=True, slots=True)
class Project:
    id: str
    name: str
    """With its team's where there are several; its id where it has none."""


def projects_of(teams: Sequence[Team]) -> tuple[Project, ...]:
    """List the projects of teams, each once, by their names."""
    owners = [team for team in teams if team.projects]
    found = {
        project.id: Project(project.id, f"{project.name or project.id}{_of(team) if len(owners) > 1 else ''}")
        for team in owners
        for project in team.projects
    }
    return tuple(sorted(found.values(), key=lambda project: (project.name.casefold(), project.id)))


def _of(team: Team) -> str:
    return f" ({team.name or team.id})"


def missing_project(client: ScenarioClient) -> CredentialsMissing | None:
    """Say which projects there are to choose from, for a key that is used without one. Blocks for a request.

    :return: ``None`` where there is nothing to choose, or the service does not say.
    """
    try:
        projects = projects_of(client.teams())
    except ScenarioError:
        return None
    if len(projects) < 2:
        return None
    return CredentialsMissing(without_project(projects))


def without_project(projects: Sequence[Project]) -> str:
    """What to do where the environment names none of them, as a sentence."""
    return f"This API key is a team's: set SCENARIO_PROJECT_ID to the project it is for: {named(projects)}."


def named(projects: Sequence[Project]) -> str:
    """``proj_1 (Chairs), proj_2 (Lamps)``."""
    return ", ".join(f"{project.id} ({project.name})" for project in projects)
