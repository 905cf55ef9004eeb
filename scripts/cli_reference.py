"""Print docs/cli.md, made of the commands' own help: `make docs`."""

from collections.abc import Iterator

import click

import migrate.cli
import secondhand.cli

WIDTH = 100
INTRODUCTION = """\
# Command lines

Both commands come with `make setup`, as `.venv/bin/migrate` and `.venv/bin/secondhand`. This page is what their
`--help` says; `make docs` writes it again.
"""


def contexts(name: str, command: click.Command, parent: click.Context | None) -> Iterator[click.Context]:
    """The command's context, then those of its sub-commands, in the order in which help lists them."""
    settings = {**command.context_settings, "terminal_width": WIDTH}
    context = click.Context(command, parent=parent, info_name=name, **settings)
    yield context
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            yield from contexts(child, command.commands[child], context)


def main() -> None:
    print(INTRODUCTION)
    for name, command in [("migrate", migrate.cli.main), ("secondhand", secondhand.cli.main)]:
        for context in contexts(name, command, None):
            level = "#" * (2 + context.command_path.count(" "))
            print(f"{level} {context.command_path}\n\n```text\n{context.get_help()}\n```\n")


if __name__ == "__main__":
    main()
