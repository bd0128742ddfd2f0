# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with what came out: the jobs, and their meshes in the scene."""

from . import jobs, variants

__all__ = ["register", "unregister"]


def register() -> None:
    for module in (jobs, variants):
        module.register()


def unregister() -> None:
    for module in (variants, jobs):
        module.unregister()
