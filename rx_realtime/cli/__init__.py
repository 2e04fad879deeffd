"""The command line: `rx-realtime demo`, `serve`, `watch`, `publish`, `send`, `trigger` and more."""

from __future__ import annotations

import sys

__all__ = ["main"]

_EXTRA = ("click", "rich")
_UNAVAILABLE = 69


def main() -> int:
    """Run the command that the process was started with; return its exit code."""
    try:
        # Only here is it known whether the extra is installed.
        from .app import run  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in _EXTRA:
            raise
        sys.stderr.write('rx-realtime: its command line needs: pip install "rx-realtime[cli]"\n')
        return _UNAVAILABLE
    return run(sys.argv[1:])
