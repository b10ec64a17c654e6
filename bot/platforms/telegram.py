"""The platform `telegram`: private chats, groups and their topics, channels; by long polling.

Updates are fetched and read here, not by PTB's Updater: that reads all of a batch or nothing, and so asks for an update
that it cannot read again and again, for ever.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import random
from typing import Any
from weakref import WeakValueDictionary

import aiohttp
import structlog
from telegram import Bot, CallbackQuery, ChatMemberUpdated, Message, Update
from telegram.constants import ChatType
from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.clock import Clock, SystemClock
from bot.commands import COMMANDS
from bot.commands.base import Command, Who
from bot.commands.parsing import to_request
from bot.core import message as words
from bot.core.model import Chat
from bot.delivery.limits import TELEGRAM, Limits, Urgency
from bot.errors import ChatGone, ConfigError, Fault, SendError, SendLater, SendUnknown
from bot.platforms.base import Answer
from bot.platforms.telegram_admins import Admins
from bot.platforms.telegram_errors import wait_of
from bot.platforms.telegram_menu import offer_menu
from bot.platforms.telegram_post import Attempt, ChatChanges, Post, attempts_of
from bot.platforms.telegram_request import READ, AiohttpRequest
from bot.platforms.telegram_updates import (
    KINDS,
    PLATFORM,
    chat_id_of,
    chat_of,
    command_of,
    line_of,
    line_of_press,
    migration_of,
    update_of,
    was_added,
    was_removed,
    whole,
    worth_taking,
)

log = structlog.get_logger()

Sleep = Callable[[float], Awaitable[object]]

POLL = timedelta(seconds=30)
# As many updates as Telegram hands out at once; fewer mean that there are no more.
BATCH = 100
# Updates that are handled side by side; when there are more, Telegram keeps them for us.
MOST_AT_ONCE = 100

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=1)
STOP_TIME = timedelta(seconds=2)

# A person who waits for an answer has gone after this.
LONGEST_REPLY_WAIT = timedelta(seconds=30)
REPLY_ATTEMPTS = 3

# Fingers press twice, and the second press must not overwrite what the first one did.
SAME_PRESS = timedelta(seconds=10)
PRESSES_KEPT = 1000
# https://core.telegram.org/bots/api#answercallbackquery
LONGEST_NOTICE = 200

WRONG_TOKEN = Fault(
    where="setting telegram.token (or FAULTLINE_TELEGRAM__TOKEN)",
    what="Telegram does not know this token; copy it anew from @BotFather",
)
OLD_BUTTON = "This button is too old for me to know. /help lists what I can do."
CANNOT_ASK = words.Message(
    (words.Block(words.say("I could not ask Telegram whether you are an admin here. Please try again in a minute.")),)
)


class UpdatesBot(Bot):
    """PTB's bot, which also hands out updates as they came."""

    async def raw_updates(self, offset: int | None, wait: timedelta, limit: int = BATCH) -> list[dict[str, Any]]:
        """The updates from `offset` on, which confirms all before it. Raises TelegramError."""
        seconds = int(wait.total_seconds())
        asked = {"offset": offset, "timeout": seconds, "limit": limit, "allowed_updates": KINDS}
        return list(await self._post("getUpdates", asked, read_timeout=seconds + READ))


