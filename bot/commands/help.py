"""Getting to know the bot: /start, /help, /about."""

from collections.abc import Iterable, Iterator
from importlib.metadata import version

from bot.commands.framework.access import entry_of
from bot.commands.framework.command import Call, Command, Kind, Request, misuse, offered
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


async def show_help(call: Call) -> Message:
    """All commands in a line each, or one of them in full."""
    shown = offered(call.table, call.request, call.services)
    name = call.arguments.text("command")
    if name is not None:
        return _one_command(call, shown, name)
    rows = (
        Block(say("{usage} – {summary}", usage=command.usage_runs, summary=ours(command.summary)), Role.ROW)
        for command in shown
    )
    title = Block(say("What you can ask"), Role.TITLE)
    more = Block(
        say("{example} explains one of them in detail, including how to write rules.", example=code("/help follow"))
    )
    return Message((title, *rows, *_for_owners(call, shown), more))


async def about(call: Call) -> Message:
    """What the bot is, and what it keeps."""
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
            *_entries(call.request),
            Block(say("Free software under the MIT licence.")),
        )
    )


def _entries(request: Request) -> Iterator[Block]:
    """How settings and owners' commands name whoever asks."""
    if request.user:
        you, here = code(f"{request.chat.platform}:{request.user}"), code(entry_of(request.chat))
        yield Block(say("In a bot's settings you are {you}, and this chat is {here}.", you=you, here=here))


def _for_owners(call: Call, shown: Iterable[Command]) -> Iterator[Block]:
    lines = [line for command in shown for line in command.for_owners]
    if lines and call.services.is_owner(call.request):
        yield Block(say("As the owner you can also send:"))
        yield from (Block((code(line),), Role.ROW) for line in lines)


def _one_command(call: Call, shown: tuple[Command, ...], name: str) -> Message:
    command = next((each for each in shown if each.name == name), None)
    if command is None:
        raise misuse("/{name} isn't a command. /help lists all commands.", name=name)
    params = (
        Block(say("{name} – {summary}", name=code(param.name), summary=ours(param.summary)), Role.ROW)
        for param in command.params
    )
    takes_rule = any(param.kind is Kind.RULE for param in command.params)
    return Message(
        (
            Block(command.usage_runs, Role.TITLE),
            Block(ours(command.summary)),
            *params,
            Block(say("For example: {example}", example=code(command.example))),
            *_for_owners(call, (command,)),
            *(_language() if takes_rule else ()),
        )
    )


def _language() -> Iterator[Block]:
    yield Block(say("How rules are written"), Role.HEADING)
    fields = ((operator.example, operator.help) for operator in OPERATORS.values())
    for example, meaning in (*LANGUAGE, *fields):
        yield Block(say("{example} – {meaning}", example=code(example), meaning=meaning), Role.ROW)
