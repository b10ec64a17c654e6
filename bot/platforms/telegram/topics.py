"""Topics that cannot be written in: what their groups are told about it, and when."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog

from bot.commands.framework.arguments import of_topic
from bot.core.message.blocks import Block, Button, Message, Role, Run, bold, code, say, say_count
from bot.core.model import Chat, Following
from bot.errors import SendError
from bot.platforms.telegram.updates import topic_url
from bot.storage import forum_topics
from bot.storage.database import Database
from bot.storage.forum_topics import AlertRoute

log = structlog.get_logger()

# More rules than this are counted, not named.
MOST_NAMED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicStore:
    """Where what becomes of topics is written down.

    `route_of` tells where the alerts of a chat come and what it follows, `reach` notes where they come from now on;
    `reopened` makes due what waited for a topic to open; `dissolve` leaves the rules of a deleted topic to the general
    one, and returns them as they are numbered there.
    """

    route_of: Callable[[Chat], Awaitable[tuple[AlertRoute, tuple[Following, ...]]]]
    reach: Callable[[Chat, AlertRoute], Awaitable[None]]
    reopened: Callable[[Chat], Awaitable[None]]
    dissolve: Callable[[Chat], Awaitable[tuple[Following, ...]]]


def topic_book(database: Database) -> TopicStore:
    """The book that is kept in the database."""

    async def route_of(chat: Chat) -> tuple[AlertRoute, tuple[Following, ...]]:
        async with database.read() as tx:
            return await forum_topics.route_of(tx, chat)

    async def reach(chat: Chat, new: AlertRoute) -> None:
        async with database.write() as tx:
            await forum_topics.reach(tx, chat, new)

    async def reopened(chat: Chat) -> None:
        async with database.write() as tx:
            await forum_topics.reopened(tx, chat)

    async def dissolve(topic: Chat) -> tuple[Following, ...]:
        async with database.write() as tx:
            return await forum_topics.dissolve(tx, topic)

    return TopicStore(route_of=route_of, reach=reach, reopened=reopened, dissolve=dissolve)


Say = Callable[[Chat, Message], Awaitable[bool]]
"""Says something in a chat; False where that cannot be written in. Raises SendError."""
TellAdmins = Callable[[Chat, Callable[[str], Message]], Awaitable[bool]]
"""Tells the admins of a chat in private what is to be said of its title; False where none could be told."""


class TopicNotifier:
    """Tells people once where the alerts of a topic come, and again when it was open in between."""

    def __init__(self, book: TopicStore, say_in: Say, tell_admins: TellAdmins) -> None:
        self._book = book
        self._say_in = say_in
        self._tell_admins = tell_admins
        self._open: set[Chat] = set()
        self._telling: set[Chat] = set()

    async def arrived(self, chat: Chat) -> None:
        """Something was written in the chat itself: whatever was said of it is over."""
        if chat in self._open:
            return
        self._open.add(chat)
        if (await self._book.route_of(chat))[0] is not AlertRoute.ITSELF:
            await self._book.reach(chat, AlertRoute.ITSELF)

    async def closed(self, topic: Chat) -> None:
        """A topic is closed: its alerts come to the general one. Raises SendError."""

        async def tell(rules: tuple[Following, ...]) -> bool:
            return await self._say_in(replace(topic, thread=""), said_closed(topic, rules))

        await self._tell_once(topic, AlertRoute.GENERAL, tell)

    async def opened(self, chat: Chat) -> None:
        """A topic was opened again: whatever was said of it is over, and what waited for that is sent."""
        await self.arrived(chat)
        await self._book.reopened(chat)

    async def shut_out(self, chat: Chat) -> None:
        """Neither the chat nor, if it is a topic, the general one can be written in: its alerts wait."""

        async def tell(rules: tuple[Following, ...]) -> bool:
            return await self._tell_admins(chat, lambda title: said_shut_out(title, rules))

        await self._tell_once(chat, AlertRoute.NOWHERE, tell)

    async def deleted(self, topic: Chat) -> None:
        """A topic is no more: its rules are the general one's."""
        rules = await self._book.dissolve(topic)
        if not rules:
            return
        log.warning("a topic was deleted; its rules are the general topic's now", chat=topic)
        general = replace(topic, thread="")
        try:
            said = await self._say_in(general, said_deleted(rules))
        except SendError as error:
            # The rules have moved already, and nobody would come back to say so.
            log.warning("a group was not told of its deleted topic", chat=topic, problem=str(error))
            said = False
        if not said:
            await self._tell_admins(general, lambda title: said_deleted(rules, title))

    async def _tell_once(
        self, chat: Chat, new: AlertRoute, tell: Callable[[tuple[Following, ...]], Awaitable[bool]]
    ) -> None:
        if chat in self._telling:
            return
        self._telling.add(chat)
        self._open.discard(chat)
        try:
            reach, rules = await self._book.route_of(chat)
            if rules and reach is not new and await tell(rules):
                log.warning("a topic is closed", chat=chat, alerts=new)
                await self._book.reach(chat, new)
        finally:
            self._telling.discard(chat)


def said_closed(topic: Chat, rules: tuple[Following, ...]) -> Message:
    """For the general topic, where the alerts come now."""
    link = Run("A topic in this group", url=topic_url(int(topic.address)).format(topic=topic.thread))
    said = Block(say("{topic} is closed. The alerts of its rules come here for now:", topic=link))
    way = Block(say("An admin can open it again, or end its rules with the button below."))
    message = Message((said, *_named(rules), way), ((Button("Rules of that topic", "/rules"),),))
    return of_topic(message, topic.thread)


def said_deleted(rules: tuple[Following, ...], title: str = "") -> Message:
    """For the general topic, whose rules they are now, or for the admins of the group of that title."""
    if not title:
        said = say("A topic in this group was deleted. Its rules now belong to the general topic, under these numbers:")
        way = say("An admin can end each of them with /unfollow and its number.")
        return Message((Block(said), *_named(rules), Block(way)), ((Button("All rules here", "/rules"),),))
    said = say(
        "A topic in {title} was deleted. Its rules now belong to the general topic, under these numbers:",
        title=bold(title),
    )
    way = say("I can't write in the general topic, so their alerts will wait for up to a day. Please open it.")
    return Message((Block(said), *_named(rules), Block(way)))


def said_shut_out(title: str, rules: tuple[Following, ...]) -> Message:
    """For the admins of a group, in private."""
    said = say(
        "I can't write in {title}: its topics are closed to me. The alerts of these rules are waiting:",
        title=bold(title),
    )
    way = say("They will be sent if an admin opens the topic or the general one within a day.")
    return Message((Block(said), *_named(rules), Block(way)))


def _named(rules: tuple[Following, ...]) -> list[Block]:
    named = [
        Block(say("{number}. {rule}", number=each.number, rule=code(each.text)), Role.ROW)
        for each in rules[:MOST_NAMED]
    ]
    more = len(rules) - MOST_NAMED
    return [*named, Block(say_count(more, "and {count} more", "and {count} more"), Role.ROW)] if more > 0 else named
