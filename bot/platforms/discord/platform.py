"""The platform `discord`: channels, threads and forums of servers, and direct messages.

gateway -> client -> conversations -> replies -> Discord; alerts -> post -> Discord
"""

import asyncio
import re
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from datetime import timedelta

import structlog
from discord import Client, DiscordException, Interaction, LoginFailure, NotFound, Object
from discord.http import HTTPClient, Route

from bot.clock import Clock, SystemClock
from bot.commands import COMMANDS
from bot.commands.framework.command import Command
from bot.commands.framework.completion import Complete
from bot.core.message.blocks import Message
from bot.core.model import Chat
from bot.delivery.limits import Limits
from bot.delivery.outgoing import Outgoing
from bot.errors import ConfigError, Fault, PlatformAway, SendError
from bot.platforms.base import Answer, ChatEvents
from bot.platforms.connection import Connection, Sleep
from bot.platforms.discord.adapter import LIMITS, PLATFORM
from bot.platforms.discord.client import FaultlineClient, Tells
from bot.platforms.discord.commands import offer_commands
from bot.platforms.discord.conversations import Conversations
from bot.platforms.discord.errors import AWAY, REFUSED, WRONG_TOKEN, failure_of, fault_of, problem_of
from bot.platforms.discord.lost_chats import LostChatNotifier
from bot.platforms.discord.places import chat_of
from bot.platforms.discord.publishing import PublicationBook, Publisher
from bot.platforms.discord.sender import REQUEST_TIMEOUT, Post, attempts_of

log = structlog.get_logger()

NO_API = Fault(
    where="setting discord.api_url (or FAULTLINE_DISCORD__API_URL)",
    what="what answers there isn't Discord's API; give its full address, as in https://discord.com/api/v10",
)

STOP_TIME = timedelta(seconds=2)
LAST_WORDS_TIME = timedelta(seconds=1)
CHECK_TIME = timedelta(seconds=10)
# How long a message waits for us to be connected at first.
CONNECT_TIME = timedelta(seconds=10)
_TOKEN = re.compile(r"[\w.-]+", re.ASCII)


async def check_token(token: str, api_url: str) -> None:
    """Raise ConfigError when Discord does not know the token; that Discord is away is no fault of the token's."""
    Route.BASE = api_url.rstrip("/")
    http = HTTPClient(asyncio.get_running_loop())
    try:
        async with asyncio.timeout(CHECK_TIME.total_seconds()):
            account: object = await http.static_login(_sound(token))
    except LoginFailure:
        raise ConfigError(WRONG_TOKEN) from None
    except NotFound:
        raise ConfigError(NO_API) from None
    except AWAY as error:
        log.warning("Discord cannot be reached yet", problem=problem_of(error))
    else:
        if not (isinstance(account, Mapping) and "id" in account):
            raise ConfigError(NO_API)
    finally:
        await http.close()


def _sound(token: str) -> str:
    """The token as it can stand in a header. Raises ConfigError."""
    stripped = token.strip()
    if not _TOKEN.fullmatch(stripped):
        raise ConfigError(WRONG_TOKEN)
    return stripped


