"""The pytest plugin: every case of every `.marble` file is a test.

Nothing needs to be switched on: pytest finds this module through its entry point, a file named
`progress.marble` is collected where test files are, and each of its cases is an item with its
title. `% values: pictures.py` in the file names what its letters and calls mean.

Fixtures, for tests against servers:

- `rx_dev_server`: a dev server in a thread of its own; needs the extra `server`.
- `rx_fault_proxy`: a bad network before it, to be started with `async with`.

What a test does not use is not imported.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..diagram import Case, Sheet
    from ..server import DevServer
    from .faults import FaultProxy

__all__ = [
    "MarbleCase",
    "MarbleFile",
    "pytest_collect_file",
    "rx_dev_server",
    "rx_fault_proxy",
]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> MarbleFile | None:
    """Collect `.marble` files."""
    if file_path.suffix != ".marble":
        return None
    # pytest leaves keywords untyped.
    return MarbleFile.from_parent(parent, path=file_path)  # pyright: ignore[reportUnknownMemberType]


class MarbleFile(pytest.File):
    """A file of diagrams."""

    def collect(self) -> Iterator[MarbleCase]:
        """Read the file; what it may not say is an error of the collection, pointed at."""
        from ..diagram import DiagramError, parse  # noqa: PLC0415  (see above)

        try:
            sheet = parse(self.path.read_text("utf-8"), file=_shown(self.path, self.config))
        except DiagramError as error:
            raise self.CollectError(str(error)) from None
        for case in sheet:
            item = MarbleCase.from_parent(  # pyright: ignore[reportUnknownMemberType]  # as above
                self, name=case.title, sheet=sheet, case=case
            )
            yield item


class MarbleCase(pytest.Item):
    """One case: passes if what happens is what is drawn."""

    def __init__(self, *, sheet: Sheet, case: Case, **rest: Any) -> None:
        super().__init__(**rest)  # pyright: ignore[reportUnknownMemberType]  # as above
        self.sheet = sheet
        self.case = case

    def runtest(self) -> None:
        """Perform the case."""
        from .stage import check  # noqa: PLC0415
        from .values import load_values  # noqa: PLC0415

        check(self.sheet, self.case, load_values(self.sheet, self.path.parent))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the picture, and none of our code."""
        from ..diagram import DiagramError  # noqa: PLC0415
        from .stage import Differs  # noqa: PLC0415

        if isinstance(excinfo.value, Differs | DiagramError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the case is drawn, and its title."""
        return self.path, self.case.place.line - 1, self.name


def _shown(path: Path, config: pytest.Config) -> str:
    root = config.rootpath
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


@pytest.fixture
def rx_dev_server() -> Iterator[DevServer]:
    """A dev server in a thread of its own; `rx_dev_server.call(…)` does things there."""
    from ..server import DevServer  # noqa: PLC0415

    with DevServer() as server:
        yield server


@pytest.fixture
def rx_fault_proxy(rx_dev_server: DevServer) -> FaultProxy:
    """A bad network before the dev server: `async with rx_fault_proxy as proxy:`."""
    from .faults import FaultProxy  # noqa: PLC0415

    return FaultProxy(rx_dev_server.url)
