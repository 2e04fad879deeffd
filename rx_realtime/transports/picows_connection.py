"""A websocket connection whose frames `picows` reads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from typing import Any, cast

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport
from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.extensions import Extension
from websockets.frames import Close, Frame, Opcode

from ..errors import RealtimeError
from .connection import KEEPALIVE, why
from .inbox import Inbox
from .keepalive import Keepalive
from .portions import Portions
from .settings import Settings

__all__ = ["PicowsConnection"]

_TEXT = WSMsgType.TEXT  # it is looked up for every frame


class PicowsConnection(WSListener):
    """What picows leaves to its user: messages in several frames, compression, pings, the end.

    It refuses frames that are too large, or none at all.

    Args:
        settings: times and limits.
        extensions: what was agreed on, such as compression.
    """

    __slots__ = (
        "_append", "_begun", "_extensions", "_inbox", "_is_begun", "_is_over", "_is_plain",
        "_keepalive", "_objection", "_settings", "_theirs", "_transport",
    )  # fmt: skip

    def __init__(self, settings: Settings, extensions: Sequence[Extension]) -> None:
        self._settings = settings
        self._extensions = extensions
        self._begun = bytearray()  # what there is of a message that comes in several frames
        self._is_begun = False
        self._is_plain = not extensions  # and nothing has begun
        self._is_over = False  # what comes now is no message
        self._theirs: Close | None = None
        self._objection: Close | None = None  # what we found that picows let through

    def messages(self) -> Awaitable[list[bytes]]:
        """Take what has come; see `Connection`."""
        return self._inbox.take()

    async def close(self) -> None:
        """Say goodbye; see `Connection`."""
        self._is_over = True
        self._transport.send_close(WSCloseCode.OK)
        self._inbox.drop()
        loop = asyncio.get_running_loop()
        deadline = loop.call_later(self._settings.close_timeout, self.abort)
        try:
            with suppress(Exception):  # `messages` says why it ended
                await self._transport.wait_disconnected()
        finally:
            deadline.cancel()

    def abort(self) -> None:
        """End it at once."""
        self._transport.disconnect(graceful=False)

    # ── what picows calls ─────────────────────────────────────────────────────────────────────

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Begin."""
        self._transport = transport
        socket = transport.underlying_transport
        socket.set_protocol(Portions(cast(asyncio.BufferedProtocol, socket.get_protocol())))
        self._inbox = Inbox(socket, self._why)
        self._append = self._inbox.append
        self._keepalive = Keepalive(self._settings, transport.send_ping, self._stalled)
        self._keepalive.rest()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take in a frame; most are a message each."""
        kind = frame.msg_type
        if (
            kind is _TEXT
            and frame.fin
            and self._is_plain
            and not (frame.rsv1 or frame.rsv2 or frame.rsv3 or transport.is_close_frame_sent)
        ):
            append = self._append
            append(frame.get_payload_as_bytes())
        else:
            self._take(kind, frame)
        if frame.last_in_buffer:
            self._inbox.wake()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Wake who waits, for the last time."""
        self._keepalive.stop()
        self._inbox.end()

    def pause_writing(self) -> None:
        """Nothing waits for that: pings and pongs are all that is written."""

    def resume_writing(self) -> None:
        """Nothing waits for that."""

    # ── frames of other sorts ─────────────────────────────────────────────────────────────────

    def _take(self, kind: WSMsgType, frame: WSFrame) -> None:
        try:
            if kind is WSMsgType.CLOSE:
                self._closed(frame)
            elif kind is WSMsgType.PONG:
                self._keepalive.rest()
            elif kind is WSMsgType.PING:
                self._transport.send_pong(frame.get_payload_as_bytes())
            elif not self._is_over:
                # picows reads ahead: where the next frame breaks it off, this one came before.
                self._is_over = self._transport.is_close_frame_sent
                self._continue(frame)
        except PayloadTooBig as error:
            self._fail(WSCloseCode.MESSAGE_TOO_BIG, error)
        except ProtocolError as error:
            self._fail(WSCloseCode.PROTOCOL_ERROR, error)

    def _continue(self, frame: WSFrame) -> None:
        self._begun += self._checked(frame)
        self._is_begun = not frame.fin
        self._is_plain = frame.fin and not self._extensions
        if frame.fin:
            self._append(bytes(self._begun))
            self._begun.clear()

    def _checked(self, frame: WSFrame) -> bytes:
        """Return what a frame says, once it is sure that it may say it, and so much."""
        if (frame.msg_type is WSMsgType.CONTINUATION) != self._is_begun:
            raise ProtocolError("a message begins in another one, or goes on without one")
        left = self._settings.max_size - len(self._begun)
        if frame.payload_size > left:
            raise PayloadTooBig(frame.payload_size, left)
        plain = Frame(
            Opcode(frame.msg_type.value),
            frame.get_payload_as_bytes(),
            frame.fin,
            frame.rsv1,
            frame.rsv2,
            frame.rsv3,
        )
        for extension in reversed(self._extensions):
            plain = extension.decode(plain, max_size=left)
        plain.check()
        return bytes(plain.data)

    # ── the end ───────────────────────────────────────────────────────────────────────────────

    def _closed(self, frame: WSFrame) -> None:
        self._theirs = Close.parse(frame.get_payload_as_bytes())
        self._is_over = True
        self._transport.send_close(WSCloseCode.OK)
        self._transport.disconnect()

    def _stalled(self) -> None:
        self._transport.send_close(WSCloseCode.INTERNAL_ERROR, KEEPALIVE)
        self.abort()

    def _fail(self, code: WSCloseCode, error: Exception) -> None:
        self._is_over = True
        self._objection = Close(code.value, str(error))
        self._transport.send_close(code, str(error))
        self._transport.disconnect()

    def _why(self) -> RealtimeError:
        return why(self._ours(), self._theirs, self._settings)

    def _ours(self) -> Close | None:
        """Return the close frame that we sent, unless it answered theirs."""
        handshake = cast(Any, self._transport.close_handshake)  # None where nobody said anything
        if handshake is None or handshake.sent is None or handshake.recv_then_sent:
            return self._objection
        return Close(handshake.sent.code.value, handshake.sent.reason)
