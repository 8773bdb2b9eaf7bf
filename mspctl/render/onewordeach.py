"""Keeps lists out of the middle of words: `names={{ names }}` would assign the first and run the second."""

from jinja2 import nodes

_BEFORE = " \t\n("
_AFTER = " \t\n;|&)"


def one_word_each(template: nodes.Template) -> nodes.Template:
    """The template with the filter `one_word` on each expression that touches other text."""
    for output in template.find_all(nodes.Output):
        output.nodes = [
            _checked(node) if _touches(output.nodes, index) else node
            for index, node in enumerate(output.nodes)
        ]
    return template


def _touches(siblings: list[nodes.Expr], index: int) -> bool:
    if isinstance(siblings[index], nodes.TemplateData):
        return False
    before = siblings[index - 1] if index else None
    after = siblings[index + 1] if index + 1 < len(siblings) else None
    return _text(before, -1) not in _BEFORE or _text(after, 0) not in _AFTER


def _text(node: nodes.Expr | None, index: int) -> str:
    """The character next to an expression; a blank if a block or the end is there, a letter for a value."""
    if node is None:
        return " "
    return node.data[index] if isinstance(node, nodes.TemplateData) and node.data else "x"


def _checked(node: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(
        node, "one_word", [], [], None, None, lineno=node.lineno, environment=node.environment
    )
