"""What comes before every answer: whether it is given at all. The way in for all platforms."""

import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.commands.framework.access import entry_of
from bot.commands.framework.command import Notice, Request, Services
from bot.commands.framework.quota import MOST_ASKED, MOST_ASKED_OF_MEMBER, Quota, Refusal
from bot.core.message.blocks import Block, Message, Role, code, say, say_count

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
        self._told: OrderedDict[str, datetime] = OrderedDict()

    async def answer(self, request: Request) -> Message | None:
        """The answer, a sentence that says why there is none, or None: silence."""
        if not self._services.is_owner(request):
            now = self._services.clock.now()
            if not self._services.access.may_ask(request.chat, request.user):
                return None if request.is_greeting else self._to_stranger(request, now)
            refusal = self._refusal(request, now)
            if refusal is not None:
                return _slower(refusal) if refusal.is_first or request.needs_answer else None
        return await self._answering(request, self._services)

    def _refusal(self, request: Request, now: datetime) -> Refusal | None:
        """Counts a question; None when it is to be answered.

        Where others ask, too, one person has a smaller share. What an admin changes is not counted in it, nor what
        somebody turns over in their own answer, which stays one message.
        """
        has_share = request.is_shared and not request.user_is_admin and not request.is_own
        share = self._shares.ask(f"{entry_of(request.chat)} {request.user}", now) if has_share else None
        return share or self._quota.ask(request.person, now)

    def _to_stranger(self, request: Request, now: datetime) -> Notice | None:
        entry = entry_of(request.chat)
        told = self._told.get(entry)
        if told is not None and now - told < SILENCE and not request.needs_answer:
            return None
        self._told[entry] = now
        self._told.move_to_end(entry)
        if len(self._told) > STRANGERS_KEPT:
            self._told.popitem(last=False)
        return Notice(
            (
                Block(say("Sorry, I only answer chats and people my owner has given access.")),
                Block(
                    say("To give this chat access, the owner can send me: {line}", line=code(f"/allow {entry}")),
                    Role.ROW,
                ),
            )
        )


def _slower(refusal: Refusal) -> Notice:
    seconds = math.ceil(refusal.wait.total_seconds())
    sentence = say_count(
        seconds,
        "That was {most} questions in a minute; I'll answer again in {count} second.",
        "That was {most} questions in a minute; I'll answer again in {count} seconds.",
        most=refusal.most,
    )
    return Notice((Block(sentence),))
