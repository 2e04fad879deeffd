"""Electric's shapes: a log of rows over HTTP.

https://electric-sql.com/docs/api/http
"""

from .columns import Column, Schema
from .position import Position
from .rows import IsOlder, Row, Words
from .subscription import ShapeWire
from .table import TABLE, Act, Got, Move, Phase

__all__ = [
    "TABLE",
    "Act",
    "Column",
    "Got",
    "IsOlder",
    "Move",
    "Phase",
    "Position",
    "Row",
    "Schema",
    "ShapeWire",
    "Words",
]
