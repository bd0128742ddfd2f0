# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialog that asks before something may be spent."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

import time
from typing import TYPE_CHECKING, Any, Final

import bpy

from ..words.language import translated, translated_report
from .reporting import Reporting

__all__ = ["Asking"]

_WIDTH_PX: Final = 400
"""Of the dialog, at a scale of 1."""
_MARGINS_PX: Final = 50
"""What it needs beside the text."""
_READ_S: Final = 0.5
"""An answer that comes sooner was no answer: a double click, or a key that was meant for something else."""


class Asking(Reporting):
    """Asks in a dialog whose default button is Cancel: Return and Enter decline, and so does leaving it.

    Blender lets the first letter of a button's text press it, too. Those that are pressed by habit (G, R, S, X) must
    not order anything: such texts begin with "Order".
    """

    _question = ""
    _asked_at_s = None

    if TYPE_CHECKING:
        layout: Any
        _asked_at_s: float | None

    def ask_first(self, context: bpy.types.Context, *, title: str, question: str, yes: str) -> set[str]:
        """Open the dialog, from ``invoke``: ``execute`` follows only when the answer is yes.

        :param question: one or two sentences, which the dialog breaks into lines.
        :param yes: what the button says that goes on.
        """
        self._question, self._asked_at_s = question, time.monotonic()
        manager: Any = context.window_manager
        return manager.invoke_props_dialog(
            self, width=_WIDTH_PX, title=translated(title), confirm_text=translated(yes), cancel_default=True
        )

    def draw(self, context: bpy.types.Context) -> None:
        from ..layout.wrapping import draw_sentence  # lazy: nobody needs it before somebody is asked

        draw_sentence(self.layout, self._question, icon="QUESTION", room_px=_WIDTH_PX - _MARGINS_PX)

    def execute(self, context: bpy.types.Context) -> set[str]:
        if self._asked_at_s is not None and time.monotonic() - self._asked_at_s < _READ_S:
            self.report(
                {"WARNING"}, translated_report("Nothing was done: the answer came before the question could be read.")
            )
            return {"CANCELLED"}
        return super().execute(context)
