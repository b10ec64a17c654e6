"""How loud a story must be to alert a chat, or by one of its rules: /level."""

from collections.abc import Iterator, Mapping, Sequence

from bot.commands.framework.command import Call
from bot.commands.framework.replied_story import button_number, rule_numbered
from bot.core.message.blocks import Block, Button, Message, Role, code, say
from bot.core.model import Following, Level
from bot.storage import subscribers

LEVELS: Mapping[str, Level] = {"all": Level.NORMAL, "major": Level.MAJOR, "breaking": Level.BREAKING}
LABELS: Mapping[str, str] = {"all": "Every level", "major": "From major", "breaking": "Only breaking"}
# Before the label of the button that stands for what is so now.
MARK = "✓ "

BRINGS: Mapping[Level, str] = {
    Level.NORMAL: "stories of every level",
    Level.MAJOR: "major and breaking stories only",
    Level.BREAKING: "breaking stories only",
}


async def level(call: Call) -> Message:
    """Show or set the lowest level that alerts the chat, or by one of its rules."""
    wanted, named = call.arguments.text("level"), call.arguments.followed("number")
    async with call.services.database.write() as tx:
        subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
        followed = await subscribers.followings_of(tx, subscriber.id)
        following = rule_numbered(named, followed) if named else None
        if wanted is not None:
            number = following.number if following else None
            await subscribers.set_level(tx, subscriber.id, LEVELS[wanted], number)
        subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
        followed = await subscribers.followings_of(tx, subscriber.id)
    if following is None:
        return _of_chat(subscriber.level, followed)
    now = next(each for each in followed if each.number == following.number)
    return _of_rule(now, now.level or subscriber.level)


def own_level(following: Following) -> Iterator[Block]:
    """What level a rule brings, where that is not as with the whole chat."""
    if following.level is not None:
        yield Block(say("Sends {levels}", levels=BRINGS[following.level]), Role.BYLINE)


def _of_chat(lowest: Level, followed: Sequence[Following]) -> Message:
    blocks = [Block(say("Alerts of this chat: {levels}.", levels=BRINGS[lowest]))]
    if lowest is not Level.NORMAL:
        blocks.append(Block(say("You'll get quieter stories if they reach that level."), Role.ROW))
    blocks += [
        Block(say("Rule {number} sends {levels}.", number=each.number, levels=BRINGS[each.level]), Role.ROW)
        for each in followed
        if each.level is not None
    ]
    return Message(tuple(blocks), (_buttons(lowest, ""),))


def _of_rule(following: Following, lowest: Level) -> Message:
    number = following.number
    sentence = say(
        "Rule {number} sends {levels}: {rule}", number=number, levels=BRINGS[lowest], rule=code(following.text)
    )
    return Message((Block(sentence),), (_buttons(lowest, f" {button_number(following)}"),))


def _buttons(lowest: Level, number: str) -> tuple[Button, ...]:
    return tuple(
        Button(f"{MARK if value is lowest else ''}{LABELS[name]}", f"/level {name}{number}")
        for name, value in LEVELS.items()
    )
