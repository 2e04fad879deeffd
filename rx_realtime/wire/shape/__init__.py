"""Electric's shapes: a log of rows over HTTP.

https://electric-sql.com/docs/api/http
"""

from .columns import Column, Pick, Schema
from .position import Position
from .row import Row, decode_row
from .rows import IsOlder, Words
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
    "Pick",
    "Position",
    "Row",
    "Schema",
    "ShapeWire",
    "Words",
    "decode_row",
]
