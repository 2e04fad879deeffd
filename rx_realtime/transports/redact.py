"""Keep tokens out of logs: our libraries write headers and URLs at the level DEBUG or INFO."""

from __future__ import annotations

import logging
import re

__all__ = ["redacting"]

_SECRET = re.compile(
    r"""(?ix) ( \bauthorization: \s* (?:\w+\s+)? | \bbearer\s+ | [?&]token=
              | \b(?=eyJ|signkey-) )  # or what looks like a token or a key, wherever it stands
        [^\s&"']+"""
)


class _Redact(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if _SECRET.search(message):
            record.msg, record.args = _SECRET.sub(r"\1[redacted]", message), None
        return True


def redacting(name: str) -> logging.Logger:
    """Return the logger of that name; whatever it writes from now on shows no token."""
    logger = logging.getLogger(name)
    if not any(isinstance(each, _Redact) for each in logger.filters):
        logger.addFilter(_Redact())
    return logger
