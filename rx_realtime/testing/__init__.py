"""For tests: diagrams that run, and what a test of realtime needs around it.

The pytest plugin in `plugin` is found by pytest itself.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .faults import FaultProxy, Line
    from .stage import Differs, check, perform
    from .values import load_values
else:
    # pytest loads the plugin in every project that has us installed, and thus this package.
    from .._menu import late

    __getattr__, __dir__ = late(__name__, "faults", "values", "stage")

__all__ = ["Differs", "FaultProxy", "Line", "check", "load_values", "perform"]
