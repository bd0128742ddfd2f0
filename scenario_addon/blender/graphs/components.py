# SPDX-License-Identifier: GPL-3.0-or-later
"""What hangs together in a graph of millions."""

from __future__ import annotations

import numpy as np

__all__ = ["connected", "dense"]


def connected(count: int, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Label nodes, (count,): two that a way of links joins have the same label, which is the least node of them.

    :param first: where each link begins, (links,); ``second``: where it ends.
    """
    label = np.arange(count)
    while True:
        one, other = label[first], label[second]
        apart = one != other
        if not apart.any():
            return label
        first, second, one, other = first[apart], second[apart], one[apart], other[apart]
        low, high = np.minimum(one, other), np.maximum(one, other)
        least_last = np.argsort(-low, kind="stable")  # of what is written to one place several times, the last stays
        label[high[least_last]] = low[least_last]
        label = _followed(label)


def dense(labels: np.ndarray) -> tuple[np.ndarray, int]:
    """Number labels from 0 on in their order; gives the numbers and how many there are."""
    known = np.zeros(int(labels.max(initial=-1)) + 1, dtype=bool)
    known[labels] = True
    number = np.cumsum(known) - 1
    return number[labels], int(known.sum())


def _followed(label: np.ndarray) -> np.ndarray:
    """Follow each label to the one that is its own."""
    while not np.array_equal(further := label[label], label):
        label = further
    return label