class Telegram:
    """Serves the chats of one bot. `session` stays its owner's, and needs connections for 50 sends and a poll."""

    name = PLATFORM

    def __init__(
        self,
        answer: Answer,
        *,
        token: str,
        api_url: str,
        session: aiohttp.ClientSession,
        changes: ChatChanges,
        clock: Clock | None = None,
        limits: Limits = TELEGRAM,
        table: tuple[Command, ...] = COMMANDS,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        request = AiohttpRequest(session)
        try:
            self._bot = UpdatesBot(
                token, base_url=f"{api_url.rstrip('/')}/bot", request=request, get_updates_request=request
            )
        except InvalidToken:
            raise ConfigError(WRONG_TOKEN) from None
        self._answer = answer
        self._table = {command.name: command for command in table}
        self._clock = clock or SystemClock()
        self._sleep = sleep
        self._changes = changes
        self._admins = Admins(self._bot, self._clock)
        self._post = Post(self._bot, changes, self._clock, limits)
        self._offset: int | None = None
        self._begun: int | None = None
        self._backlog: list[Update] = []
        self._has_menu = False
        self._failures = 0
        self._away_since: datetime | None = self._clock.now()
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._under_way: set[asyncio.Task[None]] = set()
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._presses: OrderedDict[tuple[int, int], tuple[str, datetime]] = OrderedDict()

    @property
    def state(self) -> str:
        """How the connection stands, in a few words."""
        if self._away_since is None:
            return "connected"
        return f"waiting for Telegram since {self._away_since:%H:%M} UTC"

    @property
    def refusals(self) -> int:
        """How often Telegram asked us to wait since the start."""
        return self._post.gate.refusals

    async def check(self) -> None:
        """Raise ConfigError when Telegram does not know the token; that Telegram is away is no fault of the token's."""
        try:
            await self._bot.initialize()
        except InvalidToken:
            raise ConfigError(WRONG_TOKEN) from None
        except TelegramError as error:
            log.warning("Telegram cannot be reached yet", problem=error.message)

    async def run(self) -> None:
        """Serve people until cancelled, and wait for Telegram whenever it is away. Raises ConfigError."""
        await self._introduce()
        async with asyncio.TaskGroup() as tasks:
            try:
                await self._serve(tasks)
            except asyncio.CancelledError:
                await self._finish()
                raise

    async def send(self, chat: Chat, message: words.Message) -> str:
        """Send a message; its ref is the id of its last part. Raises SendError."""
        return [str(await self._post.deliver(attempt)) for attempt in attempts_of(chat, message, Urgency.ALERT)][-1]

    async def _introduce(self) -> None:
        """Learn our own name, however long that takes."""
        while True:
            try:
                return await self._bot.initialize()
            except InvalidToken:
                raise ConfigError(WRONG_TOKEN) from None
            except TelegramError as error:
                await self._wait_out(error)

    async def _serve(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            try:
                await self._connect(tasks)
                while True:
                    for update in await self._fetch(POLL):
                        await self._start(tasks, update)
            except TelegramError as error:
                await self._wait_out(error)

    async def _connect(self, tasks: asyncio.TaskGroup) -> None:
        """Make ready, and go through what came meanwhile."""
        # Telegram refuses to be polled as long as some earlier program has left a webhook behind.
        await self._bot.delete_webhook()
        await self._offer_menu()
        while batch := await self._fetch(timedelta(0)):
            self._backlog += batch
        log.info("connected with Telegram", bot=self._bot.username, waiting=len(self._backlog))
        self._failures, self._away_since = 0, None
        backlog, self._backlog = self._backlog, []
        for update in worth_taking(backlog, self._clock.now()):
            await self._start(tasks, update)

    async def _offer_menu(self) -> None:
        """Once in a run; a menu that Telegram does not take now is no reason to keep people waiting."""
        if self._has_menu:
            return
        try:
            await offer_menu(self._bot, tuple(self._table.values()))
        except (BadRequest, RetryAfter) as error:
            log.warning("the menu of commands is not up to date", problem=error.message)
        else:
            self._has_menu = True

    async def _fetch(self, wait: timedelta) -> list[Update]:
        """The next updates that can be read; what cannot is passed over, once and for all."""
        updates = []
        for raw in await self._bot.raw_updates(self._offset, wait):
            self._offset = raw["update_id"] + 1
            update = update_of(raw)
            if update is None:
                log.error("an update of Telegram's cannot be read", update=raw["update_id"], fields=sorted(raw))
            else:
                updates.append(update)
        return updates

    async def _wait_out(self, error: TelegramError) -> None:
        self._failures += 1
        self._away_since = self._away_since or self._clock.now()
        wait = wait_of(error) if isinstance(error, RetryAfter) else _backoff(self._failures)
        # PTB puts the token into the message of InvalidToken.
        problem = "the token is refused" if isinstance(error, InvalidToken) else error.message
        hint = "another program runs with the same token" if isinstance(error, Conflict) else None
        log.warning("waiting for Telegram", problem=problem, hint=hint, seconds=round(wait.total_seconds(), 1))
        await self._sleep(wait.total_seconds())

    async def _finish(self) -> None:
        """Let what is being answered be answered, and tell Telegram what need not be sent again."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=STOP_TIME.total_seconds())
        try:
            async with asyncio.timeout(1):
                await self._bot.raw_updates(self._begun, timedelta(0), limit=1)
        except (TelegramError, TimeoutError):
            log.info("Telegram could not be told what is answered; it may ask again after the next start")

    async def _start(self, tasks: asyncio.TaskGroup, update: Update) -> None:
        """Handle an update beside the others; those of one chat go one after another."""
        await self._places.acquire()
        self._begun = update.update_id + 1
        task = tasks.create_task(self._handle_in_turn(update))
        self._under_way.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._places.release()

    async def _handle_in_turn(self, update: Update) -> None:
        chat_id = chat_id_of(update)
        async with self._turns.setdefault(chat_id, asyncio.Lock()):
            try:
                await self._handle(update)
            except SendError as error:
                log.warning("an answer was not sent", chat=chat_id, problem=str(error))
            except Exception:
                log.exception("an update could not be handled", chat=chat_id, update=update.update_id)

    async def _handle(self, update: Update) -> None:
        if update.callback_query:
            await self._pressed(update.callback_query)
        elif update.my_chat_member:
            await self._moved_us(update.my_chat_member)
        elif update.chat_member:
            self._admins.forget(update.chat_member.chat.id)
        elif message := update.message or update.channel_post:
            await self._wrote(message)

    async def _wrote(self, message: Message) -> None:
        migration = migration_of(message)
        if migration is not None:
            await self._post.moved(*migration)
        line = line_of(message, self._bot.username, self._table.__contains__)
        if line is None:
            return
        chat = chat_of(message)
        reply_to = message.message_id if message.chat.type in {ChatType.GROUP, ChatType.SUPERGROUP} else None
        try:
            is_admin = _is_alone(message.chat.type) or (self._is_for_admins(line) and await self._admins.wrote(message))
        except TelegramError as error:
            log.warning("Telegram does not say who is an admin", problem=error.message)
            await self._reply(chat, CANNOT_ASK, reply_to=reply_to)
            return
        answer = await self._answer(to_request(chat, line, user_is_admin=is_admin))
        await self._reply(chat, answer, reply_to=reply_to)

    async def _pressed(self, query: CallbackQuery) -> None:
        line = line_of_press(query)
        if query.message is None or line is None:
            await self._acknowledge(query, OLD_BUTTON)
            return
        is_alone, for_admins = _is_alone(query.message.chat.type, buttons=True), self._is_for_admins(line)
        try:
            is_admin = is_alone or (for_admins and await self._admins.has(query.message.chat.id, query.from_user.id))
        except TelegramError as error:
            log.warning("Telegram does not say who is an admin", problem=error.message)
            await self._acknowledge(query, words.plain(CANNOT_ASK))
            return
        request = to_request(chat_of(query.message), line, user_is_admin=is_admin, from_button=True)
        if for_admins and not is_admin:
            # The message stays as it is for those who may.
            await self._acknowledge(query, words.plain(await self._answer(request)))
            return
        await self._acknowledge(query)
        if self._is_same_press(query.message.chat.id, query.message.message_id, line):
            return
        answer = await self._answer(request)
        edits = query.message.message_id if query.message.is_accessible and command_of(line) in self._table else None
        await self._reply(request.chat, answer, edits=edits)

    async def _moved_us(self, change: ChatMemberUpdated) -> None:
        """We were added to a chat, removed from it, blocked, let in again, or given other rights."""
        self._admins.forget(change.chat.id)
        chat = whole(change.chat.id)
        if was_removed(change) and not self._post.has_moved(change.chat.id):
            await self._changes.gone(chat)
        elif was_added(change):
            await self._changes.back(chat)
            # Not in a channel, whose readers need not know of us, and not where a group only became a supergroup.
            if change.chat.type in {ChatType.GROUP, ChatType.SUPERGROUP} and not self._post.has_moved(change.chat.id):
                await self._reply(chat, await self._answer(to_request(chat, "/start")))

    async def _reply(
        self, chat: Chat, message: words.Message, *, edits: int | None = None, reply_to: int | None = None
    ) -> None:
        """Show an answer. Raises SendError."""
        for attempt in attempts_of(chat, message, Urgency.REPLY, edits=edits, reply_to=reply_to):
            await self._deliver_soon(attempt)

    async def _deliver_soon(self, attempt: Attempt) -> None:
        """Deliver a part of an answer, tried again for as long as somebody may still wait for it. Raises SendError."""
        for failures in range(1, REPLY_ATTEMPTS + 1):
            try:
                await self._post.deliver(attempt)
            except (ChatGone, SendUnknown):
                raise
            except SendError as error:
                wait = error.retry_after if isinstance(error, SendLater) else _backoff(failures)
                if failures == REPLY_ATTEMPTS or wait > LONGEST_REPLY_WAIT:
                    raise
                await self._sleep(wait.total_seconds())
            else:
                return

    async def _acknowledge(self, query: CallbackQuery, notice: str | None = None) -> None:
        """Stop the spinner on a button; a notice is shown in a box of its own."""
        shown = notice[:LONGEST_NOTICE] if notice else None
        try:
            await self._bot.answer_callback_query(query.id, shown, show_alert=notice is not None)
        except TelegramError as error:
            # Usually that it is too late for that; what the button stands for is done all the same.
            log.info("a press was not acknowledged", problem=error.message)

    def _is_same_press(self, chat_id: int, message_id: int, line: str) -> bool:
        now = self._clock.now()
        before, at = self._presses.pop((chat_id, message_id), ("", now))
        self._presses[chat_id, message_id] = line, now
        if len(self._presses) > PRESSES_KEPT:
            self._presses.popitem(last=False)
        return before == line and now - at < SAME_PRESS

    def _is_for_admins(self, line: str) -> bool:
        command = self._table.get(command_of(line))
        return command is not None and command.who is Who.ADMIN


def _is_alone(chat_type: str, *, buttons: bool = False) -> bool:
    """Whether whoever asks rules the chat by its nature; in a channel all see the buttons, but only admins write."""
    return chat_type == ChatType.PRIVATE or (chat_type == ChatType.CHANNEL and not buttons)


def _backoff(failures: int) -> timedelta:
    """1 s, doubled with each failure up to a minute, and up to a quarter less, so that no two bots keep step."""
    return min(FIRST_WAIT * (1 << min(failures - 1, 10)), LONGEST_WAIT) * (1 - random() / 4)
