"""Getting to know the bot: /start, /help, /about."""

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Annotated

from bot.commands.framework.access import entry_of
from bot.commands.framework.command import (
    About,
    Call,
    Command,
    CommandName,
    Kind,
    Param,
    offered,
    summary_of,
    usage_block,
)
from bot.commands.framework.request import misuse
from bot.core.message.blocks import Block, Button, Message, Role, code, ours, say
from bot.core.rules.operators import OPERATORS

# Words only, no fields: they mean the same with every configuration.
READY_MADE = (
    ("Drones and airspace", 'drone OR airspace OR "air space"'),
    ("Cables and ships in the Baltic", "baltic (cable OR ship OR tanker)"),
    ("Nuclear weapons", "nuclear (weapon OR missile OR treaty)"),
)

# How rules are written, by example; the fields follow from OPERATORS.
LANGUAGE = (
    ("drone poland", "both words, in any form"),
    ("drone OR missile", "either of them"),
    ("drone -football", "leaves out stories with this word"),
    ('"air space"', "exactly these words, side by side"),
    ("exercis*", "all words that begin like this"),
    ("drone (poland OR estonia)", "parentheses group words"),
)


@Command(
    summary="What this is, and three ready-made rules",
    example="/start",
    also=("hello", "welcome"),
)
async def start(call: Call) -> Message:  # noqa: ARG001
    """The welcome."""
    blocks = (
        Block(say("Welcome to Faultline."), Role.TITLE),
        Block(say("I read what Russia's side, NATO's side and everyone in between publish about their confrontation.")),
        Block(say("/latest shows the latest stories."), Role.ROW),
        Block(
            say("{search} looks for words in what has been published.", search=code("/search drone poland")), Role.ROW
        ),
        Block(
            say("{follow} sends you each new story with these words.", follow=code("/follow drone poland")), Role.ROW
        ),
        Block(say("/help lists everything else and explains rules."), Role.ROW),
        Block(say("Or start with a ready-made rule; you'll see what it would send before you say yes.")),
    )
    return Message(blocks, tuple((Button(label, f"/follow {rule}"),) for label, rule in READY_MADE))


@Command(
    summary="All commands, or one in detail",
    example="/help follow",
    about=About.BOT,
    also=("commands", "menu"),
    name="help",
)
async def show_help(
    call: Call, command: Annotated[CommandName | None, Param(summary="the command to explain")] = None
) -> Message:
    """All commands in a line each, or one of them in full."""
    shown = offered(call.table, call.request, call.services)
    in_form = call.request.is_form
    if command is None:
        rows = (usage_block(each, in_form=in_form) for each in shown)
        title = Block(say("What you can ask"), Role.TITLE)
        more = say(
            "{example} explains one of them in detail, including how to write rules.", example=code("/help follow")
        )
        return Message((title, *rows, *_for_owners(call, shown), Block(more)))
    row = next((each for each in shown if each.name == command), None)
    if row is None:
        raise misuse("/{name} isn't a command. /help lists all commands.", name=command)
    blocks = [Block(row.usage_runs, Role.TITLE), Block(ours(summary_of(row, in_form=in_form)))]
    for param in row.params:
        summary = ours(summary_of(param, in_form=in_form))
        blocks.append(Block(say("{name} – {summary}", name=code(param.name), summary=summary), Role.ROW))
    blocks += [Block(say("For example: {example}", example=code(row.example))), *_for_owners(call, (row,))]
    if any(param.kind is Kind.RULE for param in row.params):
        blocks.append(Block(say("How rules are written"), Role.HEADING))
        fields = ((operator.example, operator.help) for operator in OPERATORS.values())
        for example, meaning in (*LANGUAGE, *fields):
            blocks.append(Block(say("{example} – {meaning}", example=code(example), meaning=meaning), Role.ROW))
    return Message(tuple(blocks))


@Command(
    summary="What this bot is, and what it keeps about a chat",
    example="/about",
    about=About.BOT,
    also=("info", "version", "privacy", "licence", "license"),
)
async def about(call: Call) -> Message:
    """What the bot is, and what it keeps."""
    asker = f"{call.request.chat.platform}:{call.request.user}" if call.request.user else ""
    entries = say(
        "In a bot's settings you are {you}, and this chat is {here}.",
        you=code(asker),
        here=code(entry_of(call.request.chat)),
    )
    return Message(
        (
            Block(say("Faultline {version}", version=version("faultline")), Role.TITLE),
            Block(
                say(
                    "Follows the confrontation between Russia and NATO in public feeds from all sides. It labels "
                    "each publisher by its side, never by its worth, and takes no side itself: headlines are the "
                    "publishers' own words."
                )
            ),
            Block(
                say(
                    "For this chat it keeps the address, the rules, the preferences and which alerts were sent; on a "
                    "server also the user number of the person who last set it up, to tell them if the chat is lost. "
                    "It keeps nobody's name and nothing that is said here. /forget deletes all of it."
                )
            ),
            *([Block(entries)] if asker else []),
            Block(say("Free software under the MIT licence.")),
        )
    )


def _for_owners(call: Call, shown: Iterable[Command]) -> Iterator[Block]:
    lines = [line for command in shown for line in command.for_owners]
    if lines and call.services.is_owner(call.request):
        yield Block(say("As the owner you can also send:"))
        yield from (Block((code(line),), Role.ROW) for line in lines)
