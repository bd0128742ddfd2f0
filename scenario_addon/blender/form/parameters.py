# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of a model's parameters: kept with the scene, in step with the model, drawn as Blender draws its own.

Each model has its own group of custom properties, so going from one to another and back loses nothing.
Main thread only. Drawing reads and never writes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import bpy

from ...engine.errors import ParamError
from ...engine.text import clean
from ..layout.names import Columns, columns_for, draw_named
from ..layout.wrapping import draw_sentence
from ..words.language import translated
from .fields import Field, field_for
from .properties import SCENARIO_PG_model_settings
from .slots import Slot, plain

if TYPE_CHECKING:
    from ...engine.models.model import Model
    from ...engine.models.schema import Parameter

__all__ = [
    "assign",
    "catch_up",
    "draw",
    "drawable",
    "fill",
    "important",
    "is_synced",
    "lost",
    "note_on",
    "reset",
    "settings_of",
    "sync",
    "values",
]

_SCHEMA_KEY: Final = "#schema"
_MOST_IMPORTANT: Final = 4
_TITLE: Final = "Settings"
"""Of the fold that all of them are in."""
_LONGEST: Final = 40
"""Of a name that nobody here has given."""
_SHORT: Final = 6
"""So many parameters need no headings."""
_IMPORTANT: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(face|poly|vert|triangle|decimation)\w*(count|num|target|limit)",
        r"(^|model)(quality|tier|generator|type)$|^generate_?type$",
        r"resolution",
        r"^(enable|with|generate)?_?(texture|paint|pbr|material)s?$",
    )
)
"""What an artist decides first, by name: how many faces, how good, how large the texture, whether there is one."""


def settings_of(collection: Any, model_id: str) -> SCENARIO_PG_model_settings | None:
    """The settings of a model; ``None`` where it has none yet."""
    return collection.get(model_id)


def is_synced(collection: Any, model: Model) -> bool:
    """Whether :func:`sync` has nothing to do. Cheap."""
    settings = settings_of(collection, model.id)
    return settings is not None and settings.get(_SCHEMA_KEY) == _fingerprint(model)


def sync(collection: Any, model: Model) -> Any:
    """Give a model's settings the properties that its record asks for; never from ``draw``.

    What the artist has set stays where it still means something: choices by their value, numbers within the limits.
    What was never touched follows the defaults.
    """
    settings: Any = settings_of(collection, model.id)
    if settings is None:
        settings = collection.add()
        settings.name = model.id
    slots = [slot for field in _fields(drawable(model)) for slot in field.slots]
    carried = {slot.key: _carried(settings, slot) for slot in slots}
    for key in [key for key in settings.keys() if key != "name"]:  # noqa: SIM118 - no iterator of its own
        del settings[key]
    for slot in slots:
        slot.put(settings, slot.default if carried[slot.key] is None else carried[slot.key])
    settings[_SCHEMA_KEY] = _fingerprint(model)
    return settings


def lost(collection: Any, model: Model) -> list[str]:
    """The labels of those parameters that hold values of another type: they are as if never touched."""
    settings = settings_of(collection, model.id)
    if settings is None:
        return []
    return [
        field.parameter.label
        for field in _fields(drawable(model))
        if field.is_in(settings) and not field.is_readable(settings)
    ]


def note_on(names: Sequence[str]) -> str:
    """What to say of settings that are lost."""
    if len(names) == 1:
        return f"{names[0]} is at its default: what was stored for it does not fit."
    return f"{', '.join(names[:-1])} and {names[-1]} are at their defaults: what was stored for them does not fit."


def catch_up(collection: Any, model: Model) -> str | None:
    """Do as :func:`sync` does, and say what was lost by that; never from ``draw``."""
    settings, fields = settings_of(collection, model.id), _fields(drawable(model))
    before = [f for f in fields if settings and all(_carried(settings, slot) is not None for slot in f.slots)]
    sync(collection, model)
    names = [field.parameter.label for field in fields if settings and field not in before]
    return note_on(names) if names else None


def values(settings: SCENARIO_PG_model_settings, model: Model, *, picture_count: int = 1) -> dict[str, Any]:
    """What has to be asked for: everything set to something else than the model's default.

    Parameters that have no effect with these settings are left out: the form shows them disabled.
    """
    found: dict[str, Any] = {}
    for field in _fields(drawable(model)):
        if not field.is_readable(settings) or (value := field.read(settings)) is None:
            continue
        if field.parameter.default is None or not (value == field.parameter.default or _is_untouched(field, settings)):
            found[field.parameter.name] = value
    while idle := [name for name in found if model.without_effect(name, _effective(model, found, picture_count))]:
        for name in idle:
            del found[name]
    return found


