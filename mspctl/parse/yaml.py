"""Strict YAML: what a file says is what a reader of it sees, or it is refused with line and column.

On top of PyYAML's C parser: no aliases, no tags, no duplicate keys, one document, at most 32 levels, text
stays as written (the Norway problem: `NO`, `22:22`, `0644` are text). Iterative, so no input reaches Python's
recursion limit.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from yaml import CSafeLoader, YAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.place import Place
from mspctl.parse.node import List, Map, Node, Scalar, shown
from mspctl.parse.source import DECEIVING, Source, read_source, source_of

MAX_DEPTH = 32
MAX_PROBLEMS = 50
"""Problems reported per file; the rest would only bury the first ones."""

NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def read_yaml(path: Path) -> Map:
    """The one document of a YAML file, a map at the top.

    Raises:
        ConfigurationError: everything that is wrong with the file, each with its place.
    """
    return parse_yaml(read_source(path))


def parse_yaml_text(content: bytes | str, file: str) -> Map:
    """As `read_yaml`, for text that is already in hand; `file` names it in messages."""
    return parse_yaml(
        source_of(content.encode(errors="surrogatepass") if isinstance(content, str) else content, file)
    )


def parse_yaml(source: Source) -> Map:
    """The one document of a source, a map at the top. Raises ConfigurationError as `read_yaml`."""
    root, problems = parse_on(source)
    if problems or root is None:
        raise ConfigurationError.of(problems)
    return root


def parse_on(source: Source) -> tuple[Map | None, tuple[Problem, ...]]:
    """The document and what is wrong with it as YAML; None and at least one problem where no sense is in it.

    A file with a key that is there twice can still be looked through for all that else is wrong.
    """
    builder = _Builder(source.file)
    failure = _feed(builder, source)
    if failure:
        builder.problems.append(failure)
    root = builder.root
    if not builder.problems and not isinstance(root, Map):
        empty = root is None
        problem = "the file is empty" if empty else "expected a map (`key: value`) at the top of the file"
        hint = "fill it, or remove it" if empty else ""
        place = Place(source.file, 0 if empty else 1, 0 if empty else 1)
        builder.problems.append(Problem(problem, place, hint=hint))
    readable = isinstance(root, Map) and builder.whole and failure is None
    return root if readable and isinstance(root, Map) else None, tuple(builder.problems[:MAX_PROBLEMS])


class _Events(Protocol):
    def get_event(self) -> Event | None: ...
    def dispose(self) -> None: ...


def _feed(builder: "_Builder", source: Source) -> Problem | None:
    """Push the parser's events into the builder; the syntax error that stopped the parser, if any."""
    parser: _Events = CSafeLoader(source.text)
    try:
        for event in _events(parser):
            if not builder.take(event):
                builder.whole = False
                break
    except YAMLError as error:
        return _syntax_problem(error, source)
    finally:
        parser.dispose()
    return None


def _events(parser: _Events) -> Iterator[Event]:
    next_event = parser.get_event
    while (event := next_event()) is not None:
        yield event


def _syntax_problem(error: YAMLError, source: Source) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    text = str(getattr(error, "problem", "") or "this is not YAML")
    if mark is None:
        return Problem(f"not valid YAML: {shown(text)}", Place(source.file))
    line, column = mark.line + 1, mark.column + 1
    lines = source.text.split("\n", line)
    written = lines[line - 1] if line <= len(lines) else ""
    indent = written[: len(written) - len(written.lstrip())]
    if "\t" in indent or "'\\t'" in text:
        column = (written.find("\t") if "\t" in indent else mark.column) + 1
        return Problem(f"tab at {line}:{column}", Place(source.file, line, column), hint="indent with spaces")
    if "nesting depth" in text:  # libyaml reads ahead of its events and has a limit of its own, above ours
        return Problem(f"nested deeper than {MAX_DEPTH} levels", Place(source.file, line, column))
    around = getattr(error, "context", None)
    sentence = f"not valid YAML: {text}" + (f" ({around})" if around else "")
    hint = "is this line, or one just above it, indented wrongly, or a quote, bracket or `:` missing?"
    return Problem(shown(sentence, 200), Place(source.file, line, column), hint=hint)


