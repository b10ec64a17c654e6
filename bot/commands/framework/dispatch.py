"""From a request to the message that answers it: the one way in for every platform, and the seam for their errors."""

from dataclasses import replace
from difflib import get_close_matches

import structlog

from bot.commands.channel import acting_for, answer_for, answer_for_topic, on_behalf, remember_channel, topic_of
from bot.commands.framework.arguments import read_arguments, texts_of
from bot.commands.framework.command import About, Call, Command, Kind, Misuse, Notice, Request, Services, Who, offered
from bot.commands.owner import bring_along
from bot.core.message.blocks import Block, Button, Message, Role, Run, code, fits_button, ours, say
from bot.core.rules.contradictions import refuse_contradictory
from bot.core.rules.rule import caret
from bot.errors import RuleError, StorageError, UsageError
from bot.storage import subscribers

log = structlog.get_logger()

# Nearest commands that are named for one that does not exist.
NEAREST = 3
LIKENESS = 0.7


async def answer_from(table: tuple[Command, ...], request: Request, services: Services) -> Message | None:
    """The answer to a request, None for silence; whatever goes wrong, people get a sentence, the log the traceback."""
    command = next((row for row in table if row.name == request.command), None)
    try:
        await _let_in_again(request, services)
        channel = await acting_for(command, request, services)
        if channel is not None:
            return answer_for(channel, await _answered(command, table, on_behalf(request, channel), services))
        topic = await topic_of(command, request, services)
        if topic is not None:
            about = replace(request, chat=topic)
            return answer_for_topic(topic, await _answered(command, table, about, services))
        answer = await _answered(command, table, request, services)
        if request.is_channel:
            await remember_channel(request, services)
    except UsageError as error:
        return Message((Block(_said(error)),))
    except StorageError as error:
        sentence = "Sorry, that isn't possible right now: I can't use my database ({problem}). Please try again later."
        return Message((Block(say(sentence, problem=str(error))),))
    except Exception:
        log.exception("command failed", command=request.command, platform=request.chat.platform)
        return _text("Sorry, that went wrong on my side. It is in the log; please try again in a minute.")
    return answer


async def _let_in_again(request: Request, services: Services) -> None:
    """A chat that asks can be reached, whatever became of its last alert; platforms do not always tell.

    Not so on a server, where people can ask in channels in which we may not write.
    """
    if request.in_server:
        return
    async with services.database.read() as tx:
        is_unreachable = await subscribers.is_unreachable(tx, request.chat)
    if is_unreachable:
        async with services.database.write() as tx:
            await subscribers.mark_reachable(tx, request.chat)


async def _answered(
    command: Command | None, table: tuple[Command, ...], request: Request, services: Services
) -> Message:
    if command is None:
        return _unknown(table, request, services)
    if command.about is About.SERVER and not request.in_server:
        return _notice("That works in server channels on Discord.")
    if command.who is Who.ADMIN and not request.user_is_admin:
        return _notice("Only admins of this chat can change what it follows. You can read: /latest, /search, /rules.")
    if command.who is Who.OWNER and not services.is_owner(request):
        return _notice("Only the owner of this bot can do that. /help lists what you can ask.")
    await bring_along(request, services)
    try:
        return await _run(command, table, request, services)
    except RuleError as error:
        return _faulty_rule(command, request, error)
    except UsageError as error:
        return Message((Block(_said(error)),))


async def _run(command: Command, table: tuple[Command, ...], request: Request, services: Services) -> Message:
    try:
        arguments = read_arguments(command, request.arguments, services.vocabulary)
    except UsageError as error:
        return _misused(command, error)
    for rule in arguments.rules():
        refuse_contradictory(rule, services.aliases)
    call = Call(request=request, arguments=arguments, services=services, now=services.clock.now(), table=table)
    answer = await command.handler(call)
    if command.who is Who.ADMIN and request.in_server:
        async with services.database.write() as tx:
            await subscribers.note_set_up(tx, request.chat, request.user)
    return answer


def _text(sentence: str) -> Message:
    return Message((Block(say(sentence)),))


def _notice(sentence: str) -> Notice:
    return Notice((Block(say(sentence)),))


def _misused(command: Command, error: UsageError) -> Message:
    example = Block(say("Example: {example}", example=code(command.example)), Role.ROW)
    return Message((Block(_said(error)), example))


def _said(error: UsageError) -> tuple[Run, ...]:
    return error.said if isinstance(error, Misuse) else (Run(str(error)),)


def _faulty_rule(command: Command, request: Request, error: RuleError) -> Message:
    """The rule with its faulty place marked and, where there is a better one, the whole command to press or copy."""
    blocks = [Block((Run(caret(error)),), Role.CODE)]
    if error.suggestion is None:
        return Message(tuple(blocks))
    line = _with_rule(command, request, error.suggestion)
    if fits_button(line):
        return Message(tuple(blocks), ((Button("Yes, use that", line),),))
    return Message((*blocks, Block(say("If so, send: {line}", line=code(line)))))


def _with_rule(command: Command, request: Request, rule: str) -> str:
    """The command line that was meant, with this rule in it."""
    if all(param.kind is not Kind.RULE for param in command.params):
        return f"/follow {rule}"
    texts = texts_of(command.params, request.arguments)
    pieces = (rule if param.kind is Kind.RULE else texts.get(param.name, "") for param in command.params)
    return " ".join([f"/{command.name}", *filter(None, pieces)])


def _unknown(table: tuple[Command, ...], request: Request, services: Services) -> Message:
    if not request.command:
        return _no_command(request)
    shown = offered(table, request, services)
    nearest = _nearest(shown, request.command)
    said = Block(say("{name} isn't a command.", name=code(f"/{request.command}")))
    if not nearest:
        return Message((said, Block(say("/help lists all commands."), Role.ROW)))
    rows = (
        Block(say("{usage} – {summary}", usage=command.usage_runs, summary=ours(command.summary)), Role.ROW)
        for command in nearest
    )
    buttons = tuple(Button(f"/{command.name}", _pressed(command)) for command in nearest)
    return Message((said, Block(say("Did you mean:")), *rows), (buttons,))


def _nearest(shown: tuple[Command, ...], name: str) -> tuple[Command, ...]:
    by_word = {word: command for command in shown for word in (*command.also, command.name)}
    beginning = [word for word in by_word if word.startswith(name)]
    words = beginning + get_close_matches(name, by_word, n=NEAREST, cutoff=LIKENESS)
    return tuple(dict.fromkeys(by_word[word] for word in words))[:NEAREST]


def _pressed(command: Command) -> str:
    """A command that wants something first explains itself."""
    return f"/help {command.name}" if any(param.required for param in command.params) else f"/{command.name}"


def _no_command(request: Request) -> Message:
    words = " ".join(str(request.arguments).split())
    hint = Block(say("I answer commands, which begin with a slash. /help lists them, /latest shows the latest news."))
    search = f"/search {words}"
    if not words or not fits_button(search):
        return Message((hint,))
    return Message((hint,), ((Button("Search the news for this", search),),))