def assign(settings: SCENARIO_PG_model_settings, model: Model, wanted: Mapping[str, Any]) -> None:
    """Set parameters by name, as the service spells names and values.

    :raises ParamError: a value that the model does not take.
    """
    fields = {field.parameter.name: field for field in _fields(drawable(model))}
    for name, value in wanted.items():
        if (field := fields.get(name)) and field.is_in(settings):
            is_checked = value is None or field.parameter.takes_pictures
            field.write(settings, value if is_checked else field.parameter.check(value))


def fill(
    settings: SCENARIO_PG_model_settings,
    model: Model,
    wanted: Mapping[str, Any],
    *,
    about: Iterable[str],
    may_name_files: bool,
) -> list[str]:
    """Set parameters as a preset has them, and those that it is about but has no value for to their defaults.

    :param may_name_files: whether a value may say which file on this disk is sent.
    :return: what is left out, by its label where it has one: the model does not have it, or not with this value.
    """
    known = {p.name: p for p in drawable(model)}
    for name in about:
        if name in known:
            reset(settings, model, name)
    left_out: list[str] = []
    for name, value in wanted.items():
        parameter = known.get(name)
        field = field_for(parameter) if parameter is not None else None
        try:
            if field is None or (field.parameter.takes_pictures and not may_name_files) or not field.takes(value):
                raise ParamError(name, name=name)
            assign(settings, model, {name: value})
        except ParamError:
            left_out.append(parameter.label if parameter is not None else clean(name, longest=_LONGEST) or "A value")
    return left_out


def reset(settings: SCENARIO_PG_model_settings, model: Model, name: str = "") -> None:
    """Set every parameter, or the one that is named, to the model's default, or to unset where there is none."""
    for field in _fields(p for p in drawable(model) if name in ("", p.name)):
        for slot in field.slots:
            if slot.key in settings:
                slot.put(settings, slot.default)


def drawable(model: Model) -> list[Parameter]:
    """The parameters that belong in the form: all but the prompt, the pictures of the subject and the mesh itself."""
    mesh = model.mesh if model.begins_with_mesh else None
    elsewhere = [p.name for p in (model.prompt, model.source, mesh, *model.views.values()) if p is not None]
    return [p for p in model.parameters if p.name not in elsewhere]


def important(model: Model) -> list[Parameter]:
    """The few that an artist wants at hand, four at most, in the model's order."""
    ranked = sorted((rank, p.name) for p in drawable(model) if (rank := _rank(p)) is not None)
    names = {name for _, name in ranked[:_MOST_IMPORTANT]}
    return [p for p in drawable(model) if p.name in names]


def draw(
    layout: bpy.types.UILayout,
    settings: SCENARIO_PG_model_settings,
    model: Model,
    parameters: Sequence[Parameter],
    *,
    picture_count: int,
) -> None:
    """Draw some of a model's parameters; in a panel, because groups fold.

    :param parameters: which, such as :func:`drawable`.
    :param picture_count: how many pictures would be sent: some parameters depend on it.
    """
    layout.use_property_split, layout.use_property_decorate = False, False
    given = values(settings, model, picture_count=picture_count)
    effective = _effective(model, given, picture_count)
    reasons = {p.name: model.without_effect(p.name, effective) for p in parameters}
    known = [p for p in parameters if (field := field_for(p)) is None or field.is_in(settings)]
    groups = [(heading, members, _names(heading, members, effective)) for heading, members in _grouped(known, model)]
    columns = columns_for(name for _, _, names in groups for name in names.values())
    said: set[str] = set()
    for heading, members, names in groups:
        body = layout.column()
        if heading:
            header, body = layout.panel(f"SCENARIO_{model.id}_{heading}", default_closed=True)
            header.label(text=translated(heading))
        if body is None:
            continue
        for reason, alike in groupby(members, key=lambda p: reasons[p.name]):
            column = body.column()
            column.enabled = reason is None
            for parameter in alike:
                _draw_one(column, settings, parameter, columns, name=names[parameter.name], effective=effective)
            if reason and reason not in said:
                said.add(reason)
                note = _in_words_of_the_form(translated(reason), model)
                draw_sentence(body, note[:1].upper() + note[1:], icon="INFO", is_faint=True)


