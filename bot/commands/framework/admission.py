"""What comes before every answer: whether it is given at all. The way in for all platforms."""

import math
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from cachetools import LRUCache
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.framework.access import entry_of
from bot.commands.framework.command import Notice
from bot.commands.framework.quota import MOST_ASKED, MOST_ASKED_OF_MEMBER, Quota
from bot.commands.framework.request import Request
from bot.commands.framework.services import Services
from bot.core.message.blocks import Block, Message, Role, code, say, say_count
from bot.storage import admissions

# A stranger is told so once in this time.
SILENCE = timedelta(days=1)
STRANGERS_KEPT = 10_000

Answering = Callable[[Request, Services], Awaitable[Message | None]]


class Admission:
    """Turns away strangers, where the bot is not open to all, and those who ask too often; owners never."""

    def __init__(self, answering: Answering, services: Services) -> None:
        self._answering = answering
        self._services = services
        self._quota = Quota(MOST_ASKED)
        self._shares = Quota(MOST_ASKED_OF_MEMBER)
        self._told: LRUCache[str, datetime] = LRUCache(STRANGERS_KEPT)

    async def answer(self, request: Request) -> Message | None:
        """The answer, a sentence that says why there is none, or None: silence.

        Where others ask, too, one person has a smaller share. What an admin changes is not counted in it, nor what
        somebody turns over in their own answer, which stays one message.
        """
        if self._services.is_owner(request):
            return await self._answering(request, self._services)
        now, entry = self._services.clock.now(), entry_of(request.chat)
        if not self._services.access.may_ask(request.chat, request.user):
            return None if request.is_greeting else self._to_stranger(entry, now, needs_answer=request.needs_answer)
        has_share = request.is_shared and not request.user_is_admin and not request.is_own
        share = self._shares.ask(f"{entry} {request.user}", now) if has_share else None
        refusal = share or self._quota.ask(request.person, now)
        if refusal is None:
            return await self._answering(request, self._services)
        if not (refusal.is_first or request.needs_answer):
            return None
        sentence = say_count(
            math.ceil(refusal.wait.total_seconds()),
            "That was {most} questions in a minute; I'll answer again in {count} second.",
            "That was {most} questions in a minute; I'll answer again in {count} seconds.",
            most=refusal.most,
        )
        return Notice((Block(sentence),))

    def _to_stranger(self, entry: str, now: datetime, *, needs_answer: bool) -> Notice | None:
        told = self._told.get(entry)
        if told is not None and now - told < SILENCE and not needs_answer:
            return None
        self._told[entry] = now
        how = say("To give this chat access, the owner can send me: {line}", line=code(f"/allow {entry}"))
        sorry = Block(say("Sorry, I only answer chats and people my owner has given access."))
        return Notice((sorry, Block(how, Role.ROW)))


async def bring_along(request: Request, services: Services) -> None:
    """Note that somebody who is let in asks in a chat, so that it is sent what it follows."""
    if services.access.may_receive(request.chat):
        return
    async with services.database.write() as tx:
        by = f"{request.chat.platform}:{request.user}"
        await admissions.admit(tx, entry_of(request.chat), services.clock.now(), brought_by=by)
        await put_in_force(services, tx)


async def put_in_force(services: Services, tx: AsyncConnection) -> None:
    """Let who is let in be who is stored so; last in a transaction, so that two changes cannot cross."""
    services.access.change(await admissions.entries(tx))
