"""Reads one map of a playbook or module file key by key and collects the problems."""

from collections.abc import Iterable

from mspctl.errors import Problem
from mspctl.model.fit import seconds
from mspctl.model.place import Place
from mspctl.model.suggestion import did_you_mean
from mspctl.parse.node import List, Map, Node, Scalar, shown
from mspctl.parse.scalars import BOOLEANS


class Shape:
    """One map of the file; `problems` is shared by all of them. Reading a wrong value gives a default."""

    def __init__(self, node: Map, file: str, problems: list[Problem], path: str = "") -> None:
        self.node = node
        self.file = file
        self.problems = problems
        self.path = path

    @property
    def place(self) -> Place:
        """Where the map begins."""
        return Place(self.file, self.node.line, self.node.column)

    def place_of(self, key: str) -> Place:
        """Where the value of a key stands, or the key itself if it has none."""
        child = self.node.get(key)  # type: ignore[call-overload] # a str finds a Scalar
        if child is not None:
            return Place(self.file, child.line, child.column)
        written = self.node.key(key)
        return Place(self.file, written.line, written.column) if written is not None else self.place

    def problem(self, key: str, problem: str, hint: str = "") -> None:
        """Note a problem with the value of a key."""
        self.problems.append(
            Problem(problem, self.place_of(key), f"{self.path}.{key}".removeprefix("."), hint)
        )

    def only(self, known: Iterable[str]) -> None:
        """Refuse all keys but these."""
        names = tuple(known)
        for key in self.node:
            if key not in names:
                place = Place(self.file, key.line, key.column)
                problem = f"the key `{shown(key)}` is not known here"
                self.problems.append(Problem(problem, place, self.path, did_you_mean(key, names)))

    def get(self, key: str) -> Node:
        """The node of a key; None if it is missing or null."""
        return self.node.get(key)  # type: ignore[call-overload,no-any-return] # a str finds a Scalar

    def text(self, key: str, default: str = "") -> str:
        """Text on one or more lines."""
        value = self.get(key)
        if value is None:
            return default
        if isinstance(value, Scalar):
            return str(value)
        self.problem(key, "expected text")
        return default

    def required(self, key: str) -> str:
        """Text that must be there."""
        value = self.text(key)
        if not value.strip() and not isinstance(self.get(key), List | Map):
            self.problem(key, f"`{key}` is missing")
        return value

    def one_of(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if value in choices:
            return value
        self.problem(
            key, f"`{shown(value)}` is not one of {', '.join(choices)}", did_you_mean(value, choices)
        )
        return default

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false, as YAML 1.2 writes them."""
        value = self.get(key)
        if value is None:
            return default
        if isinstance(value, Scalar) and value.plain and value in BOOLEANS:
            return BOOLEANS[value]
        self.problem(key, "expected true or false")
        return default

    def seconds(self, key: str) -> float | None:
        """A length of time above zero."""
        value = self.text(key)
        if not value:
            return None
        found = seconds(value)
        if not found:
            self.problem(key, f"`{shown(value)}` is not a length of time", "seconds, or 90s, 10m, 1h")
        return found or None

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single text is a list of one."""
        value = self.get(key)
        if value is None:
            return ()
        if isinstance(value, Scalar):
            return (str(value),)
        items = (
            tuple(str(item) for item in value if isinstance(item, Scalar)) if isinstance(value, List) else ()
        )
        if not isinstance(value, List) or len(items) != len(value):
            self.problem(key, "expected a list of texts")
        return items

    def maps(self, key: str) -> tuple["Shape", ...]:
        """A list of maps, each as a shape of its own."""
        value = self.get(key)
        if value is None:
            return ()
        if not isinstance(value, List) or any(not isinstance(item, Map) for item in value):
            self.problem(key, "expected a list of maps, each beginning with `- `")
            return ()
        items = (item for item in value if isinstance(item, Map))
        path = f"{self.path}.{key}".removeprefix(".")
        return tuple(Shape(item, self.file, self.problems, f"{path}[{i}]") for i, item in enumerate(items))

    def map(self, key: str) -> "Shape | None":
        """A map; None if it is missing, null or something else (which is a problem)."""
        value = self.get(key)
        if value is None:
            return None
        if not isinstance(value, Map):
            self.problem(key, "expected a map (`key: value`)")
            return None
        return Shape(value, self.file, self.problems, f"{self.path}.{key}".removeprefix("."))
