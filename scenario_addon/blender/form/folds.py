# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of the tab that fold away, and say in their heading what is in them, as far as it fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import bpy

from ...engine.text import clean, thousands
from ..layout.names import content_px
from ..layout.wrapping import scale, text_px
from ..words.language import translated
from .parameters import drawable, values

if TYPE_CHECKING:
    from ...engine.models.model import Model
    from ...engine.models.schema import Parameter
    from .finishing import SCENARIO_PG_finish
    from .properties import SCENARIO_PG_model_settings

__all__ = ["differences", "draw_fold", "heading", "plain_heading", "wishes"]

_BESIDE_PX: Final = 36
"""What a heading has beside its text, at a scale of 1: the triangle, edges."""
_ICON_PX: Final = 20
_ROUND: Final = 1000
"""Numbers from here on are told roughly."""
_LETTERS: Final = 24
"""Of a text that somebody typed."""


def draw_fold(
    layout: Any, name: str, text: str, *, is_open: bool = False
) -> tuple[bpy.types.UILayout, bpy.types.UILayout | None]:
    """Draw the heading of a fold; gives it, for icons at its end, and the body, ``None`` while that is closed."""
    header, body = layout.panel(f"SCENARIO_{name}", default_closed=not is_open)
    header.label(text=text, translate=False)
    return header, body


def heading(title: str, parts: Sequence[str], *, icons: int = 0) -> str:
    """``Settings: Faces 200k, PBR``; where not all fits, how many more there are.

    :param parts: what is in the fold, in words.
    :param icons: how many stand at the end of the heading.
    """
    told = [f"{translated(title)}: {words}" for words in _fewer_and_fewer(parts)]
    counted = [translated(f"{title}: {len(parts)} changed")] if parts else []
    return next((text for text in (*told, *counted) if _fits(text, icons=icons)), translated(title))


def plain_heading(title: str, parts: Sequence[str]) -> str:
    """``Placement: In place of Blockout``; words that tell what the fold is about stand alone where they need the room.

    :param parts: what is in the fold, in words; a name in the first may be shortened.
    """
    parts = [translated(part) for part in parts]
    told = (f"{translated(title)}: {', '.join(parts)}", *_fewer_and_fewer(parts), parts[0])
    return next((text for text in told if _fits(text)), None) or _shortened(parts[0])


def _fewer_and_fewer(parts: Sequence[str]) -> Iterator[str]:
    for count in range(len(parts), 0, -1):
        more = len(parts) - count
        yield ", ".join([*parts[:count], *([translated(f"{more} more")] if more else [])])


def _fits(text: str, *, icons: int = 0) -> bool:
    return text_px(text) <= content_px() - (_BESIDE_PX + icons * _ICON_PX) * scale()


def _shortened(text: str) -> str:
    count = next((n for n in range(len(text), 0, -1) if _fits(text[:n] + "…")), 0)
    return f"{text[:count].rstrip(' ,:')}…"


def differences(settings: SCENARIO_PG_model_settings, model: Model, *, picture_count: int) -> list[str]:
    """What would be asked for beside the model's defaults, in words: ``Faces 200k``, ``PBR``, ``No Texture``."""
    given: Mapping[str, Any] = values(settings, model, picture_count=picture_count)
    return [_difference(p, given[p.name]) for p in drawable(model) if p.name in given]


def _difference(parameter: Parameter, value: Any) -> str:
    label, told = parameter.label, translated(parameter.label)
    word = next((choice.label for choice in parameter.choices if choice.value == value), None)
    if isinstance(value, bool):
        return told if value else translated(f"No {label}")
    if word in ("On", "Off"):
        return told if word == "On" else translated(f"No {label}")
    if word is not None:
        return f"{told} {translated(word)}"
    if isinstance(value, int | float):
        return f"{told} {thousands(value) if isinstance(value, int) and value >= _ROUND else f'{value:g}'}"
    is_typed = isinstance(value, str) and not parameter.kind.is_file
    return f"{told} {clean(value, longest=_LETTERS)}" if is_typed else told


def wishes(finish: SCENARIO_PG_finish, *, then: str = "") -> list[str]:
    """What is to be done after the import, in words: ``Decimate to 20k``, ``Asset``.

    :param then: which model changes the mesh first.
    """
    limit = finish.texture_limit or "0"
    said = {
        then: bool(then),
        f"Decimate to {thousands(finish.target_triangles)}": finish.target_triangles > 0,
        f"{finish.lods} LOD{'s' if finish.lods != 1 else ''}": finish.lods > 0,
        "Merge": finish.merge_vertices and not finish.shade_smooth,
        "Smooth": finish.shade_smooth,
        "Remove Loose": finish.remove_loose,
        "Close Holes": finish.close_holes,
        "Turn Faces": finish.turn_outward,
        f"Textures {limit} px": limit != "0",
        "Animations": finish.keep_animations,
        "Asset": finish.mark_as_asset,
    }
    return [words for words, is_wanted in said.items() if is_wanted] or ["As it is"]
