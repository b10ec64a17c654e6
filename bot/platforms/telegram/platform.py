"""The platform `telegram`: private chats, groups and their topics, channels.

updates -> polling or webhook -> turns -> conversations -> replies -> post -> Telegram
"""

import asyncio
from functools import partial

import aiohttp
import structlog
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError

from bot.clock import Clock, SystemClock
from bot.commands import COMMANDS
from bot.commands.framework.command import Command
from bot.delivery.limits import Limits
from bot.delivery.outgoing import Outgoing
from bot.errors import ConfigError, Fault
from bot.platforms.base import Answer, ChatEvents
from bot.platforms.connection import Connection, Sleep
from bot.platforms.telegram.adapter import LIMITS, PLATFORM, TELEGRAM_API
from bot.platforms.telegram.client import AiohttpRequest
from bot.platforms.telegram.connection import retry_while_offline
from bot.platforms.telegram.conversations import Conversations
from bot.platforms.telegram.errors import failure_of
from bot.platforms.telegram.menu import offer_menu
from bot.platforms.telegram.polling import Polling, PollingBot
from bot.platforms.telegram.queue import UpdateQueue
from bot.platforms.telegram.replies import Replies
from bot.platforms.telegram.sender import Post, attempts_of
from bot.platforms.telegram.topics import TopicStore
from bot.platforms.telegram.webhook import Hook, Webhook

log = structlog.get_logger()


def wrong_token(api_url: str) -> Fault:
    """What to tell of a token that is refused; a server of one's own refuses wrong paths with the same words."""
    what = "Telegram doesn't recognise this token; copy it again from @BotFather"
    if api_url.rstrip("/") != TELEGRAM_API:
        what = (
            f"the server at {api_url} doesn't recognise this token; copy it again from @BotFather, and check that "
            "telegram.api_url (or FAULTLINE_TELEGRAM__API_URL) is the whole address of a Bot API server"
        )
    return Fault(where="setting telegram.token (or FAULTLINE_TELEGRAM__TOKEN)", what=what)


async def check_token(token: str, api_url: str, session: aiohttp.ClientSession) -> None:
    """Raise ConfigError when Telegram does not know the token; that Telegram is away is no fault of the token's."""
    bot = _bot_of(token, api_url, session)
    try:
        await bot.get_me()
    except InvalidToken:
        raise ConfigError(wrong_token(api_url)) from None
    except TelegramError as error:
        log.warning("Telegram cannot be reached yet", problem=error.message)


def _bot_of(token: str, api_url: str, session: aiohttp.ClientSession, sleep: Sleep = asyncio.sleep) -> PollingBot:
    """The library's bot over our own HTTP. Raises ConfigError."""
    request = AiohttpRequest(session, sleep)
    try:
        return PollingBot(token, base_url=f"{api_url.rstrip('/')}/bot", request=request, get_updates_request=request)
    except InvalidToken:
        raise ConfigError(wrong_token(api_url)) from None


class Telegram:
    """Serves the chats of one bot; updates are brought to `hook`, or polled for where there is none.

    `session` stays its owner's, and needs connections for 50 sends and a poll.
    """

    name = PLATFORM

    def __init__(
        self,
        answer: Answer,
        *,
        token: str,
        api_url: str,
        session: aiohttp.ClientSession,
        changes: ChatEvents,
        topics: TopicStore,
        hook: Hook | None = None,
        clock: Clock | None = None,
        limits: Limits = LIMITS,
        table: tuple[Command, ...] = COMMANDS,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        clock = clock or SystemClock()
        self._wrong_token = wrong_token(api_url)
        self._bot = _bot_of(token, api_url, session, sleep)
        self._table = table
        self._has_menu = False
        self._connection = Connection("Telegram", clock, sleep)
        self._updates = (
            Polling(self._bot, self._connection, clock)
            if hook is None
            else Webhook(self._bot, self._connection, hook, clock)
        )
        self._post = Post(self._bot, changes, topics, clock, limits)
        self._conversations = Conversations(
            answer,
            bot=self._bot,
            table=table,
            replies=Replies(self._bot, self._post, sleep),
            post=self._post,
            changes=changes,
            clock=clock,
        )

    @property
    def state(self) -> str:
        """How the connection stands, in a few words."""
        return self._connection.state

    @property
    def refusals(self) -> int:
        """How often Telegram asked us to wait since the start."""
        return self._post.refusals

    async def run(self) -> None:
        """Serve people until cancelled, and wait for Telegram whenever it is away. Raises ConfigError."""
        self._post.limiter.open()
        await retry_while_offline(self._connection, self._introduce)
        async with asyncio.TaskGroup() as tasks:
            turns = UpdateQueue(self._conversations.handle, self._conversations.acknowledge_early, tasks)
            try:
                await retry_while_offline(self._connection, partial(self._receive, turns))
            finally:
                await self._updates.finish(turns)
                self._post.limiter.close()

    async def send(self, outgoing: Outgoing) -> str:
        """Send or edit a message; its ref is the id of its first part. Raises SendError."""
        first, *_ = [await self._post.deliver(attempt) for attempt in attempts_of(outgoing)]
        return str(first)

    async def is_there(self) -> None:
        """Ask who we are. Raises SendError."""
        try:
            await self._bot.get_me()
        except TelegramError as error:
            raise failure_of(error).error from error

    async def _introduce(self) -> None:
        """Learn our own name. Raises ConfigError and TelegramError."""
        try:
            await self._bot.initialize()
        except InvalidToken:
            raise ConfigError(self._wrong_token) from None

    async def _receive(self, turns: UpdateQueue) -> None:
        """Offer the menu, once in a run, and receive updates. Raises TelegramError."""
        if not self._has_menu:
            try:
                await offer_menu(self._bot, self._table)
            except (BadRequest, RetryAfter) as error:
                # No reason to keep people waiting.
                log.warning("the menu of commands is not up to date", problem=error.message)
            else:
                self._has_menu = True
        await self._updates.receive(turns)
