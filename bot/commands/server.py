"""How alerts come to the channels of a server: /mention."""

from bot.commands.base import Call, misuse
from bot.core.message import Block, Message, code, say
from bot.storage import subscribers


async def mention(call: Call) -> Message:
    """Let alerts of a rule mention a role, or nobody."""
    number, role = call.arguments.number("rule"), call.arguments.text("role")
    async with call.services.database.write() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        followed = await subscribers.followings_of(tx, subscriber.id) if subscriber else []
        following = next((each for each in followed if each.number == number), None)
        if following is None:
            raise misuse("This chat has no rule {number}. /rules shows the numbers.", number=number or 0)
        await subscribers.set_mention(tx, following, role or "")
    kept = "Alerts of rule {number} mention nobody: {rule}"
    woken = "Alerts of rule {number} now mention the role that you chose: {rule}"
    told = say(woken if role else kept, number=following.number, rule=code(following.text))
    return Message((Block(told),))
