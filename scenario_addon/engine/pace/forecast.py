# SPDX-License-Identifier: GPL-3.0-or-later
"""When a job will be done, as far as anybody can tell, and when to ask whether it is.

How densely it is asked is proportional to the square root of the hazard rate, the chance of ending in the next moment
for what has not ended yet. That gives the least mean delay for a mean number of requests: at a density n, a job that
ends at t waits 1 / 2n(t) to be noticed, and costs n(t) for as long as it has not ended; the sum of f / 2n and of
n S, with f the density of ends and S what is left of them, is least where n is proportional to the root of f / S.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

__all__ = ["Forecast", "beyond"]

_DELAY_S: Final = 1.47
"""How late a job may be noticed in the mean, as planned; bounds and chance make less of it."""
_SHORT_S: Final = 5.0
"""Where few requests are enough, each is noticed sooner than the density says; so much longer is planned for."""
_USUAL_GAUGE: Final = 0.79
"""The gauge of a lognormal distribution with a spread of 0.35, for a mean of a second."""
_SURE: Final = 1.1
"""How much of the requests that a sure end saves is spent on noticing it sooner."""
_FIRST: Final = 1.5
"""How much is due when it is asked for the first time, so that it is seldom asked in vain."""
_LEAST_S: Final = 0.8
_MOST_S: Final = 15.0
_AGES_S: Final = 60.0
_PART: Final = 1 / 40
"""Of what has passed: a pause may be as long as that, if it is more than the most, and less than ages."""
_NEWS: Final = 0.05
_NOTHING: Final = 1e-12


def beyond(z: float) -> float:
    """The chance that a normal variable is more than so many deviations above its mean."""
    return 0.5 * math.erfc(z / math.sqrt(2))


@dataclass(frozen=True)
class Forecast:
    """The chance that a job takes longer than each of some times; between them, the hazard rate is constant."""

    times_s: Sequence[float]
    """Ascending."""
    left: Sequence[float]
    """Descending."""

    @cached_property
    def _rates(self) -> list[float]:
        """The hazard rate from each time to the next, in 1/s."""
        pairs = zip(self.times_s, self.times_s[1:], self.left, self.left[1:], strict=False)
        return [
            max(0.0, math.log(max(a, _NOTHING) / max(b, _NOTHING))) / (end - begin) for begin, end, a, b in pairs
        ]  # not below, however the last digit was rounded

    @cached_property
    def median_s(self) -> float:
        half = self.left[0] / 2
        return next((time_s for time_s, left in zip(self.times_s, self.left, strict=True) if left <= half), math.inf)

    def differs(self, other: Forecast) -> bool:
        """Whether a job would be asked about at other times by another forecast."""
        pairs = (self.median_s, other.median_s), (self._scale, other._scale)
        return any(abs(one / another - 1) > _NEWS for one, another in pairs)

    @cached_property
    def _scale(self) -> float:
        """What the root of a hazard rate is multiplied by to give how densely to ask, in 1/s."""
        gauge, mean_s = 0.0, 0.0
        for index, rate in enumerate(self._rates):
            lasted_s = (self.left[index] + self.left[index + 1]) / 2 * (self.times_s[index + 1] - self.times_s[index])
            gauge += math.sqrt(rate) * lasted_s
            mean_s += lasted_s
        gauge, mean_s = gauge / max(self.left[0], _NOTHING), self.times_s[0] + mean_s / max(self.left[0], _NOTHING)
        # What ends at a time that is well known is noticed sooner, for hardly anything.
        usual = _USUAL_GAUGE * math.sqrt(mean_s)
        return (gauge + _SURE * max(0.0, usual - gauge) ** 2 / usual) / (2 * _DELAY_S * (1 + _SHORT_S / mean_s))

    def pause_s(self, elapsed_s: float, *, part: float = 1.0, is_first: bool = False) -> float:
        """How long to wait before asking about a job that has not ended after so long, in seconds.

        :param part: of what would be right: whoever varies it keeps jobs that began together from being asked together.
        """
        most_s = max(_MOST_S, min(_AGES_S, elapsed_s * _PART))
        due = part * (_FIRST if is_first else 1.0)
        index = max(0, bisect_right(self.times_s, elapsed_s) - 1)
        at_s, end_s = elapsed_s, elapsed_s + most_s
        while at_s < end_s and index < len(self._rates):
            density, until_s = self._scale * math.sqrt(self._rates[index]), min(end_s, self.times_s[index + 1])
            if density * (until_s - at_s) >= due:
                return max(_LEAST_S, at_s + due / density - elapsed_s)
            due -= density * (until_s - at_s)
            at_s, index = until_s, index + 1
        return most_s

    def told(self, end_s: float, spread: float, doubt: float, *, since_s: float) -> Forecast:
        """The forecast once somebody has told when the job will end, in seconds, as far as they may be right.

        :param spread: of their error, as the deviation of its logarithm.
        :param doubt: the chance that what they say means nothing.
        :param since_s: how long the job has taken already.
        """
        marks = (end_s * math.exp(spread * step / 2) for step in range(-8, 9))
        knots = sorted({since_s, *(s for s in (*self.times_s, *marks) if s > since_s)})
        left = [self.left_at(knot) for knot in knots]
        masses = [
            max(0.0, a - b) * (doubt + (1 - doubt) * _bell(math.log((begin + end) / 2 / end_s) / spread) / spread)
            for begin, end, a, b in zip(knots, knots[1:], left, left[1:], strict=False)
        ]
        rest = left[-1] * doubt
        survivals = [rest]
        for mass in reversed(masses):
            survivals.append(survivals[-1] + mass)
        whole = max(survivals[-1], _NOTHING)
        return Forecast(knots, [left / whole for left in reversed(survivals)])

    def left_at(self, time_s: float) -> float:
        """The chance that a job takes longer than this."""
        index = bisect_right(self.times_s, time_s) - 1
        if index < 0:
            return 1.0
        if index >= len(self._rates):
            return self.left[-1]
        return self.left[index] * math.exp(-self._rates[index] * (time_s - self.times_s[index]))


def _bell(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
