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
from collections.abc import Iterable, Mapping
from functools import cached_property
from string import Formatter
from typing import Any, ClassVar, Generic, TypeVar, cast, dataclass_transform, overload

from pydantic import TypeAdapter, ValidationError

from ..errors import OptionError, PayloadError

__all__ = ["Channel", "Topic", "TopicRef", "channel_name", "explain", "topic_map", "topic_name"]

T = TypeVar("T")


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
    def __get__(self, channel: None, owner: type) -> Topic[T]: ...
    @overload
    def __get__(self, channel: Channel, owner: type) -> TopicRef[T]: ...
    def __get__(self, channel: Channel | None, owner: type) -> Topic[T] | TopicRef[T]:
        return self if channel is None else TopicRef(channel.name, self)

    def validate(self, data: Any) -> T:
        """Return the data as the topic's type.

        Raises:
            pydantic.ValidationError: if it does not fit. The error holds none of the data.
        """
        return self._adapter.validate_python(data)

    def encode(self, data: T) -> bytes:
        """Return the JSON bytes of `data`, validated first.

        Raises:
            PayloadError: if it does not fit the topic's model.
        """
        try:
            return self._adapter.dump_json(self.validate(data), by_alias=True)
        except ValidationError as error:
            why = explain(error)
            raise PayloadError(f"the payload does not fit topic {self.name!r}: {why}") from None

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        return TypeAdapter(self.model)

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
        for taken in ("name", "template", "topics"):
            if _is_topic(vars(cls).get(taken)):
                raise OptionError(f"call the attribute otherwise: Topic(…, name={taken!r})")
        dataclasses.dataclass(frozen=True, kw_only=True)(cls)
        template = name if name is not None else getattr(cls, "template", None)
        if template is None:
            raise OptionError(f'a channel has a name: class {cls.__name__}(Channel, name="…")')
        cls.template = template
        wanted = {field for _, field, _, _ in Formatter().parse(template) if field is not None}
        fields = {field.name for field in dataclasses.fields(cast(Any, cls))}
        if wanted != fields:
            raise OptionError(
                f"the name of channel {cls.__name__} uses {sorted(wanted)}, "
                f"its fields are {sorted(fields)}: they must be the same"
            )

    @property
    def name(self) -> str:
        """The channel's name on the wire."""
        return self.template.format_map(vars(self))

    @classmethod
    def topics(cls) -> dict[str, Topic[Any]]:
        """Return every topic of the channel by its name on the wire."""
        found = (vars(base) for base in reversed(cls.__mro__))
        return topic_map(value for names in found for value in names.values() if _is_topic(value))


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
    """Put a validation error into one line that names the places and none of the data."""
    places: Mapping[str, str] = {
        ".".join(map(str, part["loc"])) or "data": part["msg"]
        for part in error.errors(include_url=False, include_context=False, include_input=False)
    }
    return "; ".join(f"{place}: {message}" for place, message in places.items())


def _is_topic(value: object) -> bool:
    return isinstance(value, Topic)
