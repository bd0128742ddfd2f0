# SPDX-License-Identifier: GPL-3.0-or-later
"""A model of the service, which gives a mesh or a picture: its parameters, its limits, how long it takes.

Two sources make one :class:`Model`: the service's record, and what is known of the model that no record says
(picture limits, settings that exclude each other), which ships in ``models.json`` beside this file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, cast

from ..api.wire import ModelRecord, PerformanceStats, Variant
from ..errors import ParamError
from ..meshes.limits import MeshLimits, limits_in
from ..text import clean
from ..values import VIEWS, ModelId
from .conditions import Rule
from .schema import Kind, Parameter, parameter_from
from .words.labels import apart
from .words.picture_works import gives_pictures
from .words.presets import Preset, presets_from
from .words.refinements import Refinement, refinement_of

__all__ = ["Model", "PictureLimits", "model_from"]

_PLANS: Final = {25: "Starter", 50: "Pro", 75: "Max", 100: "Enterprise"}
"""The lowest plan that may run a model, by ``accessRestrictions``."""
_LEVELS: Final = {"free": 0, **{plan.lower(): level for level, plan in _PLANS.items()}}

_DEPRECATED: Final = "deprecated:"
_FROM_MESHES: Final = "3d23d"
_CAPABILITIES_3D: Final = frozenset({"img23d", "txt23d", _FROM_MESHES})
_NO_MESH: Final = re.compile(r"splat|world|marble|skybox|gaussian|voxel", re.IGNORECASE)
_FROM_PICTURES: Final = "img23d"
_SAMPLE_WORDS: Final = frozenset({"texture", "style", "material", "mask", "pose", "background"})
"""In the name of an input whose picture says how something is to look, not what is to be built."""
_PICTURE_WORDS: Final = frozenset({"image", "images", "picture", "view", "photo"})


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """What a model asks of each picture; ``None`` where it says nothing."""

    min_side_px: int | None = None
    max_side_px: int | None = None
    max_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Model:
    id: ModelId
    name: str
    description: str = ""
    capabilities: frozenset[str] = frozenset()
    parameters: tuple[Parameter, ...] = ()
    """Empty for a model that is only known from a list: ask the catalogue for it by id."""
    rules: tuple[Rule, ...] = ()
    presets: tuple[Preset, ...] = ()
    """Sets of values that the service recommends."""
    picture_limits: PictureLimits = PictureLimits()
    expected_s: float | None = None
    """The usual time from submission to result, in seconds."""
    expected_p75_s: float | None = None
    """What three of four jobs take at most, in seconds."""
    expected_cu: Decimal | None = None
    """What half of the jobs cost at most."""
    provider: str = ""
    plan: str | None = None
    """The lowest that may run it; ``None`` for any."""
    thumbnail_url: str | None = None
    successor: str | None = None
    """The model that the service recommends instead of this one."""
    is_builtin: bool = False
    status: str | None = None

    @property
    def is_3d(self) -> bool:
        return bool(self.capabilities & _CAPABILITIES_3D)

    @property
    def makes_pictures(self) -> bool:
        """Whether a picture comes of it: one without its background, with more pixels, another one, one of words."""
        return not self.is_3d and not self.is_builtin and gives_pictures(self.capabilities)

    @property
    def begins_with_mesh(self) -> bool:
        """Whether it changes a mesh that it has to be given, so that pictures or words alone do not do."""
        if self.mesh is not None and self.mesh.need.always:
            return True
        return self.capabilities & _CAPABILITIES_3D == frozenset({_FROM_MESHES})

    @property
    def is_offered(self) -> bool:
        """Whether it belongs in a list of 3D models to choose from: the built-in ones always do."""
        return (self.is_3d and self.is_current) or self.is_builtin

    @property
    def is_current(self) -> bool:
        """Whether it is ready, and the service recommends no other one instead."""
        return self.successor is None and self.status in (None, "", "trained")

    @property
    def caution(self) -> str | None:
        """A word of warning; nothing in a record says for sure what a model will deliver."""
        if _NO_MESH.search(f"{self.id} {self.name}"):
            return "may deliver something other than a mesh"
        return f"the service recommends {clean(self.successor, longest=200)} instead" if self.successor else None

    def is_above(self, plan: str | None) -> bool:
        """Whether an account's plan is too low for it; where that is not known, it may do.

        :param plan: as the service spells it: ``cu-pro-q3-25``.
        """
        level = next((_LEVELS[word] for word in (plan or "").lower().split("-") if word in _LEVELS), None)
        return level is not None and self.plan is not None and level < _LEVELS[self.plan.lower()]

    def parameter(self, name: str) -> Parameter | None:
        return next((p for p in self.parameters if p.name == name), None)

    @cached_property
    def mesh(self) -> Parameter | None:
        """The input for the mesh that it changes: the required one, else the first declared, whatever its name."""
        inputs = [p for p in self.parameters if p.kind.is_file and p.media == "3d"]
        return next((p for p in inputs if p.need.always), inputs[0] if inputs else None)

    @property
    def refinement(self) -> Refinement:
        """What it does to that mesh."""
        return refinement_of(self.id, self.name, self.description)

    @property
    def mesh_limits(self) -> MeshLimits:
        """What it asks of that mesh, as far as its record says."""
        mesh = self.mesh
        told = (mesh.description, mesh.label, mesh.placeholder) if mesh is not None else ()
        return limits_in(told, self.description, max_bytes=mesh.max_size_bytes if mesh is not None else None)

    @cached_property
    def prompt(self) -> Parameter | None:
        """The input that says in words what to build."""
        texts = [p for p in self.parameters if p.kind is Kind.STRING]
        return next((p for p in texts if p.name == "prompt"), None) or next((p for p in texts if p.is_prompt), None)

    @cached_property
    def source(self) -> Parameter | None:
        """The input for the picture itself: the required one, else the first declared, never a mask."""
        inputs = [p for p in self.parameters if p.takes_pictures and not p.mask_from]
        return next((p for p in inputs if p.need.always), inputs[0] if inputs else None)

    @cached_property
    def views(self) -> Mapping[str, Parameter]:
        """The inputs named after a side of the subject, by the side; empty where there are none."""
        found = {
            view: p for p in self.parameters if p.takes_pictures and p.kind is Kind.FILE and (view := _view_of(p.name))
        }
        return {view: found[view] for view in VIEWS if view in found}

    @property
    def subjects(self) -> frozenset[str]:
        """The names of the inputs whose pictures show what is to be built.

        Those are the source and the views of a model that builds from pictures; not a sample of a texture or a style,
        and none of a model that builds from words or changes a mesh.
        """
        if self.capabilities and _FROM_PICTURES not in self.capabilities:
            return frozenset()
        shown = [*([self.source] if self.source else []), *self.views.values()]
        return frozenset(p.name for p in shown if p.need.always or not _SAMPLE_WORDS & set(_words_of(p.name)))

    @property
    def max_pictures(self) -> int | None:
        """How many pictures it takes at most; ``None`` for no stated limit."""
        if self.source is None:
            return 0
        most = self.source.max_length if self.source.kind is Kind.FILE_ARRAY else 1
        named = [parameter for parameter in self.views.values() if parameter != self.source]
        return None if most is None else most + len(named)

    def without_effect(self, name: str, effective: Mapping[str, Any]) -> str | None:
        """Why a parameter does nothing with these settings; ``None`` when it does something.

        :param effective: every parameter's value or default; ``pictures`` is how many are given.
        """
        rules = [r for r in self.rules if r.parameter == name and r.values is None]
        return next((rule.why for rule in rules if not rule.holds(effective)), None)

    def defaults(self) -> dict[str, Any]:
        return {p.name: p.default for p in self.parameters if p.default is not None}

    def check_rules(self, values: Mapping[str, Any], effective: Mapping[str, Any]) -> list[str]:
        """Look for settings that exclude each other.

        :param values: what the user set; defaults are never complained about.
        :return: sentences about settings that have no effect.
        :raises ParamError: for settings that must not go together.
        """
        notes: list[str] = []
        for rule in self.rules:
            parameter, value = self.parameter(rule.parameter), values.get(rule.parameter)
            if parameter is None or rule.parameter not in values or rule.holds(effective):
                continue
            if value == parameter.default if rule.values is None else value not in rule.values:
                continue
            if rule.refuse:
                raise ParamError(f"{rule.parameter}: {rule.why}.", name=rule.parameter)
            notes.append(f"{rule.parameter} has no effect here: {rule.why}.")
        return notes


def _view_of(name: str) -> str | None:
    """``leftFrontImage`` -> ``left-front``; ``None`` for a name that is no side of anything."""
    wanted = {word for word in _words_of(name) if word not in _PICTURE_WORDS}
    return next((view for view in VIEWS if set(view.split("-")) == wanted), None)


def _words_of(name: str) -> list[str]:
    return [word.lower() for word in re.split(r"(?<=[a-z0-9])(?=[A-Z])|[_\-\s]+", name)]


def model_from(
    record: ModelRecord, *, knowledge: Mapping[str, Any], is_builtin: bool, known: ModelRecord | None = None
) -> Model:
    """Read a record of the service.

    :param knowledge: what ``models.json`` adds to it: ``pictures`` and ``rules``.
    :param known: its record of the model, which explains what the service's does not.
    """
    stats = record.performance_stats
    variant = _variant(stats)
    expected_s, expected_p75_s = _times_s(variant)
    successor = next((t.removeprefix(_DEPRECATED) for t in record.tags if t.startswith(_DEPRECATED)), None)
    return Model(
        id=ModelId(record.id),
        name=record.name or clean(record.id, longest=200),
        description=record.short_description or "",
        capabilities=frozenset(record.capabilities),
        parameters=_parameters(record, known or record),
        rules=_rules(knowledge.get("rules", ()), known={entry.name for entry in record.inputs}),
        presets=presets_from(record.ui_config.presets),
        picture_limits=PictureLimits(**knowledge.get("pictures", {})),
        expected_s=expected_s,
        expected_p75_s=expected_p75_s,
        expected_cu=variant.cost_per_asset_p50_cu if variant else None,
        provider=(record.compliance_metadata and record.compliance_metadata.model_provider) or "",
        plan=_PLANS.get(record.access_restrictions or 0),
        thumbnail_url=record.thumbnail.url if record.thumbnail else None,
        successor=successor,
        is_builtin=is_builtin,
        status=record.status,
    )


def _parameters(record: ModelRecord, known: ModelRecord) -> tuple[Parameter, ...]:
    """Every input of a record, no two called the same; grouped as in the known one where nothing is."""
    told = {entry.name: entry for entry in known.inputs}
    properties = record.ui_config.input_properties
    found = [
        parameter_from(
            entry,
            labels=record.ui_config.selects.get(entry.name),
            known=told.get(entry.name),
            known_labels=known.ui_config.selects.get(entry.name),
            collapsed=properties.get(entry.name, {}).get("collapsed") is True,
        )
        for entry in record.inputs
    ]
    labels = apart([p.label for p in found], [p.name for p in found])
    is_grouped = any(p.group for p in found)
    groups = [p.group if is_grouped or p.name not in told else told[p.name].group for p in found]
    return tuple(replace(p, label=label, group=group) for p, label, group in zip(found, labels, groups, strict=True))


def _variant(stats: PerformanceStats | None) -> Variant | None:
    """The figures that say most about what is asked for here: of the default settings where there are several."""
    if stats is None or not stats.variants:
        return None
    made = [[v for v in stats.variants if v.capability == name] for name in (_FROM_PICTURES, _FROM_MESHES)]
    fitting = made[0] or made[1] or stats.variants
    return next((v for v in fitting if v.variant_key == stats.default), fitting[0])


def _times_s(variant: Variant | None) -> tuple[float | None, float | None]:
    """What half of the jobs take at most, and three of four, in seconds: with the time in the queue, or without."""
    if variant is None:
        return None, None
    if variant.total_latency_p50_sec:
        return variant.total_latency_p50_sec, variant.total_latency_p75_sec
    if variant.inference_latency_p50_sec:
        return variant.inference_latency_p50_sec, variant.inference_latency_p75_sec
    return None, None


def _rules(entries: Iterable[Mapping[str, Any]], *, known: Set[str]) -> tuple[Rule, ...]:
    """The rules that fit today's record: one about a parameter that is gone would refuse what the service takes."""
    rules = [_rule(entry) for entry in entries]
    return tuple(r for r in rules if {r.parameter, *(n for a in r.applies for n in a)} <= {*known, "pictures"})


def _rule(data: Mapping[str, Any]) -> Rule:
    return Rule(
        parameter=data["parameter"],
        applies=tuple(
            {name: tuple(values) for name, values in alternative.items()}
            for alternative in cast(list[dict[str, list[Any]]], data["applies"])
        ),
        why=data["why"],
        refuse=data.get("refuse", False),
        values=tuple(data["values"]) if "values" in data else None,
    )