class Discord:
    """Serves the chats of one bot."""

    name = PLATFORM

    def __init__(
        self,
        answer: Answer,
        complete: Complete,
        *,
        token: str,
        api_url: str,
        changes: ChatEvents,
        book: PublicationBook,
        clock: Clock | None = None,
        limits: Limits = LIMITS,
        table: tuple[Command, ...] = COMMANDS,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        clock = clock or SystemClock()
        self._token = _sound(token)
        self._api_url = api_url
        self._table = table
        self._sleep = sleep
        self._changes = changes
        self._connection = Connection("Discord", clock, sleep)
        self._client: Client | None = None
        self._staying: asyncio.Task[None] | None = None
        self._logged_in = asyncio.Event()
        self._is_away = False
        self._has_commands = False
        self._under_way: set[asyncio.Future[None]] = set()
        self._tasks: asyncio.TaskGroup | None = None
        self._losses = LostChatNotifier(
            changes, tell=lambda *told: self._begin(self._write_to(*told)), find=self._channel_of
        )
        self._post = Post(self._connected, self._losses, changes, clock=clock, limits=limits, sleep=sleep)
        self._publisher = Publisher(self._connected, self._post.limiter, book, clock=clock, sleep=sleep)
        self._conversations = Conversations(
            answer,
            complete,
            table=table,
            changes=changes,
            clock=clock,
            sleep=sleep,
            is_offered=lambda: self._has_commands,
        )

    @property
    def state(self) -> str:
        """How the connection stands, in a few words."""
        return self._connection.state

    @property
    def refusals(self) -> int:
        """How often Discord asked us to wait since the start."""
        return self._post.refusals

    async def run(self) -> None:
        """Serve people until cancelled, and connect anew whenever the connection ends. Raises ConfigError."""
        self._post.limiter.open()
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            publishing = tasks.create_task(self._publisher.run())
            try:
                refusal = await self._serve()
            except asyncio.CancelledError:
                self._post.limiter.close()
                raise
            finally:
                self._is_away = True
                publishing.cancel()
                if self._under_way:
                    await asyncio.wait(self._under_way, timeout=STOP_TIME.total_seconds())
                self._tasks = None
                with suppress(TimeoutError):
                    async with asyncio.timeout(LAST_WORDS_TIME.total_seconds()):
                        await self._conversations.close()
                await self._leave()
        raise ConfigError(refusal)

    async def send(self, outgoing: Outgoing) -> str:
        """Send or edit a message; its ref is that of its first part. Raises SendError."""
        under_way = asyncio.get_running_loop().create_future()
        self._under_way.add(under_way)
        try:
            first, *_ = [await self._post.deliver(attempt) for attempt in attempts_of(outgoing)]
        finally:
            self._under_way.discard(under_way)
            under_way.set_result(None)
        if outgoing.publishes and str(first) != outgoing.edits:
            self._publisher.add(first)
        return str(first)

    async def is_there(self) -> None:
        """Ask who we are. Raises SendError."""
        client = await self._connected()
        try:
            await client.http.request(Route("GET", "/users/@me"))
        except AWAY as error:
            raise failure_of(error).error from error

    def _begin(self, errand: Coroutine[None, None, None]) -> None:
        """Let something be done beside the alerts, for which none of them waits; not when we stop."""
        if self._tasks is None:
            errand.close()
            return
        task = self._tasks.create_task(errand)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _write_to(self, person: str, message: Message) -> None:
        """Tell somebody something that they did not ask for, if they can be reached."""
        try:
            client = await self._connected()
            async with asyncio.timeout(REQUEST_TIMEOUT.total_seconds()):
                private = await client.create_dm(Object(int(person)))
            await self.send(Outgoing(chat=chat_of(private.id), message=message))
        except (SendError, DiscordException, *AWAY) as error:
            log.info("whoever set a chat up cannot be told that it is lost", problem=f"{type(error).__name__}: {error}")

    def _channel_of(self, chat: Chat) -> object:
        return self._client.get_channel(int(chat.address)) if self._client is not None else None

    async def _serve(self) -> Fault:
        """One connection after another, until Discord refuses what only the operator can mend."""
        while True:
            try:
                await self._connect()
                problem = "Discord ended the connection"
            except REFUSED as error:
                if (fault := fault_of(error)) is not None:
                    return fault
                problem = problem_of(error)
            except AWAY as error:
                problem = problem_of(error)
            self._is_away = True
            await self._leave()
            await self._connection.wait_out(problem)

    async def _connect(self) -> None:
        async def asked(interaction: Interaction) -> None:
            self._begin(self._conversations.handle(interaction))

        tells = Tells(
            asked=asked,
            granted_anew=self._conversations.grants.forget,
            connection=self._connection,
            changes=self._changes,
            losses=self._losses,
            closed_chats=self._post.closed_chats,
        )
        self._client = client = FaultlineClient(tells, api_url=self._api_url, sleep=self._sleep)
        await client.login(self._token)
        self._is_away = False
        self._logged_in.set()
        await self._offer_commands(client)
        self._staying = asyncio.create_task(client.connect())
        await asyncio.wait([self._staying])
        await self._staying

    async def _offer_commands(self, client: Client) -> None:
        """Once in a run; commands that Discord does not take now are no reason to keep people waiting."""
        if self._has_commands or client.application_id is None:
            return
        try:
            await offer_commands(client.http, client.application_id, self._table)
        except AWAY as error:
            log.warning("the slash commands are not up to date", problem=str(error))
        else:
            self._has_commands = True

    async def _leave(self) -> None:
        """Close the connection, in good order if that is soon done."""
        self._logged_in.clear()
        client, self._client = self._client, None
        staying, self._staying = self._staying, None
        if client is not None:
            with suppress(*AWAY):
                async with asyncio.timeout(STOP_TIME.total_seconds()):
                    await client.close()
        if staying is not None:
            # Cancelling alone would not do: the library uses wait_for, which can miss it (bpo-37658).
            staying.cancel()
            ended, _ = await asyncio.wait([staying], timeout=STOP_TIME.total_seconds())
            for task in ended:
                if not task.cancelled():
                    # That its session was closed beneath it says nothing new; unasked, the loop would report it.
                    task.exception()

    async def _connected(self) -> Client:
        if not self._is_away:
            with suppress(TimeoutError):
                async with asyncio.timeout(CONNECT_TIME.total_seconds()):
                    await self._logged_in.wait()
        if self._client is None or not self._logged_in.is_set():
            raise PlatformAway("no connection to Discord")
        return self._client
