"""Turns whatever goes wrong inside a template into a ConfigurationError with its place and a remedy."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath
from types import TracebackType

from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError

from mspctl.errors import ConfigurationError
from mspctl.model.place import Place
from mspctl.model.playbook import Module
from mspctl.model.suggestion import did_you_mean
from mspctl.render.quoting import UnfitValueError
from mspctl.render.templates import MisplacedValueError, Templates

# What an expression can raise: `{{ 1 / 0 }}`, `{{ 'a' | int + [] }}`, a macro that calls itself.
_EXPRESSION_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_COMMENT_HINT = "comments in templates are {## … ##}; {% … %} and {{ … }} must be closed"


class GuardedTemplates:
    """Templates whose errors are the user's: each with a place, none with a Python traceback."""

    def __init__(self, read_file: Callable[[str], str]) -> None:
        self._templates = Templates(read_file)

    def value(self, source: str, names: Mapping[str, object], place: Place | None) -> object:
        """See Templates.value; ConfigurationError at `place`."""
        with _placed(names, place):
            return self._templates.value(source, names)

    def command(
        self, source: str, names: Mapping[str, object], place: Place | None, *, windows: bool = False
    ) -> str:
        """See Templates.command; ConfigurationError at `place`."""
        with _placed(names, place):
            return self._templates.command(source, names, windows=windows)

    def module(self, module: Module, params: Mapping[str, object], *, windows: bool = False) -> str:
        """See Templates.module; ConfigurationError at the line of the module's template."""
        template = "windows.ps1.j2" if windows else "posix.sh.j2"
        with _placed(params, module.place, template=template):
            source = module.windows if windows else module.posix
            return self._templates.module(source or "", params, windows=windows)


@contextmanager
def _placed(names: Mapping[str, object], place: Place | None, template: str = "") -> Iterator[None]:
    try:
        yield
    except UndefinedError as error:
        problem, _, hint = str(error.message).partition("\n")
        name = problem.removesuffix(" is not defined")
        where = _at(place, template, _line(error.__traceback__))
        raise ConfigurationError(problem, place=where, hint=hint or did_you_mean(name, names)) from None
    except TemplateSyntaxError as error:
        problem = f"not a valid template: {error.message}"
        raise ConfigurationError(
            problem, place=_at(place, template, error.lineno), hint=_COMMENT_HINT
        ) from None
    except MisplacedValueError as error:
        raise ConfigurationError(
            str(error), place=_at(place, template, error.lineno), hint=error.hint
        ) from None
    except (TemplateError, UnfitValueError, *_EXPRESSION_ERRORS) as error:
        where = _at(place, template, _line(error.__traceback__))
        raise ConfigurationError(
            f"the template cannot be rendered: {str(error).strip()}", place=where
        ) from None


def _at(place: Place | None, template: str, line: int) -> Place | None:
    """In a module the line of the template beside `place` counts; a playbook's text has its own place."""
    if not template or place is None:
        return place
    return Place(str(PurePath(place.file).with_name(template)), line, 1 if line else 0)


def _line(traceback: TracebackType | None) -> int:
    """The template's line: Jinja2 rewrites tracebacks so that they show it."""
    line = 0
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename in ("<template>", "<unknown>"):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
