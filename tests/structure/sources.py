"""The project's own files, for the rules that hold everywhere."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("webapp", "workers", "migrations", "tests", "bench")
WRITTEN = {".py", ".html", ".css", ".js", ".sh", ".sql", ".j2", ".jinja"}


@dataclass(frozen=True)
class Source:
    """One file: its path from the root, and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """Its syntax tree, if it is Python."""
        return ast.parse(self.text, self.path)


def _read(folder: str, kinds: set[str]) -> Iterator[Source]:
    for path in sorted((ROOT / folder).rglob("*")):
        if path.is_file() and path.suffix in kinds and "vendor" not in path.parts:
            yield Source(str(path.relative_to(ROOT)), path.read_text("utf-8"))


def python(*folders: str) -> list[Source]:
    """The Python files in these folders; in all of the project's where none is named."""
    return [source for folder in folders or CODE for source in _read(folder, {".py"})]


def written() -> list[Source]:
    """All files written by hand: code, templates, styles, scripts. What others wrote is in `vendor`."""
    return [source for folder in (*CODE, "templates", "static") for source in _read(folder, WRITTEN)]
