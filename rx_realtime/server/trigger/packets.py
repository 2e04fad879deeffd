"""The object store: payloads and outputs that are too large for a row."""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from hashlib import sha256
from typing import Literal

from ...wire.trigger.encode_packets import STORE, Packet
from .limits import TriggerLimits

__all__ = ["PacketStore"]

Verb = Literal["GET", "PUT"]


class PacketStore:
    """Packets by their paths, as many as a limit allows; the oldest make room.

    Who has a URL that was signed for it may use it, and needs no token.
    """

    def __init__(self, limits: TriggerLimits) -> None:
        self._limits = limits
        self._packets: OrderedDict[str, Packet] = OrderedDict()
        self._bytes = 0
        self._secret = secrets.token_bytes()

    def put(self, path: str, packet: Packet) -> None:
        """Keep a packet; one that was there before is replaced."""
        self._bytes -= len(self._packets.pop(path, Packet(None)).data or "")
        self._packets[path] = packet
        self._bytes += len(packet.data or "")
        while self._bytes > self._limits.max_stored:
            _, oldest = self._packets.popitem(last=False)
            self._bytes -= len(oldest.data or "")

    def get(self, path: str) -> Packet | None:
        """Return a packet."""
        return self._packets.get(path)

    def stored(self, path: str, packet: Packet) -> Packet:
        """Return a packet for a row: itself, or where it is if it is too large for one."""
        if packet.data is None or len(packet.data) <= self._limits.max_inline:
            return packet
        self.put(path, packet)
        return Packet(path, STORE)

    def fetched(self, packet: Packet) -> Packet:
        """Return what a packet of a row stands for."""
        if packet.type != STORE or packet.data is None:
            return packet
        return self.get(packet.data) or Packet(None)

    def sign(self, verb: Verb, path: str) -> str:
        """Return what allows to read or to write a path."""
        return hmac.new(self._secret, f"{verb} {path}".encode(), sha256).hexdigest()

    def allows(self, verb: Verb, path: str, signature: str) -> bool:
        """Whether this was signed here."""
        return hmac.compare_digest(self.sign(verb, path).encode(), signature.encode())
