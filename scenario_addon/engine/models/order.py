# SPDX-License-Identifier: GPL-3.0-or-later
"""From what somebody asks for to an :class:`Order`: every check that needs no network, in one place."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from ..errors import ParamError, UnknownModel
from ..meshes.fitting import fitting, held_that_fits, refuse_unfit
from ..values import PLACEHOLDER, VIEWS, HeldMesh, MeshInput, Order, PictureInput, SourceImage, SourceMesh
from .model import Model, PictureLimits
from .picture import Converter, Look, prepare
from .schema import Kind, Parameter, needed_defaults

__all__ = ["Request", "draft", "make_order", "suggestion", "with_value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for, not checked yet."""

    images: tuple[Path, ...] = ()
    """The picture, or several for a model that takes a list."""
    views: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """Pictures by the side they show, see :data:`VIEWS`."""
    mesh: Path | SourceMesh | Sequence[HeldMesh] | None = None
    """What the model is to change: a file, which may have been looked at, or what the service has of one mesh, the
    best first."""
    prompt: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Other parameters by name; a file parameter takes a path. Unset ones are left out."""
    name: str = "model"
    number: int = 1
    """Which of several of this name it is."""
    folder: Path = Path()
    cut_out: frozenset[Path] = frozenset()
    """Those of the pictures whose background the service removes first, which costs."""


def make_order(
    model: Model, request: Request, *, work_folder: Path, converter: Converter | None = None, look: Look = prepare
) -> tuple[Order, list[str]]:
    """Check everything and say exactly what to ask the service for.

    Reads the files; sends nothing. Main thread where the converter is Blender's.

    :param work_folder: where converted copies of pictures go.
    :param look: looks at each picture; another one than :func:`.picture.prepare` where they are not there yet.
    :return: the order, and sentences the user should see: conversions, settings without effect.
    :raises InputError: with one sentence that says what to change.
    """
    values, paths, notes = _settled(model, request)
    meshes, told = _meshes(model, request, folder=work_folder)
    notes += told
    to_cut_out = _to_cut_out(request, paths)
    pictures = list[PictureInput]()
    for parameter in model.parameters:  # in the model's own order, whatever order they were given in
        images: list[SourceImage] = []
        for path in paths.get(parameter.name, ()):
            image, note = look(
                path,
                limits=_limits(model, parameter),
                folder=work_folder,
                converter=converter,
                is_subject=parameter.name in model.subjects,
            )
            images.append(replace(image, is_to_be_cut_out=path.absolute() in to_cut_out))
            notes += [note] if note else []
        if images:
            is_list = parameter.kind is Kind.FILE_ARRAY
            pictures.append(PictureInput(name=parameter.name, is_list=is_list, images=tuple(images)))
    order = Order(
        model_id=model.id,
        model_name=model.name,
        pictures=tuple(pictures),
        meshes=meshes,
        values=values,
        name=request.name,
        number=request.number,
        folder=request.folder,
        expected_s=model.expected_s,
        expected_p75_s=model.expected_p75_s,
        gives_picture=model.makes_pictures,
    )
    return _marked(order, model), notes


def with_value(order: Order, model: Model, parameter: Parameter, value: Any) -> Order:
    """Give the same order with one parameter changed, on which nothing else in it depends; ``None``: not sent.

    :raises ParamError: the parameter does not take the value.
    """
    values = {name: kept for name, kept in order.values.items() if name != parameter.name}
    if value is not None:
        values[parameter.name] = parameter.check(value)
    return _marked(replace(order, values=values), model)


def _marked(order: Order, model: Model) -> Order:
    """Note which values are what the model takes anyway, and which have no bearing on the price."""
    values, defaults = order.values, model.defaults()
    usual = tuple(name for name, value in values.items() if value == defaults.get(name))
    unpriced = tuple(p.name for p in model.parameters if p.name in values and _is_unpriced(p))
    return replace(order, usual=usual, unpriced=unpriced)


def _is_unpriced(parameter: Parameter) -> bool:
    """Whether the price cannot depend on a parameter: words and seeds, unless the service says otherwise."""
    is_words = parameter.kind is Kind.STRING and not parameter.choices
    return not parameter.cost_impact and (is_words or parameter.name.lower().endswith("seed"))


def draft(model: Model, request: Request) -> dict[str, Any]:
    """Make the body that a request would give, with placeholders for its files, which are not looked at.

    Cheap enough for every redraw; good for a dry run.

    :raises InputError: as :func:`make_order` does, but for the files' content.
    """
    body, paths, _ = _settled(model, request)
    if request.mesh is not None and model.mesh is not None:
        asset_id = PLACEHOLDER if isinstance(request.mesh, Path | SourceMesh) else _held(model, request.mesh).asset_id
        body[model.mesh.name] = [asset_id] if model.mesh.kind is Kind.FILE_ARRAY else asset_id
    for name, entries in paths.items():
        parameter = model.parameter(name)
        is_list = parameter is not None and parameter.kind is Kind.FILE_ARRAY
        body[name] = [PLACEHOLDER] * len(entries) if is_list else PLACEHOLDER
    return body


def _settled(model: Model, request: Request) -> tuple[dict[str, Any], dict[str, list[Path]], list[str]]:
    """The values to send, which picture goes into which input, and notes about settings without effect."""
    if model.capabilities and not (model.is_3d or model.makes_pictures):
        raise UnknownModel(f"{model.name} makes neither meshes nor pictures: `models` lists those that do.")
    values = _checked_values(model, request)
    paths = _assign(model, request)
    for name in [n for n in values if _takes_pictures(model, n)]:
        if entries := _paths(name, values.pop(name)):
            paths.setdefault(name, []).extend(entries)
    _check_counts(model, paths)
    _to_cut_out(request, paths)
    effective: dict[str, Any] = {**model.defaults(), **values, **paths, **_given_mesh(model, request)}
    _check_needs(model, effective)
    effective["pictures"] = sum(len(entries) for entries in paths.values())
    notes = model.check_rules(values, effective)
    return {**needed_defaults(model.parameters, effective), **values}, paths, notes


def _given_mesh(model: Model, request: Request) -> dict[str, Any]:
    """Which input the mesh goes into, if there is one.

    :raises ParamError: the model takes none.
    """
    if request.mesh is None:
        return {}
    if model.mesh is None:
        raise ParamError(
            f"{model.name} takes no mesh: choose a model that changes one, or give a picture.", name="mesh"
        )
    return {model.mesh.name: request.mesh}


def _meshes(model: Model, request: Request, *, folder: Path) -> tuple[tuple[MeshInput, ...], list[str]]:
    """The mesh that goes in, looked at, and what the user should know of it.

    :param folder: where a copy goes that is made of it.
    :raises MeshError: the model does not take it.
    """
    parameter, given = model.mesh, request.mesh
    if given is None or parameter is None:
        return (), []
    note: str | None = None
    if isinstance(given, Path):
        mesh, note = fitting(given, limits=model.mesh_limits, model_name=model.name, folder=folder)
    elif isinstance(given, SourceMesh):
        mesh = given
        refuse_unfit(mesh, limits=model.mesh_limits, model_name=model.name)
    else:
        mesh = _held(model, given)
    entry = MeshInput(parameter.name, is_list=parameter.kind is Kind.FILE_ARRAY, mesh=mesh)
    return (entry,), [note] if note else []


def _held(model: Model, meshes: Sequence[HeldMesh]) -> HeldMesh:
    return held_that_fits(meshes, limits=model.mesh_limits, model_name=model.name)


def _to_cut_out(request: Request, paths: Mapping[str, Sequence[Path]]) -> frozenset[Path]:
    """Which files are to be cut out, as absolute paths.

    :raises ParamError: one of them is none of the pictures.
    """
    if not request.cut_out:
        return frozenset()
    given = {path.absolute() for entries in paths.values() for path in entries}
    wanted = frozenset(path.absolute() for path in request.cut_out)
    if strangers := sorted(wanted - given):
        raise ParamError(f"{strangers[0]} is to be cut out, but is none of the pictures: leave it out.", name="cut_out")
    return wanted


def suggestion(name: str, known: Iterable[str]) -> str:
    """`` (did you mean x?)`` when something known is close, else nothing."""
    options = list(known)
    close = (
        [option for option in options if option.lower() == name.lower()]
        or difflib.get_close_matches(name, options, n=1)
        or [option for option in options if name.lower() in option.lower()]
    )
    return f" (did you mean {close[0]}?)" if close else ""


def _checked_values(model: Model, request: Request) -> dict[str, Any]:
    given = {name: value for name, value in request.values.items() if value is not None}
    if request.prompt:
        if model.prompt is None:
            raise ParamError(f"prompt: {model.name} takes no prompt, leave it out.", name="prompt")
        given[model.prompt.name] = request.prompt
    known = {p.name: p for p in model.parameters}
    checked: dict[str, Any] = {}
    for name, value in given.items():
        if name not in known:
            hint = suggestion(name, known)
            raise ParamError(f"{name} is not a parameter of {model.name}{hint}: see `models {model.id}`.", name=name)
        if model.mesh is not None and name == model.mesh.name:
            raise ParamError(f"{name}: the mesh that is changed is no parameter: give it as the mesh.", name=name)
        checked[name] = value if known[name].takes_pictures else known[name].check(value)
    return checked


def _takes_pictures(model: Model, name: str) -> bool:
    parameter = model.parameter(name)
    return parameter is not None and parameter.takes_pictures


def _paths(name: str, value: Any) -> list[Path]:
    items = cast(Sequence[Any], value) if isinstance(value, list | tuple) else [value]
    if not all(isinstance(item, str | Path) and item for item in items):
        raise ParamError(f"{name}: takes the path of a picture, or a list of paths.", name=name)
    return [Path(item) for item in items]


def _assign(model: Model, request: Request) -> dict[str, list[Path]]:
    """Which picture goes into which input."""
    views = request.views
    for view in views:
        if view not in VIEWS:
            raise ParamError(f"{view} is not a view: use {', '.join(VIEWS)}.", name="view")
    total = len(request.images) + len(views)
    source = model.source
    if total == 0:
        return {}
    if source is None:
        raise ParamError(f"{model.name} takes no picture: give it a prompt instead.", name="image")
    if model.views:
        return _named(model, request, source=source)
    ordered = [*request.images, *(views[view] for view in VIEWS if view in views)]
    if source.kind is Kind.FILE and total > 1:
        raise ParamError(f"{model.name} takes one picture, not {total}.", name=source.name)
    return {source.name: ordered}


def _named(model: Model, request: Request, *, source: Parameter) -> dict[str, list[Path]]:
    inputs, assigned = model.views, dict[str, list[Path]]()
    for view, path in request.views.items():
        if view not in inputs:
            raise ParamError(f"{model.name} takes no {view} view, only {', '.join(inputs)}.", name="view")
        assigned[inputs[view].name] = [path]
    if request.images:
        if len(request.images) > 1 and source.kind is Kind.FILE:
            raise ParamError(f"{model.name} takes its pictures by view: say which side each one shows.", name="view")
        if source.name in assigned:
            raise ParamError(f"there are two pictures for {source.name}: leave one out.", name="view")
        assigned[source.name] = list(request.images)
    return assigned


def _check_counts(model: Model, paths: Mapping[str, Sequence[Path]]) -> None:
    for name, entries in paths.items():
        parameter = model.parameter(name)
        if parameter is None:
            continue
        most = parameter.max_length if parameter.kind is Kind.FILE_ARRAY else 1
        if most is not None and len(entries) > most:
            raise ParamError(f"{name}: {model.name} takes at most {most}, {len(entries)} were given.", name=name)
        least = parameter.min_length if parameter.kind is Kind.FILE_ARRAY else 1
        if least is not None and len(entries) < least:
            raise ParamError(f"{name}: {model.name} needs at least {least} pictures.", name=name)


def _check_needs(model: Model, effective: Mapping[str, Any]) -> None:
    for parameter in model.parameters:
        if parameter.is_met_by(effective.get(parameter.name)):
            continue
        if why := parameter.need.reason(effective):
            if parameter == model.mesh:
                problem = f"{model.name} changes a mesh, and none is given: give one, or choose another model."
                raise ParamError(problem, name=parameter.name)
            if not parameter.is_supported:
                problem = f"{model.name} needs {parameter.name} ({parameter.media or parameter.wire_type})"
                raise ParamError(f"{problem}, which cannot be given here: choose another model.", name=parameter.name)
            raise ParamError(f"{parameter.name} is missing: {why.rstrip('.')}.", name=parameter.name)


def _limits(model: Model, parameter: Parameter) -> PictureLimits:
    limits = model.picture_limits
    sizes = [s for s in (limits.max_bytes, parameter.max_size_bytes) if s is not None]
    return PictureLimits(limits.min_side_px, limits.max_side_px, min(sizes) if sizes else None)
