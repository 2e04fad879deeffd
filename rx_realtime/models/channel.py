"""Channels and their typed topics.

class Pipeline(Channel, name="pipeline:{run_id}"):
    run_id: str                       # a field of the name: the constructor is typed
    status = Topic(StatusUpdate)      # a pydantic model, or any type pydantic can validate
    tokens = Topic(Token)

Pipeline(run_id="42").name            # 'pipeline:42'
Pipeline.tokens                       # Topic[Token]: what to subscribe to
Pipeline(run_id="42").tokens          # TopicRef[Token]: where to publish
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from string import Formatter
from typing import Any, ClassVar, Generic, TypeVar, cast, dataclass_transform, overload

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from ..errors import OptionError, PayloadError

__all__ = ["Channel", "Topic", "TopicRef", "channel_name", "explain", "topic_map", "topic_name"]

T = TypeVar("T")

_PLACES = 5


class Topic(Generic[T]):
    """A category of messages inside a channel, and the type of their data.

    Args:
        model: what the data is: a pydantic model, a dataclass, a TypedDict, `dict[str, int]`, …
            Messages that do not fit it are reported and left out; those that fit carry it.
        name: the topic's name on the wire; the attribute's name by default.
    """

    def __init__(self, model: type[T], *, name: str | None = None) -> None:
        self.model = model
        self._name = name

    def __set_name__(self, owner: type, name: str) -> None:
        if self._name is None:
            self._name = name

    @property
    def name(self) -> str:
        """The name on the wire.

        Raises:
            OptionError: if the topic neither stands in a channel nor was given a name.
        """
        if self._name is None:
            raise OptionError("a Topic outside a Channel needs a name: Topic(Model, name=…)")
        return self._name

    @overload
    def __get__(self, holder: Channel, owner: type) -> TopicRef[T]: ...
    @overload
    def __get__(self, holder: object, owner: type) -> Topic[T]: ...
    def __get__(self, holder: object, owner: type) -> Topic[T] | TopicRef[T]:
        # Held by anything but a channel (a class, a TopicRef) a topic is just itself.
        return TopicRef(holder.name, self) if isinstance(holder, Channel) else self

    def validate(self, data: Any) -> T:
        """Return data that came as JSON as the topic's type.

        A strict model takes text for a date from JSON only: where values do not fit, JSON may.

        Raises:
            pydantic.ValidationError: if it does not fit. It holds the data; `explain` leaves it
                out.
        """
        try:
            return self._take(data)
        except ValidationError as error:
            try:
                return self._adapter.validate_json(to_json(data))
            except ValidationError:
                raise error from None

    def encode(self, data: T) -> bytes:
        """Return the JSON bytes of `data`, validated first.

        Raises:
            PayloadError: if it does not fit the topic's model.
        """
        try:
            return self._adapter.dump_json(self._adapter.validate_python(data), by_alias=True)
        except ValidationError as error:
            why = explain(error)
            raise PayloadError(f"the payload does not fit topic {self.name!r}: {why}") from None

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self.model)

    @cached_property
    def _take(self) -> Callable[[Any], T]:
        """Its validator itself: this is done for each message."""
        return self._adapter.validator.validate_python

    def __repr__(self) -> str:
        model = getattr(self.model, "__name__", self.model)
        return f"Topic({model}, name={self._name!r})"


@dataclasses.dataclass(frozen=True, slots=True)
class TopicRef(Generic[T]):
    """One topic of one channel: an address to publish to."""

    channel: str
    topic: Topic[T]


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Channel:
    """An address that runs publish to. Subclass it; see the module's text for an example.

    Two channels with one name are the same channel.
    """

    #: The name, with a `{field}` for each annotated field.
    template: ClassVar[str]

    def __init_subclass__(cls, *, name: str | None = None) -> None:
        super().__init_subclass__()
        dataclasses.dataclass(frozen=True, kw_only=True, eq=False)(cls)
        fields = {field.name for field in dataclasses.fields(cast(Any, cls))}
        for taken in ("name", "template", "topics"):
            if taken in fields or _is_topic(vars(cls).get(taken)):
                raise OptionError(
                    f"{taken!r} is taken: give the attribute another name, and a topic its name "
                    f"on the wire by Topic(…, name={taken!r})"
                )
        template = name if name is not None else getattr(cls, "template", None)
        if template is None:
            raise OptionError(f'a channel has a name: class {cls.__name__}(Channel, name="…")')
        cls.template = template
        wanted = _fields_of(template)
        if wanted != fields:
            raise OptionError(
                f"the name of channel {cls.__name__} uses {sorted(wanted)}, "
                f"its fields are {sorted(fields)}: they must be the same"
            )
        cls.topics()  # two of one name are better found now

    @property
    def name(self) -> str:
        """The channel's name on the wire."""
        return self.template.format_map(vars(self))

    @classmethod
    def topics(cls) -> dict[str, Topic[Any]]:
        """Return every topic of the channel by its name on the wire."""
        attributes = {
            name: value for base in reversed(cls.__mro__) for name, value in vars(base).items()
        }
        return topic_map(value for value in attributes.values() if _is_topic(value))

    def __eq__(self, other: object) -> bool:
        return self.name == other.name if isinstance(other, Channel) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)


def channel_name(channel: Channel | str) -> str:
    """Return the name on the wire of a channel that may be given as plain text."""
    return channel if isinstance(channel, str) else channel.name


def topic_name(topic: Topic[Any] | str) -> str:
    """Return the name on the wire of a topic that may be given as plain text."""
    return topic if isinstance(topic, str) else topic.name


def topic_map(topics: Iterable[Topic[Any]]) -> dict[str, Topic[Any]]:
    """Return the topics by their names on the wire.

    Raises:
        OptionError: if two different topics share a name.
    """
    by_name: dict[str, Topic[Any]] = {}
    for topic in topics:
        if by_name.setdefault(topic.name, topic) is not topic:
            raise OptionError(f"two topics are named {topic.name!r}")
    return by_name


def explain(error: ValidationError) -> str:
    """Put a validation error into one line that names the first places and none of the data."""
    parts = error.errors(include_url=False, include_context=False, include_input=False)
    places: Mapping[str, str] = {
        ".".join(map(str, part["loc"])) or "data": part["msg"] for part in parts[:_PLACES]
    }
    shown = "; ".join(f"{place:.80}: {message:.200}" for place, message in places.items())
    return shown if len(parts) <= _PLACES else f"{shown}; and {len(parts) - _PLACES} more"


def _fields_of(template: str) -> set[str]:
    try:
        return {field for _, field, _, _ in Formatter().parse(template) if field is not None}
    except ValueError as error:
        raise OptionError(f"the name {template!r} is no template: {error}") from None


def _is_topic(value: object) -> bool:
    return isinstance(value, Topic)
