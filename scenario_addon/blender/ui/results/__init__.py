# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with what came out: the jobs, and their meshes in the scene."""

from . import again, cleaning, jobs, menu, more, pictures, sheet, variants

__all__ = ["register", "unregister"]


def register() -> None:
    for module in (jobs, again, menu, more, variants, sheet, cleaning, pictures):
        module.register()


def unregister() -> None:
    for module in (pictures, cleaning, sheet, variants, more, menu, again, jobs):
        module.unregister()
