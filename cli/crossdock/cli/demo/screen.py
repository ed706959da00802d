"""What the audience sees: chapters, commands, progress, tables.

Invariant: at a terminal one place moves and nothing flickers; anywhere else there are plain lines, so a log
of the demo reads like its screen. No line is wider than the console.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from crossdock.cli.output import printable

_WIDTH_MAX: Final = 110
_INDENT: Final = 2
_LINE_SECONDS: Final = 2.0
"""Between two plain lines of progress."""

Progress = Callable[[], tuple[float, str, list[tuple[str, str]]]]
"""How much is done (0 to 1), the time of day in the play, and figures by name."""


class Screen:
    """Writes to one console.

    Args:
        console: where to; a quiet one for `--json`.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self.width = min(console.width, _WIDTH_MAX)

    @property
    def moves(self) -> bool:
        """Whether something can move: a terminal that shows it."""
        return self.console.is_terminal and not self.console.quiet

    @property
    def room(self) -> int:
        """Columns for what is indented."""
        return self.width - _INDENT

    def title(self, text: str, details: str) -> None:
        """The first line."""
        self.blank()
        self._print(Text(text, "bold").append(f"  {details}", "dim"))

    def chapter(self, text: str, details: str = "") -> None:
        """Heading of a part, with a few words about it."""
        self.blank()
        head = Text(text, "bold cyan")
        self._print(head.append(f"  {details}", "dim") if details else head)

    def blank(self) -> None:
        """An empty line."""
        self._print(Text())

    def line(self, text: str | Text, style: str = "", indent: int = _INDENT) -> None:
        """One indented paragraph."""
        content = Text(printable(text), style) if isinstance(text, str) else text
        self.hanging(Text(" " * indent), content)

    def hanging(self, prefix: Text, content: Text) -> None:
        """A paragraph whose further lines stand below its first one, right of the prefix."""
        for place, one in enumerate(content.wrap(self.console, max(20, self.width - len(prefix)))):
            one.rstrip()
            self._print((prefix if place == 0 else Text(" " * len(prefix))) + one)

    def terms(self, prefix: Text, terms: Sequence[str]) -> None:
        """Terms one after the other, broken into lines only between two of them."""
        room = self.width - len(prefix)
        lines = [""]
        for term in terms:
            longer = f"{lines[-1]} {term}".strip()
            lines = [*lines[:-1], longer] if len(longer) <= room else [*lines, term]
        for place, one in enumerate(lines):
            self._print((prefix if place == 0 else Text(" " * len(prefix))) + Text(one))

    def clipped(self, prefix: Text, content: Text) -> None:
        """One line, cut with an ellipsis where it is too long."""
        line = prefix + content
        line.truncate(self.width, overflow="ellipsis")
        self._print(line)

    def table(self, table: Table) -> None:
        """A table, indented."""
        self._print(Padding(table, (0, 0, 0, _INDENT), expand=False))

    def done(self, text: str, seconds: float | None = None) -> None:
        """A step that is done."""
        said = Text(printable(text))
        self.hanging(
            Text("  ✓ ", "green"), said if seconds is None else said.append(f"  {seconds:.1f} s", "dim")
        )

    def check(self, claim: str, *, holds: bool, detail: str = "") -> None:
        """A claim and whether it holds; the detail only where it does not."""
        prefix = Text("  ✓ ", "green") if holds else Text("  ✗ ", "bold red")
        self.hanging(prefix, Text(printable(claim)))
        if detail and not holds:
            self.line(printable(detail), "red", indent=4)

    def command(self, line: str) -> None:
        """A command that is being run."""
        self.hanging(Text("  $ ", "dim"), Text(printable(line), "bold"))

    @contextmanager
    def waiting(self, text: str, *, is_long: bool = False) -> Iterator[Callable[[str], None]]:
        """Something that takes a moment; gives a function that says what it is at.

        Args:
            is_long: say it also where nothing moves.
        """
        if not self.moves:
            if is_long:
                self.line(f"{text} …", "dim")
            yield lambda detail: None
            return
        with self.console.status(text, spinner="dots") as status:
            yield lambda detail: status.update(f"{text}  [dim]{printable(detail)}[/dim]")

    @contextmanager
    def progress(self, look: Progress) -> Iterator[Callable[[], None]]:
        """Progress of the play; gives a function to call now and then."""
        if self.console.quiet:
            yield lambda: None
        elif self.moves:
            with Live(
                get_renderable=lambda: self._moving(look),
                console=self.console,
                refresh_per_second=8,
                transient=True,
            ):
                yield lambda: None
        else:
            yield _Lines(self, look).tick

    def _moving(self, look: Progress) -> RenderableType:
        share, clock, figures = look()
        grid = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=1.0, completed=share, width=self.room - 14)
        grid.add_row(Text(f"  {clock}", "bold"), bar, Text(f"{share:>4.0%}", "dim"))
        said = Text("  ")
        for name, figure in figures:
            said.append(figure, "bold").append(f" {name}   ", "dim")
        said.truncate(self.width)
        return Group(grid, said)

    def plain(self, look: Progress) -> None:
        """One line of progress, with as many figures as there is room for."""
        share, clock, figures = look()
        line = f"  {clock} {share:>4.0%} "
        for place, (name, figure) in enumerate(figures):
            longer = f"{line}{' ·' if place else ''} {figure} {name}"
            line = longer if len(longer) <= self.width else line
        self._print(Text(line))

    def _print(self, content: RenderableType) -> None:
        self.console.print(content, width=self.width, highlight=False, soft_wrap=False)


class _Lines:
    """Prints a plain line of progress every two seconds."""

    def __init__(self, screen: Screen, look: Progress) -> None:
        self._screen = screen
        self._look = look
        self._due = time.monotonic() + _LINE_SECONDS

    def tick(self) -> None:
        """Print a line if one is due."""
        if time.monotonic() >= self._due:
            self._due += _LINE_SECONDS
            self._screen.plain(self._look)
