"""The Inngest side of the server."""

from .engine import Inngest
from .functions import Event
from .publisher import Published
from .routes import inngest_routes
from .runs import ActedRun

__all__ = ["ActedRun", "Event", "Inngest", "Published", "inngest_routes"]