def _start_of(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    return (0, 0) if mark is None else (mark.line + 1, mark.column + 1)


class _Builder:
    """Builds the tree from events, keeping its own stack."""

    def __init__(self, file: str) -> None:
        self.root: Node = None
        self.problems: list[Problem] = []
        self.whole = True
        """False if something of the file is not in the tree."""
        self._file = file
        self._documents = 0
        self._open: Map | List | None = None
        self._key: Scalar | None = None
        self._stack: list[tuple[Map | List | None, Scalar | None]] = []

    def take(self, event: Event) -> bool:
        """Take one event; False if reading on makes no sense."""
        if isinstance(event, ScalarEvent):
            if event.anchor is not None or event.tag is not None:
                self._refuse_extras(event)
            self._scalar(event)
        elif isinstance(event, CollectionStartEvent):
            if event.anchor is not None or event.tag is not None:
                self._refuse_extras(event)
            return self._start(event, Map() if isinstance(event, MappingStartEvent) else List())
        elif isinstance(event, CollectionEndEvent):
            self._open, self._key = self._stack.pop()
        elif isinstance(event, AliasEvent):
            return self._refuse_alias(event)
        elif isinstance(event, DocumentStartEvent):
            return self._document(event)
        return len(self.problems) < MAX_PROBLEMS

    def _scalar(self, event: ScalarEvent) -> None:
        value: str = event.value
        plain: bool = event.implicit[0]
        line, column = _start_of(event)
        if event.style == '"' and not value.isprintable() and DECEIVING.search(value):
            self._problem("an escape stands for a character that cannot be seen", event, "delete it")
        scalar = Scalar(value)
        scalar.line, scalar.column, scalar.plain = line, column, plain
        open_node = self._open
        if isinstance(open_node, Map) and self._key is None:
            self._take_key(open_node, scalar, event)
            return
        self._add(None if plain and value in NULLS else scalar)

    def _add(self, node: Node) -> None:
        open_node, key = self._open, self._key
        if open_node is None:
            self.root = node
        elif isinstance(open_node, Map):
            if key is not None:
                open_node[key] = node
                self._key = None
        else:
            open_node.append(node)

    def _take_key(self, open_node: Map, key: Scalar, event: ScalarEvent) -> None:
        if key in open_node:
            first = open_node.key(key)
            lines = f"in line {first.line if first is not None else 0} and in line {key.line}"
            self._problem(f"the key `{shown(key)}` is there twice: {lines}", event, "keep one of them")
        elif key.plain and key == "<<":
            self._problem("merge keys (`<<`) are not supported", event, "write the keys out, or use defaults")
        elif key.plain and key in NULLS:
            self._problem("a key is missing before the `:`", event, "quote it if it is meant as text")
        self._key = key

    def _start(self, event: NodeEvent, node: Map | List) -> bool:
        node.line, node.column = _start_of(event)
        if isinstance(self._open, Map) and self._key is None:
            hint = 'a template stands in quotes: "{{ … }}"' if isinstance(node, Map) else "quote it"
            self._problem("a key must be text, not a list or map", event, hint)
            return False
        if len(self._stack) >= MAX_DEPTH:
            self._problem(f"nested deeper than {MAX_DEPTH} levels", event)
            return False
        self._add(node)
        self._stack.append((self._open, self._key))
        self._open, self._key = node, None
        return True

    def _document(self, event: DocumentStartEvent) -> bool:
        self._documents += 1
        if self._documents > 1:
            self._problem(
                "a second document starts here", event, "one file holds one document; remove the `---`"
            )
            return False
        if event.tags or (event.version is not None and tuple(event.version) != (1, 2)):
            self._problem("YAML directives are not supported", event, "remove the lines that start with `%`")
        return True

    def _refuse_extras(self, event: NodeEvent) -> None:
        if event.anchor is not None:
            self._problem(
                f"anchors (`&{shown(event.anchor)}`) are not supported", event, "write the value out"
            )
        tag = getattr(event, "tag", None)
        if tag is not None:
            hint = "remove it; quote the value if it is meant as text"
            self._problem(f"tags (`{shown(tag)}`) are not supported", event, hint)

    def _refuse_alias(self, event: AliasEvent) -> bool:
        self._problem(
            f"aliases (`*{shown(str(event.anchor))}`) are not supported", event, "write the value out"
        )
        self.whole = False
        if isinstance(self._open, Map) and self._key is None:
            return False
        self._add(None)
        return len(self.problems) < MAX_PROBLEMS

    def _problem(self, problem: str, event: Event, hint: str = "") -> None:
        self.problems.append(Problem(problem, Place(self._file, *_start_of(event)), hint=hint))
