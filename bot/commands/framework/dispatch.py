"""From a request to the message that answers it: the one way in for every platform, and the seam for their errors."""

from dataclasses import replace
from difflib import get_close_matches

import structlog

from bot.commands.framework.admission import bring_along
from bot.commands.framework.arguments import read_arguments, texts_of
from bot.commands.framework.command import About, Call, Command, Kind, Notice, Who, offered, usage_block
from bot.commands.framework.on_behalf import (
    acting_for,
    answer_for,
    answer_for_topic,
    on_behalf,
    remember_channel,
    topic_of,
)
from bot.commands.framework.request import Misuse, Request
from bot.commands.framework.services import Services
from bot.core.message.blocks import Block, Button, Message, Role, Run, code, fits_button, say
from bot.core.rules.contradictions import refuse_contradictory
from bot.core.rules.rule import Rule, caret
from bot.errors import RuleError, StorageError, UsageError
from bot.storage import subscribers

log = structlog.get_logger()

# Nearest commands that are named for one that does not exist.
NEAREST = 3
LIKENESS = 0.7


async def answer_from(table: tuple[Command, ...], request: Request, services: Services) -> Message | None:
    """The answer to a request, None for silence; whatever goes wrong, people get a sentence, the log the traceback."""
    command = next(
        (row for row in table if row.name == request.command and (request.from_button or not row.hidden)), None
    )
    try:
        # A chat that asks can be reached, whatever became of its last alert; platforms do not always tell. Not so on a
        # server, where people can ask in channels in which we may not write.
        if not request.in_server:
            async with services.database.read() as tx:
                is_unreachable = await subscribers.is_unreachable(tx, request.chat)
            if is_unreachable:
                async with services.database.write() as tx:
                    await subscribers.mark_reachable(tx, request.chat)
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
        sentence = "Sorry, that went wrong on my side. It is in the log; please try again in a minute."
        return Message((Block(say(sentence)),))
    return answer


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
        values = read_arguments(command, request.arguments, services.vocabulary)
    except UsageError as error:
        example = Block(say("Example: {example}", example=code(command.example)), Role.ROW)
        return Message((Block(_said(error)), example))
    for value in values.values():
        if isinstance(value, Rule):
            refuse_contradictory(value, services.aliases)
    call = Call(request=request, services=services, now=services.clock.now(), table=table)
    answer = await command.handler(call, **values)
    if command.who is Who.ADMIN and request.in_server:
        async with services.database.write() as tx:
            await subscribers.note_set_up(tx, request.chat, request.user)
    return answer


def _notice(sentence: str) -> Notice:
    return Notice((Block(say(sentence)),))


def _said(error: UsageError) -> tuple[Run, ...]:
    return error.said if isinstance(error, Misuse) else (Run(str(error)),)


def _faulty_rule(command: Command, request: Request, error: RuleError) -> Message:
    """The rule with its faulty place marked and, where there is a better one, the whole command to press or copy."""
    blocks = [Block((Run(caret(error)),), Role.CODE)]
    if error.suggestion is None:
        return Message(tuple(blocks))
    line = f"/follow {error.suggestion}"
    if any(param.kind is Kind.RULE for param in command.params):
        texts = texts_of(command.params, request.arguments)
        pieces = (error.suggestion if each.kind is Kind.RULE else texts.get(each.name, "") for each in command.params)
        line = " ".join([f"/{command.name}", *filter(None, pieces)])
    if fits_button(line):
        return Message(tuple(blocks), ((Button("Yes, use that", line),),))
    return Message((*blocks, Block(say("If so, send: {line}", line=code(line)))))


def _unknown(table: tuple[Command, ...], request: Request, services: Services) -> Message:
    """The nearest commands to one that does not exist, or how to ask where there was none."""
    if not request.command:
        words = " ".join(str(request.arguments).split())
        hint = "I answer commands, which begin with a slash. /help lists them, /latest shows the latest news."
        search = Button("Search the news for this", f"/search {words}") if fits_button(f"/search {words}") else None
        return Message((Block(say(hint)),), ((search,),) if words and search else ())
    shown = offered(table, request, services)
    by_word = {word: command for command in shown for word in (*command.also, command.name)}
    beginning = [word for word in by_word if word.startswith(request.command)]
    words_near = beginning + get_close_matches(request.command, by_word, n=NEAREST, cutoff=LIKENESS)
    nearest = tuple(dict.fromkeys(by_word[word] for word in words_near))[:NEAREST]
    said = Block(say("{name} isn't a command.", name=code(f"/{request.command}")))
    if not nearest:
        return Message((said, Block(say("/help lists all commands."), Role.ROW)))
    # One that wants something first explains itself.
    needy = {row.name for row in nearest if any(param.required for param in row.params)}
    buttons = (Button(f"/{row.name}", f"/help {row.name}" if row.name in needy else f"/{row.name}") for row in nearest)
    rows = (usage_block(row, in_form=request.is_form) for row in nearest)
    return Message((said, Block(say("Did you mean:")), *rows), (tuple(buttons),))
