"""How alerts come to the channels of a server: /mention, /publish."""

from bot.commands.framework.command import Call
from bot.commands.framework.replied_story import rule_numbered
from bot.core.message.blocks import Block, Message, Role, code, say
from bot.storage import subscribers


async def mention(call: Call) -> Message:
    """Let alerts of a rule mention a role, or nobody."""
    role = call.arguments.text("role")
    async with call.services.database.write() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        followed = await subscribers.followings_of(tx, subscriber.id) if subscriber else []
        following = rule_numbered(call.arguments.followed("rule"), followed)
        await subscribers.set_mention(tx, following, role or "")
    if role is None:
        told = say(
            "Alerts of rule {number} don't mention anyone: {rule}", number=following.number, rule=code(following.text)
        )
    else:
        told = say(
            "Alerts of rule {number} now mention {role}: {rule}",
            number=following.number,
            role=f"@{call.request.roles.get(role, role)}",
            rule=code(following.text),
        )
    return Message((Block(told),))


async def publish(call: Call) -> Message:
    """Whether alerts go on to the followers of an announcement channel."""
    is_on = call.arguments.text("switch") == "on"
    async with call.services.database.write() as tx:
        subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
        await subscribers.publish(tx, subscriber.id, on=is_on)
    if not is_on:
        return Message((Block(say("Alerts stay in this channel; they aren't published.")),))
    return Message(
        (
            Block(say("From now on, alerts are published: channels that follow this one get them too.")),
            Block(
                say("Discord allows ten published messages an hour; any more are published in the next hour."), Role.ROW
            ),
        )
    )
