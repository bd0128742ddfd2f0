# SPDX-License-Identifier: GPL-3.0-or-later
"""In which language Blender is used, and what the interface says in it. Main thread only.

Constant texts (labels, names of properties, tooltips) are Blender's to translate: it is given them, for the language in
use alone. Whatever has values in it is put through :func:`translated` where it is drawn. Nothing is loaded for English.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import bpy

from ... import ADDON

if TYPE_CHECKING:
    from ...engine.words.words import Words

__all__ = ["close", "follow", "locale", "translated", "translated_report", "translated_tip", "translated_with_head"]

_ENGLISH: Final = "en_US"
_CONTEXTS: Final = ("*", "Operator")
"""Blender's, of labels, properties, tooltips, and of operators' names."""


class _State:
    locale = _ENGLISH
    """What was looked for last."""
    is_given = False
    """Whether Blender has our texts in it."""


_state = _State()


def locale() -> str:
    """Blender's language; English also where it has none, or nothing is to be translated."""
    return bpy.app.translations.locale or _ENGLISH


def translated(text: str) -> str:
    """Give a text as the interface shows it."""
    words = _words("use_translate_interface")
    return words.translate(text) if words else text


def translated_with_head(head: str, text: str) -> str:
    """Give what is said of something that is a text itself: ``Graphics card: not known``."""
    words = _words("use_translate_interface")
    return words.with_head(head, text) if words else f"{head}: {text}"


def translated_tip(text: str) -> str:
    """Give a tooltip that is put together when it is shown."""
    words = _words("use_translate_tooltips")
    return words.translate(text) if words else text


def translated_report(text: str) -> str:
    """Give what is reported, in the status bar and in the info editor."""
    words = _words("use_translate_reports")
    return words.translate(text) if words else text


def follow() -> bool:
    """Have Blender know our texts in the language that it is used in now; says whether that is another one."""
    wanted = locale()
    if wanted == _state.locale:
        return False
    close()
    _state.locale = wanted
    if words := _words():
        texts = {(context, text): told for text, told in words.static() for context in _CONTEXTS}
        bpy.app.translations.register(ADDON, {wanted: texts})
        _state.is_given = True
    return True


def close() -> None:
    """Take our texts back."""
    if _state.is_given:
        bpy.app.translations.unregister(ADDON)
    _state.locale, _state.is_given = _ENGLISH, False


def _words(preference: str = "") -> Words | None:
    """Give the language; ``None`` for English.

    :param preference: of Blender's view, that says whether such texts are translated.
    """
    if (wanted := locale()) == _ENGLISH or (preference and not getattr(bpy.context.preferences.view, preference)):
        return None
    from ...engine.words.words import of_locale  # lazy: most people need none of it

    return of_locale(wanted)
