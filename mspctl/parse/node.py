"""The tree that the strict YAML reader returns: text, maps and lists that know where they were written.

A node is what it holds (`Scalar` is a str, `Map` a dict, `List` a list), so validation reads it without a
copy; nobody changes a node after loading. YAML's null is None.
"""

from mspctl.model.place import Place


class Scalar(str):
    """The text as it was written. `plain`: neither quoted nor a block. Line and column count from 1."""

    __slots__ = ("column", "line", "plain")

    line: int
    column: int
    plain: bool


class Map(dict[Scalar, "Node"]):
    """Keys in the order of the file; each key is a Scalar with its own place."""

    __slots__ = ("column", "line")

    line: int
    column: int

    def key(self, name: str) -> Scalar | None:
        """The key as it was written, with its place; None if it is not there."""
        return next((key for key in self if key == name), None)


class List(list["Node"]):
    """Items in the order of the file."""

    __slots__ = ("column", "line")

    line: int
    column: int


Node = Scalar | Map | List | None

Step = str | int
"""One step of a path into the tree: a key or an index."""


def node_at(root: Node, path: tuple[Step, ...]) -> Node:
    """The node at `path`; None if there is none."""
    node = root
    for step in path:
        if isinstance(node, Map) and isinstance(step, str):
            node = node.get(step)  # type: ignore[call-overload] # a str finds a Scalar
        elif isinstance(node, List) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            return None
    return node


def place_of(root: Node, path: tuple[Step, ...], file: str, *, key: bool = False) -> Place:
    """Where the node at `path` stands; the nearest existing one above it if there is none.

    With `key`, the place of the last key instead of its value's.
    """
    node, place = root, _place(root, file) or Place(file)
    for depth, step in enumerate(path):
        last = depth == len(path) - 1
        if isinstance(node, Map) and isinstance(step, str) and (written := node.key(step)) is not None:
            child = node[written]
            own = None if (last and key) else _place(child, file)
            place = own or Place(file, written.line, written.column)
        elif isinstance(node, List) and isinstance(step, int) and step < len(node):
            child = node[step]
            place = _place(child, file) or place
        else:
            return place
        node = child
    return place


def _place(node: Node, file: str) -> Place | None:
    return None if node is None else Place(file, node.line, node.column)


def dotted(path: tuple[Step, ...]) -> str:
    """A path as people write it: `sites.hq.hosts.web1.tags[2]`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{shown(step)}" for step in path)
    return text.removeprefix(".")


def shown(text: str, limit: int = 60) -> str:
    """Text from a file as a message may hold it: no control character, not endless."""
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    if short.isprintable():
        return short
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in short)
