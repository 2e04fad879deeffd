"""What a picture is made of: elements as text, colours for light and dark, and how wide words are.

Elements are written by hand, one on a line: the same picture is the same text on every machine,
and what changed in a picture can be read in its diff.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["COLOURS", "STYLE", "fitted", "number", "safe", "tag", "width_of"]

#: Marbles: light enough for dark letters, which read on any background.
COLOURS: Final = (
    *("#8ecae6", "#ffc857", "#95d09b", "#f7a491", "#cbb2e6", "#7fdcc8", "#f3a5c4", "#d8b98a"),
    *("#a9bdf5", "#c9d96a"),
)

_SANS: Final = 'system-ui,-apple-system,"Segoe UI",Helvetica,Arial,"DejaVu Sans",sans-serif'
_MONO: Final = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace'

# The card brings its own background, so that no text is ever on one that it cannot be read on,
# whatever page the picture is on and whether or not its viewer knows of dark.
STYLE: Final = "".join(
    (
        f"text{{font:13px {_MONO};fill:#1f2328}}",
        f".head{{font:600 20px {_SANS}}}.title{{font:600 15px {_SANS}}}",
        f".prose{{font:13px {_SANS};fill:#59636e}}",
        ".dim{fill:#59636e}.card{fill:#fff;stroke:#d1d9e0}.box{fill:#f6f8fa;stroke:#818b98}",
        ".line,.end{stroke:#1f2328;fill:none;stroke-width:1.5}.end{stroke-width:3}",
        ".tip{fill:#1f2328}.tick{stroke:#818b98;stroke-width:1;fill:none}",
        ".rule{stroke:#d1d9e0;stroke-dasharray:2 4;fill:none}",
        ".past{stroke:#818b98;stroke-dasharray:4 3;fill:none;stroke-width:1.5}",
        ".start{fill:#fff;stroke:#1f2328;stroke-width:1.5}",
        ".window{stroke:#0969da;fill:none;stroke-width:2}.opens{fill:#0969da}",
        ".cross{stroke:#cf222e;stroke-width:3;fill:none;stroke-linecap:round}",
        ".leaves{fill:#fff;stroke:#8250df;stroke-width:2}.away{stroke:#8250df;stroke-width:2}",
        ".leaves+text{fill:#8250df;font-weight:700}",
        ".marble{stroke:#1b1f24;stroke-opacity:.55}.marble+text{fill:#1b1f24;font-weight:600}",
        ".note{font-size:12px}.gap{fill:#fff}.mid{text-anchor:middle}.small{font-size:11px}.tiny{font-size:9px}.end-at{text-anchor:end}",
        *(f".c{index}{{fill:{colour}}}" for index, colour in enumerate(COLOURS)),
        "@media(prefers-color-scheme:dark){",
        "text{fill:#e6edf3}.prose,.dim{fill:#9198a1}.card{fill:#0d1117;stroke:#3d444d}",
        ".box{fill:#151b23;stroke:#656c76}.line,.end,.start{stroke:#e6edf3}.tip{fill:#e6edf3}",
        ".tick,.past{stroke:#656c76}.rule{stroke:#3d444d}.start,.leaves{fill:#0d1117}",
        ".gap{fill:#0d1117}.window{stroke:#4493f8}.opens{fill:#4493f8}.cross{stroke:#f85149}",
        ".leaves,.away{stroke:#ab7df8}.leaves+text{fill:#ab7df8}",
        "}",
    )
)

#: What XML cannot say, not even escaped.
_UNSAYABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def tag(name: str, *content: str, **attributes: str | float) -> str:
    """Return an element; `content` is elements, or text that is safe.

    An attribute's `_` is a hyphen, and one at its end is left out: `class_`.
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
    )
    if not content:
        return f"<{name}{said}/>"
    return f"<{name}{said}>{''.join(content)}</{name}>"


def _value(value: str | float) -> str:
    return safe(value) if isinstance(value, str) else number(value)


def number(value: float) -> str:
    """Write a coordinate without needless digits."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def safe(text: str) -> str:
    """Return text as XML says it; what it cannot say becomes a replacement character."""
    return _UNSAYABLE.sub("\N{REPLACEMENT CHARACTER}", text).translate(_ESCAPES)


def fitted(text: str, length: int) -> str:
    """Return the text, or its beginning if it is longer."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def width_of(text: str, *, size: float = 13) -> float:
    """Return how wide a fixed-width text is at most, in pixels."""
    wide = sum(ord(letter) >= 0x1100 for letter in text)  # these may take two cells
    return (len(text) + wide) * size * 0.62
