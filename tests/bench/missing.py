"""What is not installed here, in words for a reader of the report."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["missing"]

_MODULES: Final = Path(__file__).parent.parent / "interop" / "node_modules"


def missing(needs: Iterable[str]) -> str | None:
    """Return why something that needs these cannot run here, or None."""
    return next(filter(None, map(_why, sorted(needs))), None)


@cache
def _why(needed: str) -> str | None:
    if needed == "node":
        return _no_node()
    modules = ("picows", "aiohappyeyeballs") if needed == "fast" else (needed,)
    if all(importlib.util.find_spec(module) for module in modules):
        return None
    return f"{modules[0]} is not installed; `pip install -e '.[bench]'` does it"


def _no_node() -> str | None:
    if shutil.which("node") is None:
        return "Node is not on the PATH"
    script = "process.stdout.write(JSON.stringify(process.versions.node.split('.').map(Number)))"
    version = json.loads(subprocess.check_output(["node", "-e", script]))
    # From 20.10 on there is a flag for the WebSocket that the SDK needs.
    if version < [20, 10]:
        return "Node is older than 20.10"
    if not (_MODULES / "inngest" / "package.json").exists():
        return "the npm SDKs are not installed; `npm ci` in tests/interop does it"
    return None
