# SPDX-License-Identifier: GPL-3.0-or-later
"""A local stand-in of the Scenario service, with a modest image-to-3D behind it.

It serves tests, the demo, benchmarks and people who play; ``scripts/sandbox.py`` runs it by itself.
"""

from .faults import Fault
from .service import Service
from .values import Charge, Request

__all__ = ["Charge", "Fault", "Request", "Service"]
