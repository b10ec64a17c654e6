"""Updates under way: handled side by side, those of one chat one after another."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from weakref import WeakValueDictionary

import structlog
from telegram import Update

from bot.errors import SendError
from bot.platforms.telegram_updates import chat_id_of, is_question

log = structlog.get_logger()

Handle = Callable[[Update], Awaitable[None]]

# Somebody may watch a button turn; after a second they press again.
LONGEST_SILENCE = timedelta(milliseconds=700)

# Updates that are handled side by side; when there are more, Telegram keeps them for us.
MOST_AT_ONCE = 100
# A chat gets 20 answers a minute at most; what one flood asks beyond this would keep everybody else waiting.
MOST_OF_A_CHAT = 20
STOP_TIME = timedelta(seconds=2)


class Turns:
    """Gives each update to `handle` at its chat's turn, in `tasks`, and to `soothe` if that turn is long in coming."""

    def __init__(self, handle: Handle, soothe: Handle, tasks: asyncio.TaskGroup) -> None:
        self._handle = handle
        self._soothe = soothe
        self._tasks = tasks
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._asked: Counter[int] = Counter()
        self._under_way: set[asyncio.Task[None]] = set()
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @property
    def is_full(self) -> bool:
        """Whether an update would have to wait for a place."""
        return self._places.locked()

    async def start(self, update: Update) -> None:
        """Handle an update beside the others, once there is a place; pass over what a chat asks too much at once."""
        chat_id = chat_id_of(update)
        if self._asked[chat_id] >= MOST_OF_A_CHAT and is_question(update):
            log.debug("a chat asks too much at once; a question is passed over", chat=chat_id)
            return
        await self._places.acquire()
        self._asked[chat_id] += 1
        task = self._tasks.create_task(self._handle_in_turn(chat_id, update))
        self._under_way.add(task)
        task.add_done_callback(lambda ended: self._end(chat_id, ended))

    async def finish(self) -> None:
        """Let what is being answered be answered, for 2 s at most."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=STOP_TIME.total_seconds())

    def _end(self, chat_id: int, task: asyncio.Task[None]) -> None:
        self._asked[chat_id] -= 1
        if not self._asked[chat_id]:
            del self._asked[chat_id]
        self._under_way.discard(task)
        self._places.release()

    async def _handle_in_turn(self, chat_id: int, update: Update) -> None:
        lock = self._locks.setdefault(chat_id, asyncio.Lock())
        async with asyncio.TaskGroup() as waiting:
            turn = waiting.create_task(lock.acquire())
            await asyncio.wait({turn}, timeout=LONGEST_SILENCE.total_seconds())
            if not turn.done():
                await self._soothe(update)
        try:
            await self._handle(update)
        except SendError as error:
            log.warning("an answer was not sent", chat=chat_id, problem=str(error))
        except Exception:
            log.exception("an update could not be handled", chat=chat_id, update=update.update_id)
        finally:
            lock.release()
