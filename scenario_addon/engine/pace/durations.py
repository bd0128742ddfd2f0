# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a model's jobs take: what its record says, corrected by those that were watched.

They are taken to be lognormal. Which median and which spread it is, is not known: each pair of a grid has a weight,
which every job changes by Bayes' rule. A job was asked about now and then, so that it ended between two times, and
one that has not ended is longer than so far: both count as what they are.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import accumulate, pairwise
from typing import Final

from .forecast import Forecast, beyond

__all__ = ["Durations"]

_STEP: Final = 0.05
"""Of the grid, in the logarithm of seconds."""
_COUNT: Final = 170
_TIMES_S: Final = [2.0 * math.exp(_STEP * index) for index in range(_COUNT)]
"""From 2 s to nearly three hours."""
_SPREADS: Final = (0.04, 0.08, 0.15, 0.25, 0.4, 0.7)
_STRIDES: Final = (1, 1, 2, 2, 4, 4)
"""Every which of the times is a median that is considered with each spread."""
_USUAL_S: Final = 60.0
_USUAL_SPREAD: Final = 0.35
_WIDTH: Final = 1.6
"""How far off a record is that is wrong, and how far from the usual what has none."""
_ANYTHING: Final = 0.02
"""How likely it is to be off by any factor, beside being right."""
_RIGHT_WIDTH: Final = 0.15
_WRONG: Final = 0.15
"""The chance that a record is wrong."""
_ODD: Final = 0.02
"""The chance that a job says nothing of the others: it is stuck, or came from a store of results."""
_KEPT: Final = 0.97
"""What an earlier job counts for with each that comes after it: a service is faster by night."""
_AFRESH: Final = 0.01
"""How much of what was believed at first stays, so that a service that changes is followed."""
_NEGLIGIBLE: Final = 1e-4
_NOTHING: Final = 1e-10
"""Of what is left: no more than this is not counted as ended."""
_MOST_KEPT: Final = 64
"""Forecasts: each takes some ten kilobytes."""
_MOST_ALIKE: Final = 8
"""So many of what has taken equally long count: they wait for the same service."""
_UNDONE: Final = 0.3
"""What one that is not done counts for, beside those that are, of which earlier ones fade."""

_Cell = tuple[int, int]
"""The index of a median among the times, and of a spread."""


def _kernel(spread: float) -> list[float]:
    return [beyond(_STEP * distance / spread) for distance in range(1 - _COUNT, _COUNT)]


def _drops(kernel: list[float]) -> tuple[int, list[float]]:
    """How much of what is left ends with each step, beginning so many steps after the median; no more than counts."""
    ended = [before - after for before, after in pairwise(kernel)]
    counted = [index for index, share in enumerate(ended) if share > _NOTHING]
    return counted[0] + 2 - _COUNT, ended[counted[0] : counted[-1] + 1]


_KERNELS: Final = [_kernel(spread) for spread in _SPREADS]
_DROPS: Final = [_drops(kernel) for kernel in _KERNELS]
_ODD_LEFT: Final = [beyond(math.log(time_s / _USUAL_S) / (2 * _WIDTH)) for time_s in _TIMES_S]


