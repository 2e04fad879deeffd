"""The table of figures, as heats.

The figures of one heat share their contestants: each is run once in every round, one after the
other, so that what is compared with each other was measured side by side.
"""

from __future__ import annotations

from typing import Final

from ..figure import Figure
from .dev_server import DEV_SERVER
from .idle import IDLE
from .inngest import INNGEST
from .npm import NPM
from .scaling import SCALING
from .sender import SENDER
from .trigger import TRIGGER

__all__ = ["FIGURES", "HEATS"]

HEATS: Final[tuple[tuple[Figure, ...], ...]] = (
    *SENDER,
    *INNGEST,
    *NPM,
    *SCALING,
    *TRIGGER,
    *DEV_SERVER,
    *IDLE,
)
FIGURES: Final[tuple[Figure, ...]] = tuple(figure for heat in HEATS for figure in heat)
