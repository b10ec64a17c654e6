"""Command lines in answers, as Discord takes them: with the name of each option, which is filled in by itself. Pure.

Everywhere else a line is typed (`/mute football 3d`); pasted into Discord, `/mute words:football duration:3d` fills the
options in.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.commands.framework.arguments import divided
from bot.commands.framework.command import Command, Kind
from bot.core.message.blocks import Block, Message, Run, joined
from bot.errors import UsageError

# In running text only a word that can be nothing else belongs to the command before it: "/level all ends that".
_IN_TEXT = re.compile(r"(?<![\w/])/[a-z]+ [^\s.,;:]+")
_OPEN_KINDS = frozenset({Kind.RULE, Kind.TEXT, Kind.SOURCE, Kind.LANGUAGES, Kind.PERIOD, Kind.ROLE})


def with_options(message: Message, table: Mapping[str, Command]) -> Message:
    """The message with each command line in it as Discord takes it."""
    return replace(message, blocks=tuple(_with_options(block, table) for block in message.blocks))


def _with_options(block: Block, table: Mapping[str, Command]) -> Block:
    # Our own commands are runs of their own, without what stands behind them.
    runs = joined(replace(run, live=False) for run in block.runs)
    return replace(block, runs=tuple(_run(run, table) for run in runs))


def _run(run: Run, table: Mapping[str, Command]) -> Run:
    if run.url or "/" not in run.text:
        return run
    if run.code:
        return replace(run, text=_line(run.text, table))
    return replace(run, text=_IN_TEXT.sub(lambda found: _line(found.group(), table, is_in_text=True), run.text))


def _line(line: str, table: Mapping[str, Command], *, is_in_text: bool = False) -> str:
    name, _, rest = line.removeprefix("/").partition(" ")
    command = table.get(name)
    if command is None or not rest or not line.startswith("/") or line == command.usage:
        return line
    try:
        texts = divided(command.params, rest)
    except UsageError:
        return line
    given = [param for param in command.params if texts[param.name] not in {"", param.lead}]
    # In a text a word can be another than one for the param: "/help lists them all".
    is_open = any(
        each.kind in _OPEN_KINDS or (each.kind is Kind.COMMAND and texts[each.name] not in table) for each in given
    )
    if not given or (is_in_text and is_open):
        return line
    return " ".join([f"/{name}", *(f"{param.name}:{texts[param.name]}" for param in given)])
