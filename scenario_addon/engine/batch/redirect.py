# SPDX-License-Identifier: GPL-3.0-or-later
"""A job of a process that is gone, sent on to where it is wanted now."""

from __future__ import annotations

from dataclasses import replace

from ..ledger.job import Job, State
from ..values import Order
from .earlier import Standing, standing

__all__ = ["placed", "redirected"]


def redirected(job: Job, order: Order) -> Job:
    """A job on its way to where an order wants it; to its scene all the same. The same job where it stays as it is."""
    found, kept = standing(job), job.order
    if found is Standing.DONE:
        return job
    if found is Standing.WAITING:
        job = replace(job, order=replace(order, target=kept.target))
    elif not kept.is_for_scene or found is Standing.MADE or job.state is State.CANCELLED:
        # What the service was asked for stays as it was, for a lost submission is recognized by it.
        job = replace(job, order=replace(placed(kept, order), target={}))
    if found is Standing.MADE:
        job = job.moved(State.SUCCEEDED, file=None)
    elif job.state is State.CANCELLED:
        job = job.moved(State.RUNNING)
    return job


def placed(order: Order, wanted: Order) -> Order:
    """An order whose file, and mesh, goes where another one's does."""
    return replace(order, name=wanted.name, folder=wanted.folder, number=wanted.number, placement=wanted.placement)