def _names(heading: str, members: Sequence[Parameter], effective: Mapping[str, Any]) -> dict[str, str]:
    """What is written beside each: no repetition of the heading where the rest tells them apart; a star on a must."""
    short = {p.name: p.label.removeprefix(f"{heading} ") for p in members}
    labels = short if len(set(short.values())) == len(short) else {p.name: p.label for p in members}
    told = {name: translated(label) for name, label in labels.items()}
    return {p.name: f"{told[p.name]} *" if p.need.reason(effective) else told[p.name] for p in members}


def _draw_one(
    layout: bpy.types.UILayout,
    settings: SCENARIO_PG_model_settings,
    parameter: Parameter,
    columns: Columns,
    *,
    name: str,
    effective: Mapping[str, Any],
) -> None:
    field = field_for(parameter)
    column = layout.column()
    if field is None:
        column.enabled = False
        draw_named(column, name, columns).label(text="Not supported")
    elif not field.is_readable(settings):
        row = draw_named(column, name, columns)
        button = row.operator("scenario.reset_parameters", text="Reset", icon="LOOP_BACK")
        button.parameter = parameter.name  # pyright: ignore[reportAttributeAccessIssue]
    else:
        is_needed = parameter.need.reason(effective) is not None
        column.alert = is_needed and effective.get(parameter.name) in (None, "", [])
        field.draw(column, settings, columns, name=name)


def _in_words_of_the_form(text: str, model: Model) -> str:
    """``needs modelGenerator ULTIMA_PRIME`` -> ``needs Model Generator Ultima Prime``, as the artist sees them."""
    labels = {p.name: translated(p.label) for p in model.parameters}
    labels |= {str(choice.value): translated(choice.label) for p in model.parameters for choice in p.choices}
    words = {name: label for name, label in labels.items() if name.lower() != label.lower()}
    return re.sub(r"\w+", lambda match: words.get(match[0], match[0]), text)


def _grouped(parameters: Sequence[Parameter], model: Model) -> Iterable[tuple[str, list[Parameter]]]:
    """The important ones at hand, the others under the headings of the record. A short list is not divided."""
    at_hand = {p.name for p in important(model)}
    if len(parameters) <= _SHORT:
        return [("", sorted(parameters, key=lambda p: p.name not in at_hand))] if parameters else []
    groups: dict[str, list[Parameter]] = {"": []}
    for parameter in parameters:
        group = parameter.group if parameter.group != _TITLE else None  # it stands under that already
        heading = "" if parameter.name in at_hand else group or "More"
        groups.setdefault(heading, []).append(parameter)
    return [(heading, members) for heading, members in groups.items() if members]


def _fields(parameters: Iterable[Parameter]) -> list[Field]:
    return [field for p in parameters if (field := field_for(p)) is not None]


def _is_untouched(field: Field, settings: SCENARIO_PG_model_settings) -> bool:
    """As stored, because a default that Blender cannot hold must not look like a change."""
    return all(plain(settings[slot.key]) == slot.default for slot in field.slots)


def _effective(model: Model, given: Mapping[str, Any], picture_count: int) -> dict[str, Any]:
    return {**model.defaults(), **given, "pictures": picture_count}


def _rank(parameter: Parameter) -> int | None:
    """0 is the most important; ``None`` for the many that are not."""
    if not parameter.is_supported or parameter.kind.is_file:
        return None
    rank = next((i for i, pattern in enumerate(_IMPORTANT) if pattern.search(parameter.name)), None)
    return len(_IMPORTANT) if rank is None and parameter.cost_impact else rank


def _carried(settings: Any, slot: Slot) -> Any:
    """What a new slot holds, after what is there now under its key; ``None`` when that means nothing to it."""
    if slot.key not in settings:
        return slot.default
    stored = plain(settings[slot.key])
    try:
        ui = settings.id_properties_ui(slot.key).as_dict()
    except TypeError:  # no kind of value that a control could show
        return None
    if stored == plain(ui.get("default")):
        return slot.default
    for identifier, *_, number in ui.get("items", ()):
        if number == stored:
            return slot.fit(_value_of(identifier))
    return slot.fit(stored)


def _value_of(identifier: str) -> Any:
    """What an item of a choice stands for; ``None`` when it is none of ours."""
    try:
        return json.loads(identifier)
    except ValueError:
        return None


def _fingerprint(model: Model) -> str:
    return hashlib.sha256(repr(drawable(model)).encode()).hexdigest()[:16]
