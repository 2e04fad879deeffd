"""For tests: diagrams that run, and what a test of realtime needs around it.

The pytest plugin in `plugin` is found by pytest itself.
"""

from .faults import FaultProxy, Line
from .stage import Differs, check, perform
from .values import load_values

__all__ = ["Differs", "FaultProxy", "Line", "check", "load_values", "perform"]
