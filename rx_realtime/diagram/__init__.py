"""Marble diagrams: pictures of sequences in time, from text to values and back.

    % until_terminal            q = queued   r = running   c = completed

    case  the terminal status is delivered, then the sequence completes

      status  q-^-r--r--c--r-
                ^-------!
      > until_terminal()
      run       --r--r--(c|)

One column is one tick, across all lines of a case; the result's first column is tick 0.

- `%` prose. `% values: pictures.py` names the module that defines what legends name.
- `case` begins a behaviour, `>` is the call. Above it stand the lines that it works with, below it
  the results, one line for each subscriber, from where it comes to where it leaves.
- `-` a tick · a letter a value · `|` the end · `#` an error · `(ab|)` together, in the tick of the
  parenthesis, taking the columns it fills · `!` the subscriber leaves, before that tick's values.
- A cold line begins in the column where it must be subscribed; the n-th line of a name is the
  n-th subscription. What stands in its first column is delivered at once, while subscribing.
- A line with `^` is hot. `^` stands above tick 0: what is left of it happened before.
- `^---!` under a line: from when to when it must be subscribed; without `!`, to the end.
- ` 30s ` (or m, h) is 30 ticks in five columns, the same in every line that is drawn there.
- A legend `r = running` says what a letter means: a name, or a Python literal. It stands in prose,
  for a file or a case, or at the end of a line, for that line alone. `# = refused` says which
  error. Where there is no legend for letters, each stands for itself.

`parse` refuses everything else with a `DiagramError`, which points at it. `parse(draw(x)) == x`.
`svg` makes the picture for everybody else.
"""

from .drawing import Canvas, draw
from .parsing import parse
from .picture import (
    Call,
    Case,
    DiagramError,
    Legend,
    Line,
    Mark,
    Meaning,
    Place,
    Sheet,
    Window,
)
from .recording import Recording
from .svg import svg

__all__ = [
    "Call",
    "Canvas",
    "Case",
    "DiagramError",
    "Legend",
    "Line",
    "Mark",
    "Meaning",
    "Place",
    "Recording",
    "Sheet",
    "Window",
    "draw",
    "parse",
    "svg",
]
