"""Updates under way: handled side by side, those of one person in a chat one after another."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

import structlog
from telegram import Update

from bot.commands.framework.quota import MOST_ASKED, MOST_ASKED_OF_MEMBER
from bot.errors import SendError
from bot.platforms.telegram.updates import asker_of, is_question, is_shared

log = structlog.get_logger()

Handle = Callable[[Update], Coroutine[Any, Any, None]]

# Somebody may watch a button turn; after a second they press again.
LONGEST_SILENCE = timedelta(milliseconds=700)

# Updates that are handled side by side; when there are more, Telegram keeps them for us.
MOST_AT_ONCE = 100
# What one person asks at once is answered as far as their quota goes, and once beyond it: that is the word that they
# ask too much. What a flood asks beyond this would keep everybody else waiting.
MOST_OF_A_PERSON = MOST_ASKED + 1
MOST_OF_A_MEMBER = MOST_ASKED_OF_MEMBER + 1
STOP_TIME = timedelta(seconds=2)

Asker = tuple[int, int]


class UpdateQueue:
    """Gives each update to `handle` at its asker's turn, in `tasks`, and to `acknowledge_early` if that takes long."""

    def __init__(self, handle: Handle, acknowledge_early: Handle, tasks: asyncio.TaskGroup) -> None:
        self._handle = handle
        self._soothe = acknowledge_early
        self._tasks = tasks
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._asked: Counter[Asker] = Counter()
        self._under_way: set[asyncio.Task[None]] = set()
        self._locks: WeakValueDictionary[Asker, asyncio.Lock] = WeakValueDictionary()

    @property
    def is_full(self) -> bool:
        """Whether an update would have to wait for a place."""
        return self._places.locked()

    async def start(self, update: Update) -> None:
        """Handle an update beside the others, once there is a place; pass over what one person asks too much at once.

        Of what is passed over, buttons are soothed all the same.
        """
        asker = asker_of(update)
        most = MOST_OF_A_MEMBER if is_shared(asker[0]) else MOST_OF_A_PERSON
        asks_too_much = is_question(update) and self._asked[asker] >= most
        if asks_too_much:
            log.debug("somebody asks too much at once; a question is passed over", chat=asker[0])
            if update.callback_query is None:
                return
        await self._places.acquire()
        self._asked[asker] += 1
        task = self._tasks.create_task(self._soothe(update) if asks_too_much else self._answer(asker, update))
        self._under_way.add(task)
        task.add_done_callback(lambda ended: self._end(asker, ended))

    async def finish(self) -> None:
        """Let what is being answered be answered, for 2 s at most."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=STOP_TIME.total_seconds())

    def _end(self, asker: Asker, task: asyncio.Task[None]) -> None:
        self._asked[asker] -= 1
        if not self._asked[asker]:
            del self._asked[asker]
        self._under_way.discard(task)
        self._places.release()

    async def _answer(self, asker: Asker, update: Update) -> None:
        async with asyncio.TaskGroup() as answering:
            answer = answering.create_task(self._answer_in_turn(asker, update))
            await asyncio.wait({answer}, timeout=LONGEST_SILENCE.total_seconds())
            if not answer.done():
                await self._soothe(update)

    async def _answer_in_turn(self, asker: Asker, update: Update) -> None:
        async with self._locks.setdefault(asker, asyncio.Lock()):
            try:
                await self._handle(update)
            except SendError as error:
                log.warning("an answer was not sent", chat=asker[0], problem=str(error))
            except Exception:
                log.exception("an update could not be handled", chat=asker[0], update=update.update_id)
