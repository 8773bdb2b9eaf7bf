"""The page about the command line: what each command's `--help` says."""

from collections.abc import Iterator

import click

from mspctl.cli.main import mspctl
from mspctl.docsgen.page import Page, block, page

WIDTH = 100


def command_line_page() -> Page:
    """Each command, in the order in which `mspctl --help` lists them."""
    parts = [part for ctx in _commands(_opened(mspctl, "mspctl", None)) for part in _section(ctx)]
    return page(
        "reference/cli.md",
        "Command line",
        "What each command says under `--help`. Exit codes are on [a page of their own](exit-codes.md).",
        *parts,
    )


def _section(ctx: click.Context) -> tuple[str, str]:
    level = "##" if ctx.parent is None or ctx.parent.parent is None else "###"
    return f"{level} {ctx.command_path}", block("text", ctx.command.get_help(ctx))


def _commands(ctx: click.Context) -> Iterator[click.Context]:
    yield ctx
    if isinstance(ctx.command, click.Group):
        for name in ctx.command.list_commands(ctx):
            child = ctx.command.get_command(ctx, name)
            if child is not None and not child.hidden:
                yield from _commands(_opened(child, name, ctx))


def _opened(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(
        command, info_name=name, parent=parent, terminal_width=WIDTH, max_content_width=WIDTH
    )
