"""The sender, a process of its own: it prints where it listens, and ends with who started it."""

from __future__ import annotations

import json
import resource
import socket
import sys
import threading

from .bodies import serve_bodies
from .sockets import serve_sockets


def main() -> None:
    """Serve until standard input ends."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    threading.Thread(target=serve_sockets, args=(listener,), daemon=True).start()
    urls = {
        "url": f"http://127.0.0.1:{listener.getsockname()[1]}",
        "http_url": serve_bodies(),
    }
    sys.stdout.write(json.dumps(urls) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
