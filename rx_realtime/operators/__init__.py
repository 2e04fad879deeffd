"""Everything that `Realtime` is made of, as operators for pipes of your own.

Each returns a function from observable to observable, takes RxPY's words for its parameters, and
passes the subscriber's scheduler on, so that virtual time reaches all of it.
"""

from ._link import Link, Part
from .answered import answered
from .backoff import Wait, backoff, delay_of
from .buffered import buffered, buffered_messages
from .chain import chained, deferred, fast_lane, linked, listen, relay
from .concluded import concluded
from .datastreams import Datastream, datastreams
from .gaps import mark_gaps
from .handover import handover
from .joined_by import joined_by
from .metadata import metadata
from .one_by_one import one_by_one
from .pace import Pace
from .polled import polled
from .reconnect import reconnect
from .refreshed import refreshed
from .repeated import repeated
from .restarted import restarted
from .resumed import resumed
from .shared import Hub, latest, shared
from .speed import time_to_first_token, tokens_per_second
from .stall_timeout import stall_timeout
from .texts import join_text, json_lines, lines
from .to_marbles import to_marbles
from .until_terminal import until_terminal
from .views import by_topic, history, on_topic, states
from .while_active import while_active
from .woken import woken

__all__ = [
    "Datastream",
    "Hub",
    "Link",
    "Pace",
    "Part",
    "Wait",
    "answered",
    "backoff",
    "buffered",
    "buffered_messages",
    "by_topic",
    "chained",
    "concluded",
    "datastreams",
    "deferred",
    "delay_of",
    "fast_lane",
    "handover",
    "history",
    "join_text",
    "joined_by",
    "json_lines",
    "latest",
    "linked",
    "lines",
    "listen",
    "mark_gaps",
    "metadata",
    "on_topic",
    "one_by_one",
    "polled",
    "reconnect",
    "refreshed",
    "relay",
    "repeated",
    "restarted",
    "resumed",
    "shared",
    "stall_timeout",
    "states",
    "to_marbles",
    "time_to_first_token",
    "tokens_per_second",
    "until_terminal",
    "while_active",
    "woken",
]
