"""What a chat prefers: /pause, /resume, /wider; and its end: /forget."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.framework.command import Call
from bot.commands.level import BRINGS
from bot.core.message.blocks import Block, Button, Message, Role, say, say_count
from bot.core.message.durations import FOREVER, duration_words
from bot.core.model import Level, Relevance, Subscriber, SubscriberId
from bot.storage import admissions, forgetting, outbox, subscribers

# A pause without an end.
UNTIL_RESUMED = datetime(9999, 1, 1, tzinfo=UTC)


def state_of(subscriber: Subscriber, now: datetime) -> tuple[Block, ...]:
    """What is out of the ordinary with the chat's alerts: a pause, the wider circle."""
    blocks = []
    if subscriber.paused_until == UNTIL_RESUMED:
        blocks.append(Block(say("Alerts are paused until /resume.")))
    elif subscriber.paused_until is not None and is_paused(subscriber, now):
        blocks.append(
            Block(say("Alerts are paused until {moment}, or /resume.", moment=moment_words(subscriber.paused_until)))
        )
    if subscriber.level is not Level.NORMAL:
        blocks.append(Block(say("Alerts: {levels}. /level all ends that.", levels=BRINGS[subscriber.level])))
    if subscriber.relevance is Relevance.RELATED:
        blocks.append(Block(say("The wider circle is on: related news counts too. /wider off ends that.")))
    return tuple(blocks)


def is_paused(subscriber: Subscriber, now: datetime) -> bool:
    """Whether the chat has asked for silence."""
    return subscriber.paused_until is not None and subscriber.paused_until > now


async def pause_until(tx: AsyncConnection, subscriber: SubscriberId, until: datetime) -> None:
    """No alerts before then; what is queued already goes, too."""
    await subscribers.pause(tx, subscriber, until)
    await outbox.drop_queued(tx, subscriber)


async def pause(call: Call) -> Message:
    """No alerts for a while."""
    period = call.arguments.period("duration")
    if period == FOREVER:
        period = None
    until = call.now + period if period else UNTIL_RESUMED
    async with call.services.database.write() as tx:
        subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
        await pause_until(tx, subscriber.id, until)
    if period is None:
        sentence = say("Alerts are paused until you send /resume.")
    else:
        sentence = say(
            "Alerts are paused for {period}, until {moment}.", period=duration_words(period), moment=moment_words(until)
        )
    missed = Block(say("What happens in the meantime won't be sent later; /latest shows it."), Role.ROW)
    return Message((Block(sentence), missed), ((Button("Resume", "/resume"),),))


async def resume(call: Call) -> Message:
    """Alerts flow again."""
    async with call.services.database.write() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        if subscriber is None or not is_paused(subscriber, call.now):
            return Message((Block(say("Alerts aren't paused.")),))
        await subscribers.pause(tx, subscriber.id, None)
    return Message((Block(say("Alerts are back on.")),))


async def wider(call: Call) -> Message:
    """Whether related news counts for this chat, too."""
    wanted = call.arguments.text("switch")
    async with call.services.database.write() as tx:
        subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
        relevance = {"on": Relevance.RELATED, "off": Relevance.CORE, None: subscriber.relevance}[wanted]
        await subscribers.widen(tx, subscriber.id, relevance)
    if relevance is Relevance.RELATED:
        sentence = say(
            "The wider circle is on: alerts, /latest and /search also cover the war in Ukraine and the affairs of "
            "Russia or NATO alone."
        )
        return Message((Block(sentence),), ((Button("Switch it off", "/wider off"),),))
    sentence = say(
        "The wider circle is off: alerts, /latest and /search only cover what is between Russia and NATO or the West."
    )
    return Message((Block(sentence),), ((Button("Switch it on", "/wider on"),),))


async def forget(call: Call) -> Message:
    """Delete all that is kept about the chat, once that is confirmed."""
    confirmed = call.arguments.text("yes") is not None
    chat, person = call.request.chat, call.request.user if call.request.is_own_chat else ""
    async with call.services.database.write() as tx:
        subscriber = await subscribers.find(tx, chat)
        is_listed = await forgetting.is_let_in(tx, chat, person)
        if subscriber is None and not is_listed:
            return Message((Block(say("Nothing is kept about this chat.")),))
        if not confirmed:
            rules = len(await subscribers.followings_of(tx, subscriber.id)) if subscriber else 0
            is_left_out = is_listed and not call.services.access.is_open
            return _ask_to_forget(rules, call.request.acts_for, is_left_out=is_left_out)
        for rule in await forgetting.forget(tx, chat, person):
            if rule in call.services.index:
                call.services.index.remove(rule)
        call.services.access.change(await admissions.entries(tx))
    call.services.lists.forget(chat)
    await call.services.database.cut_log()
    if call.request.acts_for:
        gone = say("Done. Nothing is kept about it any more, and what you ask here is about this chat again.")
    else:
        gone = say("Done. Nothing is kept about this chat any more; send /start to start over.")
    return Message((Block(gone),))


def _ask_to_forget(count: int, channel: str, *, is_left_out: bool) -> Message:
    if channel:
        sentence = say(
            "This deletes everything kept about {channel}: its rules, its preferences and the record of what was sent.",
            channel=channel,
        )
    elif count:
        sentence = say_count(
            count,
            "This deletes everything kept about this chat: its rule, its preferences and the record of what was sent.",
            "This deletes everything kept about this chat: its {count} rules, its preferences and the record of what "
            "was sent.",
        )
    else:
        sentence = say("This deletes everything kept about this chat: its preferences and the record of what was sent.")
    listed = Block(
        say("It also comes off the owner's access list: the owner would have to give it access again."), Role.ROW
    )
    final = Block(say("This can't be undone."), Role.ROW)
    return Message(
        (Block(sentence), *([listed] if is_left_out else []), final), ((Button("Delete it all", "/forget yes"),),)
    )


def moment_words(moment: datetime) -> str:
    """A moment to come, as people read it: `22 Nov, 14:00 UTC`."""
    return f"{moment:%d %b, %H:%M} UTC".lstrip("0")
