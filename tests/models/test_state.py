"""The fold: every update over every state, in tables and at random."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rx_realtime.errors import ConnectionLost, NotAuthorized
from rx_realtime.models import (
    ABSENT,
    ByTopic,
    CaughtUp,
    Chunk,
    Closed,
    Connecting,
    ConnectionStatus,
    Delivered,
    Draining,
    Failed,
    Gap,
    History,
    Idle,
    Invalid,
    Limited,
    Message,
    Messages,
    Opened,
    Paused,
    PauseReason,
    Raw,
    RealtimeState,
    Received,
    Reset,
    Restarted,
    Retrying,
    RowChanged,
    RowDeleted,
    RunChanged,
    RunStatus,
    StepChanged,
    StreamClosed,
    StreamControl,
    StreamFailed,
    StreamOpened,
    Topic,
    Unrecognised,
    Update,
    reduce_state,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LOST = ConnectionLost(1006)
REFUSED = NotAuthorized(401)
A, B, C = (Message("ch", topic, number) for number, topic in enumerate("tut"))


def fold(*updates: Update, state: RealtimeState[Any] | None = None) -> RealtimeState[Any]:
    state = RealtimeState() if state is None else state
    for update in updates:
        state = reduce_state(state, update)
    return state


def shows(state: RealtimeState[Any]) -> dict[str, Any]:
    """Everything that differs from the beginning, by the names that users know."""
    views = {
        "connection_status": (state.connection_status, ConnectionStatus.IDLE),
        "run_status": (state.run_status, RunStatus.UNKNOWN),
        "by_topic": (dict(state.messages.by_topic), {}),
        "all": (list(state.messages.all), []),
        "last": (state.messages.last, None),
        "delta": (list(state.messages.delta), []),
        "result": (state.result, None),
        "error": (state.error, None),
        "pause_reason": (state.pause_reason, None),
    }
    return {name: value for name, (value, at_first) in views.items() if value != at_first}


def test_at_first_there_is_nothing():
    assert shows(RealtimeState()) == {}
    assert not RealtimeState().is_paused
    assert RealtimeState().messages.all.limit == 100


# ── one table: what happened, and what is to be seen ──────────────────────────────────────────

STORIES: dict[str, tuple[list[Update], dict[str, Any]]] = {
    "no channel": ([Idle()], {}),
    "connecting": ([Connecting()], {"connection_status": "connecting"}),
    "open, and no evidence of a run": ([Connecting(), Opened()], {"connection_status": "open"}),
    "broken off": ([Opened(), Closed(LOST)], {"connection_status": "closed", "error": LOST}),
    "over": ([Opened(), Closed()], {"connection_status": "closed"}),
    "over, after an error": (
        [Failed(REFUSED), Closed()],
        {"connection_status": "closed", "error": REFUSED},
    ),
    "not opened": (
        [Connecting(), Failed(REFUSED)],
        {"connection_status": "error", "error": REFUSED},
    ),
    "an error outlives the next attempt": (
        [Failed(REFUSED), Retrying(1, 0.25, REFUSED), Connecting()],
        {"connection_status": "connecting", "error": REFUSED},
    ),
    "an error ends with the next success": (
        [Failed(REFUSED), Connecting(), Opened()],
        {"connection_status": "open"},
    ),
    "an error outlives a pause": (
        [Failed(REFUSED), Paused(PauseReason.HIDDEN)],
        {"connection_status": "paused", "pause_reason": "hidden", "error": REFUSED},
    ),
    "paused for another reason": (
        [Paused(PauseReason.HIDDEN), Paused(PauseReason.DISABLED)],
        {"connection_status": "paused", "pause_reason": "disabled"},
    ),
    "no longer paused": (
        [Paused(PauseReason.HIDDEN), Connecting()],
        {"connection_status": "connecting"},
    ),
    "paused, then without a channel": ([Paused(PauseReason.HIDDEN), Idle()], {}),
    "a message, and a run that publishes is running": (
        [Received(A)],
        {"by_topic": {"t": A}, "all": [A], "last": A, "delta": [A], "run_status": "running"},
    ),
    "messages of two topics": (
        [Received(A), Received(B), Received(C)],
        {
            "by_topic": {"t": C, "u": B},
            "all": [A, B, C],
            "last": C,
            "delta": [C],
            "run_status": "running",
        },
    ),
    "a message that waits is seen by its topic only": (
        [Received(A, pending=True)],
        {"by_topic": {"t": A}, "run_status": "running"},
    ),
    "messages that waited arrive together": (
        [Received(A, pending=True), Received(B, pending=True), Delivered((A, B))],
        {
            "by_topic": {"t": A, "u": B},
            "all": [A, B],
            "last": B,
            "delta": [A, B],
            "run_status": "running",
        },
    ),
    "an empty delivery leaves the last one to be seen": (
        [Delivered((A, B)), Delivered(())],
        {"all": [A, B], "last": B, "delta": [A, B]},
    ),
    "a limit of one": (
        [Limited(1), Received(A), Received(B)],
        {
            "by_topic": {"t": A, "u": B},
            "all": [B],
            "last": B,
            "delta": [B],
            "run_status": "running",
        },
    ),
    "a limit of nothing": (
        [Limited(0), Received(A)],
        {"by_topic": {"t": A}, "last": A, "delta": [A], "run_status": "running"},
    ),
    "a lowered limit trims at once": (
        [Delivered((A, B, C)), Limited(2)],
        {"all": [B, C], "last": C, "delta": [A, B, C]},
    ),
    "a run that says so is running": (
        [RunChanged(RunStatus.RUNNING)],
        {"run_status": "running"},
    ),
    "words about a run that we do not know": ([RunChanged(None, data={"status": "queued"})], {}),
    "a result of a completed run": (
        [RunChanged(RunStatus.COMPLETED, {"x": 1})],
        {"run_status": "completed", "result": {"x": 1}},
    ),
    "a result alone": ([RunChanged(result=5)], {"result": 5}),
    "a status without a result keeps the result": (
        [RunChanged(result=5), RunChanged(RunStatus.FAILED)],
        {"run_status": "failed", "result": 5},
    ),
    "a result of None replaces one": (
        [RunChanged(result=5), RunChanged(RunStatus.COMPLETED, None)],
        {"run_status": "completed"},
    ),
    "a status may go back": (
        [RunChanged(RunStatus.COMPLETED), RunChanged(RunStatus.RUNNING)],
        {"run_status": "running"},
    ),
    "a message after the end changes no status": (
        [RunChanged(RunStatus.COMPLETED), StreamOpened("s", "ch", "t"), StepChanged("$step", 1)],
        {"run_status": "completed"},
    ),
    "a datastream is evidence of a run": (
        [StreamOpened("s", "ch", "t"), Chunk("s", "t", "x"), StreamClosed("s", "t")],
        {"run_status": "running"},
    ),
    "that a stream can be read says nothing about the run": (
        [StreamOpened("s", "ch", "t", resumes=True)],
        {},
    ),
    "a step is evidence of a run": ([StepChanged("$step", {})], {"run_status": "running"}),
    "the connection says nothing about the run": (
        [RunChanged(RunStatus.COMPLETED), Closed(), Connecting(), Opened()],
        {"connection_status": "open", "run_status": "completed"},
    ),
    "messages outlive the connection": (
        [Opened(), Received(A), Closed(LOST), Connecting(), Opened()],
        {
            "connection_status": "open",
            "by_topic": {"t": A},
            "all": [A],
            "last": A,
            "delta": [A],
            "run_status": "running",
        },
    ),
    "a reset forgets all but the connection": (
        [Opened(), Received(A), RunChanged(RunStatus.FAILED, 5), Closed(LOST), Reset()],
        {"connection_status": "closed"},
    ),
    "a reset does not end a pause": (
        [Paused(PauseReason.HIDDEN), Received(A), Reset()],
        {"connection_status": "paused", "pause_reason": "hidden"},
    ),
}


@pytest.mark.parametrize(("updates", "seen"), STORIES.values(), ids=STORIES.keys())
def test_what_happened_is_seen(updates: list[Update], seen: dict[str, Any]):
    state = fold(*updates)
    assert shows(state) == seen
    assert state.is_paused == (seen.get("connection_status") == "paused")


def test_a_reset_keeps_the_history_limit():
    assert fold(Limited(7), Received(A), Reset()).messages.all.limit == 7
    assert fold(Limited(None), Received(A), Reset()).messages.all.limit is None


def test_an_earlier_state_never_changes():
    before = fold(Received(A), RunChanged(result=5))
    seen = shows(before)
    fold(Received(B), Limited(1), Received(C), Reset(), Failed(LOST), state=before)
    assert shows(before) == seen


# ── nothing changes ───────────────────────────────────────────────────────────────────────────

ERRORS = [LOST, REFUSED]
TOPIC = st.sampled_from("tu")
MESSAGE = st.builds(Message, st.just("ch"), TOPIC, st.integers(0, 3))
BY_KIND: dict[type[Update], st.SearchStrategy[Any]] = {
    Idle: st.just(Idle()),
    Connecting: st.just(Connecting()),
    Opened: st.builds(Opened, st.booleans()),
    Closed: st.builds(Closed, st.sampled_from([None, *ERRORS])),
    Failed: st.builds(Failed, st.sampled_from(ERRORS)),
    Retrying: st.just(Retrying(1, 0.25, LOST)),
    Paused: st.builds(Paused, st.sampled_from(PauseReason)),
    Gap: st.just(Gap("lost", NOW, NOW)),
    Draining: st.just(Draining()),
    Received: st.builds(Received, MESSAGE, st.booleans()),
    Delivered: st.builds(Delivered, st.lists(MESSAGE, max_size=3).map(tuple)),
    StreamOpened: st.builds(StreamOpened, st.just("s"), st.just("ch"), TOPIC),
    Chunk: st.builds(Chunk, st.just("s"), TOPIC, st.text(max_size=3)),
    StreamClosed: st.builds(StreamClosed, st.just("s"), TOPIC),
    StreamControl: st.builds(StreamControl, st.just("s"), TOPIC, st.just("turn-complete")),
    StreamFailed: st.builds(StreamFailed, st.just("s"), TOPIC, st.just(ConnectionLost())),
    RunChanged: st.builds(
        RunChanged,
        st.none() | st.sampled_from(RunStatus),
        st.sampled_from([ABSENT, None, 5, {"x": 1}]),
    ),
    StepChanged: st.builds(StepChanged, TOPIC, st.integers()),
    RowChanged: st.builds(RowChanged, st.just("k"), st.integers()),
    RowDeleted: st.builds(RowDeleted, st.just("k"), st.integers()),
    CaughtUp: st.builds(CaughtUp, st.integers(0, 3)),
    Restarted: st.just(Restarted()),
    Reset: st.just(Reset()),
    Limited: st.builds(Limited, st.sampled_from([None, 0, 1, 5])),
    Raw: st.just(Raw(b"x")),
    Invalid: st.just(Invalid("why")),
    Unrecognised: st.just(Unrecognised("why", "text")),
}
UPDATE = st.one_of(*BY_KIND.values())
UNSEEN = (
    Retrying
    | Gap
    | Draining
    | StreamClosed
    | StreamControl
    | StreamFailed
    | Raw
    | Invalid
    | Unrecognised
)
UNSEEN |= RowChanged | RowDeleted | CaughtUp | Restarted
ADDS = Received | Delivered  # the same message twice is two messages


def test_the_strategies_below_know_every_kind_of_update():
    assert set(BY_KIND) == set(get_args(Update))


@settings(max_examples=200)
@given(st.lists(UPDATE, max_size=12), UPDATE)
def test_any_update_folds_into_any_state(updates: list[Update], update: Update):
    before = fold(*updates)
    after = reduce_state(before, update)
    assert isinstance(after, RealtimeState)
    # The very same state, exactly where there is nothing new.
    limit, limit_before = after.messages.all.limit, before.messages.all.limit
    if not isinstance(update, ADDS):
        assert (after is before) == (after == before and limit == limit_before)
        assert reduce_state(after, update) is after
    if isinstance(update, UNSEEN):
        assert after is before
    # Views that go together.
    messages = after.messages
    assert after.is_paused == (after.connection_status is ConnectionStatus.PAUSED)
    assert messages.last == (messages.delta[-1] if messages.delta else None)
    assert limit is None or len(messages.all) <= limit
    assert all(messages.by_topic[topic].topic == topic for topic in messages.by_topic)


@given(st.lists(UPDATE, max_size=12), st.lists(UPDATE, max_size=5))
def test_after_a_reset_it_is_as_if_nothing_had_been_before(
    before: list[Update], after: list[Update]
):
    connection = Idle | Connecting | Opened | Closed | Failed | Paused | Limited
    kept = [update for update in before if isinstance(update, connection)]
    assert fold(*before, Reset(), *after) == fold(*kept, Reset(), *after)


# ── the last message of each topic ────────────────────────────────────────────────────────────


def test_the_last_message_is_asked_by_topic_or_by_its_name():
    topic, other = Topic(int, name="t"), Topic(int, name="v")
    by_topic = ByTopic().updated(A).updated(B)
    assert by_topic[topic] is by_topic["t"] is A
    assert by_topic.get(topic) is by_topic.get("t") is A
    assert by_topic.get(other) is by_topic.get("v") is None
    assert by_topic.get("v", "default") == "default"
    known: list[Any] = [topic, "t"]
    unknown: list[Any] = [other, "v", 5]
    assert all(each in by_topic for each in known)
    assert not any(each in by_topic for each in unknown)
    with pytest.raises(KeyError):
        by_topic[other]
    assert list(by_topic) == ["t", "u"]
    assert by_topic == {"t": A, "u": B}
    assert by_topic != ByTopic()
    assert repr(ByTopic({"t": A})) == f"ByTopic({{'t': {A!r}}})"


# ── values ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))],  # noqa: S301  # our bytes
    ids=["copied", "pickled"],
)
def test_nothing_said_stays_nothing_said_in_a_copy(copied: Any):
    assert copied(RunChanged()).result is ABSENT
    assert repr(copied(ABSENT)) == "ABSENT"


def test_messages_can_be_given_to_begin_with():
    messages = Messages(all=History([A], limit=1), last=A, delta=(A,))
    assert shows(RealtimeState(messages=messages)) == {"all": [A], "last": A, "delta": [A]}


def test_a_run_change_knows_whether_it_is_the_last():
    assert not RunChanged().is_terminal
    assert not RunChanged(RunStatus.RUNNING).is_terminal
    assert RunChanged(RunStatus.FAILED).is_terminal


def test_generic_values_take_type_arguments_and_stay_frozen() -> None:
    message = Message[int]("c", "t", 1)
    assert message == Message("c", "t", 1)
    with pytest.raises(AttributeError):
        message.data = 2  # type: ignore[misc]
    assert RealtimeState[int]() == RealtimeState()
