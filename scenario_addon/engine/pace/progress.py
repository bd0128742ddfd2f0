# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job's own progress says about its end, and how far that was right for a model's earlier jobs.

A service's progress may be a clock's, may begin after a time in a queue, and may stand still at 0.95 for most of the
time. So it is extrapolated in two ways, and each is believed as far as it was right.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from typing import Final

__all__ = ["Course", "Trust", "Way"]

_LEAST: Final = 0.05
"""Less progress says nothing."""
_LEAST_MOVED: Final = 0.05
_ROUNDING: Final = 0.006
"""How exactly progress is told."""
_BEST: Final = 0.03
_FIRST_SPREAD: Final = 0.2
_FIRST_COUNT: Final = 0.5
"""What is believed at first counts for half a job."""
_KEPT: Final = 0.9
_WORST: Final = 3.0


class Way(Enum):
    """How to extrapolate: from the order on, or from when progress began to move."""

    WHOLE = "whole"
    PACE = "pace"


class Course:
    """The progress of one job."""

    def __init__(self) -> None:
        self.ends_s: dict[Way, float] = {}
        """When it will be done in each way, in seconds since it was ordered."""
        self.told: list[tuple[Way, float]] = []
        """The same, all that ever came out."""
        self.blur = 0.0
        """What rounding does to them, as a part."""
        self._first = self._last = (0.0, 0.0)

    def note(self, elapsed_s: float, progress: float | None) -> None:
        """Heed what is reported after so many seconds. What has not moved says nothing new."""
        if progress is None or progress == self._last[1] or elapsed_s <= 0:
            return
        if progress < self._last[1] or elapsed_s <= self._last[0] or not self._last[1]:  # it has begun, or begun again
            self._first, self.ends_s = (elapsed_s, progress), {}
        self._last = (elapsed_s, progress)
        if _LEAST <= progress < 1:
            self._extrapolate(elapsed_s, progress)

    def _extrapolate(self, elapsed_s: float, progress: float) -> None:
        since_s, before = self._first
        self.ends_s[Way.WHOLE] = elapsed_s / progress
        if progress - before >= _LEAST_MOVED:
            self.ends_s[Way.PACE] = elapsed_s + (1 - progress) * (elapsed_s - since_s) / (progress - before)
        self.told += self.ends_s.items()
        self.blur = _ROUNDING / progress


class Trust:
    """How far progress was right, of one model."""

    def __init__(self) -> None:
        self._seen: Mapping[Way, tuple[float, float]] = dict.fromkeys(
            Way, (_FIRST_COUNT, _FIRST_COUNT * _FIRST_SPREAD**2)
        )
        """How many jobs count, and the sum of their squared errors."""

    def learn(self, course: Course, end_s: float) -> None:
        """Heed when a job was done."""
        seen = dict(self._seen)
        for way in Way:
            errors = [min(_WORST, abs(math.log(end_s / told_s))) ** 2 for by, told_s in course.told if by is way]
            if errors:
                count, sum_ = seen[way]
                seen[way] = count * _KEPT + 1, sum_ * _KEPT + sum(errors) / len(errors)
        self._seen = seen

    def best(self, course: Course) -> tuple[float, float] | None:
        """When a job will be done, in seconds since it was ordered, and the spread of that; ``None``: nobody knows."""
        if not course.ends_s:
            return None
        way = min(course.ends_s, key=self._spread)
        return course.ends_s[way], math.hypot(self._spread(way), course.blur)

    def _spread(self, way: Way) -> float:
        count, sum_ = self._seen[way]
        return max(_BEST, math.sqrt(sum_ / count))