class Durations:
    """Of one model. For one thread at a time.

    :param median_s: as the record says, in seconds; ``None`` where it does not.
    :param upper_s: what three of four jobs take at most; ``None`` where it does not say.
    """

    def __init__(self, median_s: float | None = None, upper_s: float | None = None) -> None:
        self._first = self._weights = _normal(_belief(median_s, upper_s))
        self._forecasts: dict[tuple[tuple[int, int], ...], Forecast] = {}

    def learn(self, after_s: float, by_s: float) -> None:
        """Heed a job that was not done after so many seconds, and was after so many."""
        likelihood = _between(math.log(max(after_s, 0.1)), math.log(max(by_s, after_s + 0.1, 0.2)))
        faded = _normal({cell: weight**_KEPT for cell, weight in self._weights.items()})
        believed = {cell: _AFRESH * weight + faded.get(cell, 0.0) for cell, weight in self._first.items()}
        self._weights = _kept({cell: weight * likelihood(cell) for cell, weight in believed.items()})
        self._forecasts.clear()

    def forecast(self, alive_s: Iterable[float] = ()) -> Forecast:
        """How long the next one takes.

        :param alive_s: how long others have taken that are not done yet, in seconds.
        """
        counted = Counter(_index(time_s) for time_s in alive_s if time_s >= _TIMES_S[0])
        key = tuple(sorted((index, min(count, _MOST_ALIKE)) for index, count in counted.items()))
        if key not in self._forecasts:
            if len(self._forecasts) >= _MOST_KEPT:
                self._forecasts.clear()
            self._forecasts[key] = self._made(key)
        return self._forecasts[key]

    def _made(self, alive: tuple[tuple[int, int], ...]) -> Forecast:
        def likelihood(cell: _Cell) -> float:
            kernel, offset = _KERNELS[cell[1]], _COUNT - 1 - cell[0]
            return math.prod(
                (_ODD + (1 - _ODD) * kernel[index + offset]) ** (_UNDONE * count) for index, count in alive
            )

        weights = self._weights
        if alive:
            weights = _kept({cell: weight * likelihood(cell) for cell, weight in weights.items()})
        ended = [0.0] * (3 * _COUNT)  # with each step, also before and after the grid
        for (median, spread), weight in weights.items():
            first, drops = _DROPS[spread]
            begin = _COUNT + median + first
            end = begin + len(drops)
            ended[begin:end] = [sum_ + weight * drop for sum_, drop in zip(ended[begin:end], drops, strict=True)]
        gone = list(accumulate(ended))[_COUNT : 2 * _COUNT]
        left = [_ODD * odd + (1 - _ODD) * (1 - own) for odd, own in zip(_ODD_LEFT, gone, strict=True)]
        return Forecast(_TIMES_S, left)


def _index(time_s: float) -> int:
    """Of the last time of the grid that is not later."""
    return min(_COUNT - 1, int(math.log(time_s / _TIMES_S[0]) / _STEP + 1e-9))


def _belief(median_s: float | None, upper_s: float | None) -> dict[_Cell, float]:
    """What is believed before any job was seen."""
    centre = math.log(min(max(median_s or _USUAL_S, _TIMES_S[0]), _TIMES_S[-1]))
    spread = _USUAL_SPREAD
    if median_s is not None and upper_s is not None and upper_s > median_s > 0:
        told = (math.log(upper_s) - math.log(median_s)) / 0.6745
        spread = min(max(told, _SPREADS[0]), _SPREADS[-1])
    right = 0.0 if median_s is None else 1 - _WRONG
    belief: dict[_Cell, float] = {}
    for index, stride in enumerate(_STRIDES):
        likely = _peak(math.log(_SPREADS[index] / spread), 0.5) * stride
        for median in range(0, _COUNT, stride):
            off = math.log(_TIMES_S[median]) - centre
            wrong = max(_peak(off, _WIDTH), _ANYTHING) / _WIDTH
            belief[median, index] = likely * (right * _peak(off, _RIGHT_WIDTH) / _RIGHT_WIDTH + (1 - right) * wrong)
    return belief


def _between(begin: float, end: float) -> Callable[[_Cell], float]:
    """How likely a job ends between two logarithms of seconds, by the cell that is true."""
    usual = math.log(_USUAL_S)
    odd = beyond((begin - usual) / (2 * _WIDTH)) - beyond((end - usual) / (2 * _WIDTH))

    def likelihood(cell: _Cell) -> float:
        median, spread = math.log(_TIMES_S[cell[0]]), _SPREADS[cell[1]]
        own = beyond((begin - median) / spread) - beyond((end - median) / spread)
        return _ODD * max(odd, 1e-9) + (1 - _ODD) * own

    return likelihood


def _peak(off: float, width: float) -> float:
    return math.exp(-((off / width) ** 2) / 2)


def _normal(weights: dict[_Cell, float]) -> dict[_Cell, float]:
    whole = sum(weights.values())
    return {cell: weight / whole for cell, weight in weights.items()}


def _kept(weights: dict[_Cell, float]) -> dict[_Cell, float]:
    """Leave out what hardly counts."""
    least = max(weights.values()) * _NEGLIGIBLE
    return _normal({cell: weight for cell, weight in weights.items() if weight > least})
