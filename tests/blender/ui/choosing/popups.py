# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout of a popup with a list."""

from __future__ import annotations

from typing import Any

from tests.blender.fake_layout import FakeLayout

__all__ = ["Popup"]


class Popup(FakeLayout):
    """Its search field belongs to an operator that no test has."""

    def prop(self, data: Any, name: str, **options: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        if name != "search":
            super().prop(data, name, **options)
