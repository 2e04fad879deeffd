"""Tokens, connecting and reconnecting: what `useRealtime` does, and what we do better.

The numbers are those of inngest.md beside this file.
"""

from __future__ import annotations

from typing import Any

import pytest
import reactivex as rx
from tenacity import wait_exponential_jitter

import rx_realtime as rxr
from rx_realtime.models import Closed, Draining, Failed, Gap, Received, Retrying
from rx_realtime.operators import backoff
from rx_realtime.operators.backoff import delay_of
from tests.virtual import CHANNEL, TOPICS, World, frame, opened, run_frame, without_repeats

CLOUD = "wss://api.inngest.com/v1/realtime/connect"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("INNGEST_DEV", "INNGEST_BASE_URL", "INNGEST_API_BASE_URL", "INNGEST_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_a_factory_that_returns_a_string_dials_the_cloud_with_that_key() -> None:
    """Case 1."""
    world = World()
    world.realtime(token=lambda: "the-key", api_base_url=None)
    request = world.socket.request
    assert request.url == CLOUD
    assert request.token is not None
    assert request.token.get_secret_value() == "the-key"
    in_url = request.with_token_in_url()
    assert in_url is not None
    assert in_url.url == CLOUD + "?token=the-key"


@pytest.mark.parametrize(
    ("base", "dialled"),
    [
        ("http://h:1/", "ws://h:1/v1/realtime/connect"),
        ("https://h:1/", "wss://h:1/v1/realtime/connect"),
        ("https://h/prefix/", "wss://h/v1/realtime/connect"),
    ],
)
def test_a_token_that_names_its_server_is_taken_there(base: str, dialled: str) -> None:
    """Case 2."""
    world = World()
    world.realtime(token={"key": "key", "apiBaseUrl": base}, api_base_url=None)
    assert world.socket.request.url == dialled


def test_a_full_token_listens_to_its_own_channel_and_topics() -> None:
    """Case 3."""
    world = World()
    full = {"key": "key", "channel": "other:9", "topics": ["news"]}
    seen = world.realtime(token=full)
    world.socket.open().send(frame(1), frame(2, channel="other:9", topic="news"))
    assert seen.all == [2]


@pytest.mark.parametrize("token", [{"key": "k"}, "k", lambda: "k", lambda: {"key": "k"}])
def test_a_client_token_without_channel_and_topics_is_an_error_and_dials_nothing(
    token: Any,
) -> None:
    """Case 4."""
    world = World()
    rt = rxr.inngest.realtime(token=token, transport=world.transport, scheduler=world.clock)
    errors: list[Exception] = []
    rt.state.subscribe(on_error=errors.append)
    world.wait()
    assert world.sockets == []
    assert [type(error) for error in errors] == [rxr.TokenError]
    assert "channel" in str(errors[0])
    assert rt.current.connection_status == "error"


@pytest.mark.parametrize("nonsense", [None, {}, {"key": ""}, {"key": None}, 42, [], b"k", "", " "])
def test_a_factory_that_returns_no_key_is_a_typed_error_that_is_not_retried(nonsense: Any) -> None:
    """Case 5. Better: typed, and final."""
    world = World()
    seen = world.realtime(token=lambda: nonsense)
    assert isinstance(seen.error, rxr.TokenError)
    assert seen.now.error is seen.error
    world.wait(60)
    assert world.sockets == []
    assert seen.of(Retrying) == []


def test_the_option_for_the_server_wins_over_the_token() -> None:
    """Case 6."""
    world = World()
    world.realtime(
        token={"key": "k", "apiBaseUrl": "http://localhost:2/"}, api_base_url="http://localhost:1/"
    )
    assert world.socket.request.url == "ws://localhost:1/v1/realtime/connect"


def test_a_factory_is_asked_once_for_every_attempt() -> None:
    """Case 7."""
    world, _ = opened()
    for attempt in range(2, 5):
        world.socket.break_off()
        world.wait(6)
        assert world.asked == len(world.sockets) == attempt
        world.socket.open()
    keys = [socket.request.token.get_secret_value() for socket in world.sockets]  # type: ignore[union-attr]
    assert keys == ["key-1", "key-2", "key-3", "key-4"]


def test_a_refused_token_is_fetched_anew_once_before_anything_else() -> None:
    """Case 8."""
    world = World()
    seen = world.realtime()
    world.socket.break_off(rxr.NotAuthorized(401))
    world.wait()
    assert world.asked == 2
    world.socket.open()
    assert seen.now.connection_status == "open"
    assert seen.error is None


def test_a_token_that_stays_refused_is_a_final_error() -> None:
    """Case 8. Better: the hook tries a dead token forever."""
    world = World()
    seen = world.realtime(token="static")
    world.socket.break_off(rxr.NotAuthorized(401))
    world.wait()
    world.socket.break_off(rxr.NotAuthorized(401))
    world.wait(600)
    assert len(world.sockets) == 2
    assert isinstance(seen.error, rxr.NotAuthorized)
    assert seen.now.connection_status == "error"


def test_a_factory_that_never_answers_times_out_and_is_asked_again() -> None:
    """Case 9. Better: the hook stays connecting."""
    world = World()
    seen = world.realtime(token=rx.never)
    world.wait(9.9)
    assert seen.now.connection_status == "connecting"
    world.wait(0.2)
    assert seen.now.connection_status in ("error", "connecting")
    assert isinstance(seen.now.error, rxr.TokenFactoryError)
    assert "10 s" in str(seen.now.error)
    assert len(seen.of(Failed)) == 1


def test_opening_clears_the_error_and_says_nothing_about_the_run() -> None:
    """Case 10. We wait for evidence before we say that a run is running."""
    world = World()
    seen = world.realtime()
    world.socket.break_off(rxr.ConnectFailed("no route"))
    assert isinstance(seen.now.error, rxr.ConnectFailed)
    world.wait(1)
    world.socket.open()
    assert seen.now.connection_status == "open"
    assert seen.now.error is None
    assert seen.now.run_status == "unknown"
    world.socket.send(frame(1))
    assert seen.now.run_status == "running"


def test_a_server_that_accepts_and_drops_is_waited_for_ever_longer() -> None:
    """Case 11. Better: opening alone does not reset the waits."""
    world = World()
    seen = world.realtime(wait=[1, 2, 4, 8])
    for _ in range(4):
        world.socket.open().break_off()
        world.wait(10)
    assert [retry.wait for retry in seen.of(Retrying)] == [1, 2, 4, 8]


def test_a_message_or_ten_seconds_of_peace_make_the_next_wait_short_again() -> None:
    """Case 11."""
    world = World()
    seen = world.realtime(wait=[1, 2, 4, 8])
    for act in (lambda: None, lambda: world.socket.send(frame(1)), lambda: world.wait(10)):
        world.socket.open()
        act()
        world.socket.break_off()
        world.wait(9)
    assert [retry.wait for retry in seen.of(Retrying)] == [1, 1, 1]


@pytest.mark.parametrize("attempt", range(12))
def test_the_waits_of_the_hook_are_one_option_away(attempt: int) -> None:
    """Case 12, the hook's formula: min(max, min * 2**n + jitter), jitter in [0, min)."""
    hook = wait_exponential_jitter(multiplier=0.25, max=5.0, exp_base=2, jitter=0.25)
    delay = delay_of(attempt + 1, rxr.ConnectionLost(1006), hook)
    assert delay is not None
    assert min(5.0, 0.25 * 2**attempt) <= delay <= min(5.0, 0.25 * 2**attempt + 0.25)


@pytest.mark.parametrize("attempt", range(12))
def test_our_own_waits_keep_their_jitter_at_the_cap(attempt: int) -> None:
    """Case 12. Better: clients that were cut off together do not come back together."""
    delays = [delay_of(attempt + 1, rxr.ConnectionLost(1006), backoff()) or 0 for _ in range(200)]
    longest = min(5.0, 0.25 * 2**attempt)
    assert min(delays) >= (0.25 if attempt else 0.0)
    assert max(delays) <= longest
    if longest > 0.25:
        assert max(delays) - min(delays) > (longest - 0.25) / 2


def test_the_waits_begin_anew_after_a_pause_and_with_another_key() -> None:
    """Case 12."""
    enabled, key = rx.subject.BehaviorSubject(True), rx.subject.BehaviorSubject("a")
    world = World()
    seen = world.realtime(wait=[1, 2, 4], enabled=enabled, key=key)

    def fail() -> None:
        world.socket.break_off(rxr.ConnectFailed("x"))
        world.wait(5)

    fail()
    fail()
    enabled.on_next(False)
    enabled.on_next(True)
    world.wait()
    fail()
    fail()
    key.on_next("b")
    world.wait()
    fail()
    assert [retry.wait for retry in seen.of(Retrying)] == [1, 2, 1, 2, 1]


@pytest.mark.parametrize("opens", [True, False])
def test_without_reconnect_the_first_end_is_the_last(opens: bool) -> None:
    """Case 13."""
    world = World()
    seen = world.realtime(reconnect=False)
    if opens:
        world.socket.open()
    world.socket.break_off()
    world.wait(600)
    assert len(world.sockets) == 1
    assert seen.statuses[-1] == ("closed" if opens else "error")
    assert isinstance(seen.error, rxr.ConnectionLost)


def test_a_drop_goes_open_closed_connecting_open_and_keeps_the_messages() -> None:
    """Case 14."""
    world, seen = opened()
    world.socket.send(frame(1))
    world.socket.break_off()
    world.wait(1)
    world.socket.open().send(frame(2))
    assert seen.statuses == ["idle", "connecting", "open", "closed", "connecting", "open"]
    assert seen.all == [1, 2]


def test_a_close_without_a_close_frame_is_a_drop_whose_code_is_shown() -> None:
    """Case 15."""
    world, seen = opened()
    world.socket.break_off(rxr.ConnectionLost(1006))
    assert isinstance(seen.now.error, rxr.ConnectionLost)
    assert seen.now.error.code == 1006
    assert [closed.error.code for closed in seen.of(Closed)] == [1006]
    world.wait(1)
    assert len(world.sockets) == 2


def test_a_slow_old_factory_never_touches_the_connection_of_a_newer_key() -> None:
    """Case 16."""
    old: rx.Subject[Any] = rx.Subject()
    answers = [old, rx.just("new-key")]
    key = rx.subject.BehaviorSubject("a")
    world = World()
    seen = world.realtime(token=lambda: answers.pop(0), key=key)
    key.on_next("b")
    world.wait()
    world.socket.open()
    old.on_next("old-key")
    old.on_completed()
    world.wait(60)
    assert [socket.request.token.get_secret_value() for socket in world.sockets] == ["new-key"]  # type: ignore[union-attr]
    assert seen.now.connection_status == "open"
    assert seen.statuses == ["idle", "connecting", "open"]


def test_a_new_connection_begins_only_after_the_old_one_is_left() -> None:
    """Case 18, as far as it is decided here; the closing handshake is the transport's."""
    key = rx.subject.BehaviorSubject("a")
    world, _ = opened(key=key)
    key.on_next("b")
    world.wait()
    assert [socket.is_left for socket in world.sockets] == [True, False]


def test_a_closing_notice_opens_a_replacement_with_a_fresh_token_before_the_old_one_goes() -> None:
    """Case 19. Better: the hook ignores the notice and loses what comes between."""
    world, seen = opened()
    old = world.socket
    old.send(frame(1), frame("", kind="closing", topic=""))
    world.wait()
    new = world.socket
    assert new is not old
    assert world.asked == 2
    assert not old.is_left
    old.send(frame(2))
    new.open()
    both = frame(3, created_at="2026-11-21T08:00:00.5Z")
    old.send(both)
    new.send(both, frame(4))
    world.wait(1)
    assert old.is_left
    new.send(frame(5))
    assert seen.all == [1, 2, 3, 4, 5]
    assert seen.statuses == ["idle", "connecting", "open"]
    assert len(seen.of(Draining)) == 1
    assert seen.of(Gap) == []


def test_a_server_that_refuses_while_it_shuts_down_is_not_hit_at_the_shortest_wait() -> None:
    """Case 20."""
    world = World()
    seen = world.realtime()
    for _ in range(8):
        world.socket.open().break_off()
        world.wait(6)
    waits = [retry.wait for retry in seen.of(Retrying)]
    assert len(waits) == 8
    assert max(waits[4:]) > 0.5


def test_all_frames_of_a_burst_are_delivered_before_the_close_is_told() -> None:
    """Case 34."""
    world, seen = opened()
    world.socket.send(*map(frame, range(300)))
    world.socket.break_off()
    kinds = without_repeats([type(event) for event in seen.events])
    assert kinds[-3:] == [Received, Closed, Retrying]
    assert [event.message.data for event in seen.of(Received)] == list(range(300))


@pytest.mark.parametrize("word", ["completed", "failed", "cancelled"])
def test_the_end_of_the_run_closes_for_good_and_every_earlier_message_is_visible(
    word: str,
) -> None:
    """Case 37."""
    world, seen = opened()
    world.socket.send(*map(frame, range(3)), run_frame(status=word))
    assert world.socket.is_left
    assert seen.is_over
    assert seen.statuses[-1] == "closed"
    assert seen.now.run_status == word
    assert seen.all == [0, 1, 2]
    world.wait(600)
    assert len(world.sockets) == 1


def test_without_auto_close_the_connection_stays_and_the_run_may_run_again() -> None:
    """Case 38."""
    world, seen = opened(auto_close_on_terminal=False)
    world.socket.send(run_frame(status="completed"))
    assert not world.socket.is_left
    world.socket.send(run_frame(status="running"))
    assert seen.now.run_status == "running"


def test_run_messages_enter_no_view_of_the_messages() -> None:
    """Case 39."""
    world, seen = opened(auto_close_on_terminal=False)
    world.socket.send(run_frame(status="running"), frame("text", kind="run", topic="$run"))
    assert seen.all == []
    assert len(seen.now.messages.by_topic) == 0


def test_a_finished_run_stays_closed_when_the_page_is_hidden_and_shown_again() -> None:
    """Case 40. Better: the hook opens the connection again."""
    visible = rx.subject.BehaviorSubject(True)
    world, seen = opened(visible=visible)
    world.socket.send(run_frame(status="completed"))
    visible.on_next(False)
    visible.on_next(True)
    world.wait(60)
    assert len(world.sockets) == 1
    assert seen.now.connection_status == "closed"


def test_a_server_that_says_nothing_about_runs_leaves_the_run_running_and_the_connection_open() -> (
    None
):
    """Case 41."""
    world, seen = opened()
    world.socket.send(*map(frame, range(5)))
    world.wait(3600)
    assert seen.now.run_status == "running"
    assert seen.now.connection_status == "open"
    assert not seen.is_over


def test_the_channel_and_topics_of_the_harness_are_those_of_the_frames() -> None:
    world, seen = opened()
    world.socket.send(frame(1), frame(2, topic=TOPICS[1]), frame(3, channel=CHANNEL + "x"))
    assert seen.all == [1, 2]
