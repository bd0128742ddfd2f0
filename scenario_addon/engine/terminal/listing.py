# SPDX-License-Identifier: GPL-3.0-or-later
"""Models, jobs, checks and the account as tables for people and as data for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

from ..account.account import Account
from ..account.projects import named
from ..account.spending import Spending
from ..account.words import left_words, owner_words, spent_words
from ..elsewhere.origin import origin_of
from ..ledger.job import Job
from ..models.model import Model
from ..models.schema import Parameter, shown
from ..text import cells, clean, duration, sentences, shortened

__all__ = [
    "account_data",
    "account_text",
    "job_data",
    "jobs_text",
    "model_data",
    "model_text",
    "models_lines",
    "table",
]

_BESIDE: Final = "\0"
"""Stands for the second half of a letter."""


def models_lines(models: Sequence[Model]) -> Iterator[str]:
    """The lines of a table, one by one: all of them together take much memory."""
    rows = [(_id(m.id), m.name, ", ".join(_takes(m)), m.plan or "", m.caution or m.description) for m in models]
    return _lines(("ID", "NAME", "TAKES", "PLAN", "ABOUT"), rows)


def _takes(model: Model) -> list[str]:
    """What it begins with."""
    if model.makes_pictures:
        starts = {capability.partition("2")[0] for capability in model.capabilities}
        return [*(["pictures"] if starts - {"txt"} else []), *(["words"] if "txt" in starts else [])]
    words = {"img23d": "pictures", "txt23d": "words", "3d23d": "mesh"}
    return [word for capability, word in words.items() if capability in model.capabilities]


def model_text(model: Model) -> str:
    head = [f"{model.name} ({_id(model.id)})", model.description]
    if model.makes_pictures:
        head.append("Gives a picture.")
    if model.caution:
        head.append(f"Note: {model.caution}.")
    if model.expected_s:
        head.append(f"Usually takes {duration(model.expected_s)}.")
    if model.views:
        head.append(f"Views: {', '.join(model.views)}")
    if model.mesh is not None:
        head.append(_mesh(model))
    rows = [(_id(p.name), _type(model, p), _default(p), _limits(p), _about(model, p)) for p in model.parameters]
    return (
        "\n".join(line for line in head if line)
        + "\n\n"
        + table(("PARAMETER", "TYPE", "DEFAULT", "ALLOWED", "ABOUT"), rows)
    )


def _mesh(model: Model) -> str:
    limits = model.mesh_limits
    told = [" or ".join(sorted(name.upper() for name in limits.formats))]
    told += [f"at most {limits.max_faces:,} faces"] if limits.max_faces is not None else []
    told += [f"at most {limits.max_bytes / 1e6:,.1f} MB"] if limits.max_bytes is not None else []
    return f"Mesh: {', '.join(told)}"


def model_data(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "description": model.description,
        "capabilities": sorted(model.capabilities),
        "plan": model.plan,
        "expected_s": model.expected_s,
        "caution": model.caution,
        "takes": _takes(model),
        "gives": "picture" if model.makes_pictures else "mesh",
        "views": list(model.views),
        "picture_limits": asdict(model.picture_limits),
        "mesh_limits": _mesh_data(model),
        "parameters": [_parameter_data(model, p) for p in model.parameters],
    }


def _mesh_data(model: Model) -> dict[str, Any] | None:
    return None if model.mesh is None else {**asdict(model.mesh_limits), "formats": sorted(model.mesh_limits.formats)}


def jobs_text(jobs: Sequence[Job], *, now: float, owners: Sequence[str]) -> str:
    """:param owners: whose each is in words, where it was not ordered here with this key."""
    rows: list[tuple[str, ...]] = []
    for job, owner in zip(jobs, owners, strict=True):
        cost = f"{job.billed_cu} CU" if job.billed_cu is not None and not job.origin else ""
        age = f"{duration(max(1.0, now - job.created_at))} ago"
        why = shortened(sentences(job.error, job.hint))
        result = str(job.file.path) if job.file else f"Waits for you: {why}" if job.is_held and why else why
        words = f"{job.words}, {owner}" if owner else job.words
        rows.append((job.id[:8], age, job.order.name, cost, words, result))
    return table(("JOB", "ASKED FOR", "NAME", "COST", "STATE", "RESULT"), rows, wrap=False)


def job_data(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "remote_id": job.remote_id,
        "name": job.order.name,
        "model": job.order.model_id,
        "made_elsewhere": bool(job.origin),
        "project": origin.project_id if (origin := origin_of(job)) else None,
        "state": str(job.state),
        "words": job.words,
        "settled": job.is_settled,
        "created_at": job.created_at,
        "progress": job.progress,
        "cost_cu": float(job.billed_cu) if job.billed_cu is not None else None,
        "glb": str(job.file.path) if job.file else None,
        "more": [str(path) for path in job.file.more] if job.file else [],
        "error": job.error,
        "hint": job.hint,
    }


def account_data(account: Account, spending: Spending) -> dict[str, Any]:
    left_cu = account.credits_left_cu
    return {
        "team": account.team,
        "project": account.project,
        "plan": account.plan,
        "credits_left_cu": float(left_cu) if left_cu is not None else None,
        "period_end": account.period_end,
        "parallel_jobs": account.parallel_jobs,
        "projects": [{"id": project.id, "name": project.name} for project in account.projects],
        "spent_today_cu": float(spending.today_cu),
        "spent_this_month_cu": float(spending.this_month_cu),
    }


def account_text(account: Account, spending: Spending, *, now: float) -> str:
    most = account.parallel_jobs
    lines = [
        owner_words(account) or "Whose the key is: not told to it",
        left_words(account, now=now, with_year=True) or "What is left: not told to this key",
        *([f"{most} {'job' if most == 1 else 'jobs'} at once"] if most is not None else []),
        spent_words("today", spending.today),
        spent_words("this month", spending.this_month),
    ]
    if account.project is None and len(account.projects) > 1:
        lines.append("Projects to choose from with SCENARIO_PROJECT_ID: " + named(account.projects))
    return "\n".join(lines)


def _id(text: str) -> str:
    """A name that programs use, for people to look at."""
    return clean(text, longest=100)


def _is_supported(model: Model, parameter: Parameter) -> bool:
    return parameter.is_supported or parameter == model.mesh


def _type(model: Model, parameter: Parameter) -> str:
    whole = " (whole)" if parameter.is_whole and parameter.kind.value.startswith("number") else ""
    return (
        f"{parameter.wire_type}{whole}" if _is_supported(model, parameter) else f"{parameter.wire_type} (not supported)"
    )


def _default(parameter: Parameter) -> str:
    if parameter.default is not None:
        return shown(parameter.default)
    return "required" if parameter.need.always else ""


def _limits(parameter: Parameter) -> str:
    if parameter.choices:
        return ", ".join(shown(choice.value) for choice in parameter.choices)
    low, high = parameter.minimum, parameter.maximum
    if low is not None or high is not None:
        return f"{_number(low)} to {_number(high)}"
    return f"up to {parameter.max_length}" if parameter.max_length is not None else ""


def _number(value: float | None) -> str:
    return "..." if value is None else f"{value:g}" if abs(value) < 1e5 else f"{value:.0f}"


def _about(model: Model, parameter: Parameter) -> str:
    rules = [f"{rule.why}." for rule in model.rules if rule.parameter == parameter.name and rule.refuse]
    return " ".join([parameter.description, *(r[0].upper() + r[1:] for r in rules)]).strip()


def _parameter_data(model: Model, parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.wire_type,
        "supported": _is_supported(model, parameter),
        "label": parameter.label,
        "description": parameter.description,
        "default": parameter.default,
        "required": parameter.need.always,
        "min": parameter.minimum,
        "max": parameter.maximum,
        "whole": parameter.is_whole,
        "allowed": [choice.value for choice in parameter.choices] or None,
        "max_length": parameter.max_length,
        "group": parameter.group,
        "cost_impact": parameter.cost_impact,
    }


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, wrap: bool = True) -> str:
    """Lay rows out in columns."""
    return "\n".join(_lines(head, rows, wrap=wrap))


def _lines(head: Sequence[str], rows: Sequence[Sequence[str]], *, wrap: bool = True) -> Iterator[str]:
    """Columns as wide as they need to be, the last one wrapped: not where it holds paths."""
    last = len(head) - 1
    widths = [max(cells(row[i]) for row in (head, *rows)) for i in range(last)]
    indent = sum(widths) + 2 * last
    for row in (head, *rows):
        columns = [row[i] + " " * (widths[i] - cells(row[i])) for i in range(last)]
        text = (_wrapped(row[last], max(40, 130 - indent)) if wrap else [row[last]]) or [""]
        yield "  ".join([*columns, text[0]]).rstrip()
        yield from (" " * indent + more for more in text[1:])


def _wrapped(text: str, most: int) -> list[str]:
    """Lines of at most so many columns of a terminal: each letter that takes two is counted as two."""
    wide = "".join(char + _BESIDE * (cells(char) - 1) for char in text)
    return [line.replace(_BESIDE, "") for line in textwrap.wrap(wide, most)]
