"""Discord on the loopback: its REST API and its gateway, with the real refusals, limits and losses.

https://docs.discord.com/developers/reference, .../events/gateway
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import web
from discord import ChannelType

from tests.builders import ManualClock
from tests.platforms.discord.asking import Asking, is_thread
from tests.platforms.discord.gateway import Gateway
from tests.platforms.discord.validation import checked
from tests.platforms.discord.world import (
    APPLICATION,
    BOT,
    EPHEMERAL,
    MISSING_ACCESS,
    UNKNOWN_CHANNEL,
    Channel,
    Json,
    Refusal,
    Sent,
    flood,
)

SUPPRESS_NOTIFICATIONS = 4096

Handler = Callable[["DiscordServer", web.Request, Json], Awaitable[Any]]


class DiscordServer(Gateway):
    """The server and its world; an async context manager. `limited` makes it refuse floods as Discord does."""

    def __init__(self, clock: ManualClock | None = None, *, limited: bool = False) -> None:
        super().__init__(clock)
        self.limited = limited
        self.url = ""
        self.syncs = 0
        self.pictures: dict[str, bytes] = {}  # by what they show, in words
        self._runner: web.AppRunner | None = None
        self._troubles: dict[str, deque[Refusal | None]] = {}
        self._losing: dict[str, int] = {}
        self._misleading: dict[str, deque[Refusal]] = {}
        self._held: dict[str, asyncio.Event] = {}
        self._stalling: dict[str, int] = {}
        self._answer_time = 0.0
        self._nonces: dict[str, Sent] = {}
        self._recent: dict[str, deque[float]] = {}
        self._buckets: dict[str, tuple[int, float]] = {}

    async def __aenter__(self) -> Self:
        await self.comes_back()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.goes_down()

    # Trouble

    def refuses(self, name: str, refusal: Refusal, times: int = 1, *, after: int = 0) -> None:
        """The next calls of a route (see ROUTES) are refused, once some have gone through."""
        self._troubles.setdefault(name, deque()).extend([None] * after + [refusal] * times)

    def loses_answers(self, name: str, times: int = 1) -> None:
        """The next calls of a route are obeyed, but the connection breaks before the answer."""
        self._losing[name] = times

    def misleads(self, name: str, refusal: Refusal, times: int = 1) -> None:
        """The next calls of a route are obeyed, but answered as if they were not."""
        self._misleading[name] = deque([refusal] * times)

    def holds_answers(self, name: str) -> asyncio.Event:
        """Calls of a route are obeyed, but not answered before the event is set."""
        self._held[name] = asyncio.Event()
        return self._held[name]

    def stalls(self, name: str, times: int = 1) -> None:
        """The next calls of a route are neither obeyed nor answered."""
        self._stalling[name] = times

    def takes_time(self, seconds: float) -> None:
        """What it is asked is done at once, but the answer is so long on its way."""
        self._answer_time = seconds

    def tells_its_limit(self, name: str, most: int, seconds: float) -> None:
        """The answers of a route say how many calls are left before it is filled anew, from now on."""
        self._buckets[name] = (most, time.monotonic() + seconds)

    async def goes_down(self) -> None:
        """Nobody listens any more."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            self.drops()
            await runner.cleanup()

    async def comes_back(self) -> None:
        """The server listens, at the same address as before."""
        app = web.Application()
        for name, (method, path, _) in ROUTES.items():
            app.router.add_route(method, f"/api/v10{path}", self._serving(name))
        app.router.add_get("/gateway/", self.serve_gateway)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}/api/v10"

    # REST

    def _serving(self, name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            self.calls[name] += 1
            if self._stalling.get(name):
                self._stalling[name] -= 1
                await asyncio.Event().wait()
            try:
                trouble = self._troubles[name].popleft() if self._troubles.get(name) else None
                if trouble is not None:
                    raise trouble
                result = await self._result(name, request)
                if self._misleading.get(name):
                    raise self._misleading[name].popleft()
            except Refusal as refusal:
                self.refused[refusal.status] += 1
                return _json(refusal.body, refusal.status, refusal.headers)
            finally:
                self.changed.set()
            await asyncio.sleep(self._answer_time)
            if name in self._held:
                await self._held[name].wait()
            if self._losing.get(name):
                self._losing[name] -= 1
                assert request.transport is not None
                request.transport.abort()
            return web.Response(status=204) if result is None else _json(result, headers=self._limit_of(name))

        return serve

    def _limit_of(self, name: str) -> Json:
        """https://docs.discord.com/developers/topics/rate-limits#header-format."""
        if name not in self._buckets:
            return {}
        most, until = self._buckets[name]
        left = {"Remaining": most - self.calls[name], "Reset-After": until - time.monotonic()}
        return {f"X-RateLimit-{key}": str(value) for key, value in ({"Limit": most, "Bucket": name} | left).items()}

    async def _result(self, name: str, request: web.Request) -> Any:
        by_token = name in {"acknowledge", "edit_reply", "follow_up", "delete_reply"}
        if not by_token and request.headers.get("Authorization") != f"Bot {self.token}":
            raise Refusal(401, 0, "401: Unauthorized")
        if self.limited and not by_token:
            self._pace("everything", 50, 1)
        asked = await self._asked(request) if request.can_read_body else {}
        return await ROUTES[name][2](self, request, asked)

    async def _asked(self, request: web.Request) -> Any:
        """What is asked, once its files are put by."""
        if request.content_type != "multipart/form-data":
            return await request.json()
        form = await request.post()
        asked = json.loads(str(form["payload_json"]))
        for each in (asked.get("data") or asked.get("message") or asked)["attachments"]:
            sent = form[f"files[{each['id']}]"]
            assert isinstance(sent, web.FileField)
            assert sent.filename == each["filename"]
            self.pictures[each["description"]] = sent.file.read()
        return asked

    def _pace(self, what: str, most: int, seconds: float) -> None:
        now = time.monotonic()
        times = self._recent.setdefault(what, deque())
        while times and times[0] <= now - seconds:
            times.popleft()
        if len(times) >= most:
            raise flood(times[0] + seconds - now, everywhere=what == "everything")
        times.append(now)

    async def get_me(self, _request: web.Request, _asked: Json) -> Json:
        return BOT

    async def get_application(self, _request: web.Request, _asked: Json) -> Json:
        owner = {"id": "1", "username": "op", "discriminator": "0", "avatar": None}
        return {
            "id": APPLICATION,
            "name": "Faultline",
            "description": "",
            "icon": None,
            "bot_public": True,
            "bot_require_code_grant": False,
            "owner": owner,
            "verify_key": "",
            "flags": 0,
        }

    async def get_gateway(self, _request: web.Request, _asked: Json) -> Json:
        limits = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 1}
        return {"url": f"ws://127.0.0.1:{self._port}/gateway/", "shards": 1, "session_start_limit": limits}

    async def get_commands(self, _request: web.Request, _asked: Json) -> list[Json]:
        return [_as_kept(command) for command in self.commands]

    async def set_commands(self, _request: web.Request, asked: Any) -> list[Json]:
        self.commands = asked
        self.syncs += 1
        return [_as_kept(command) for command in self.commands]

    async def create_message(self, request: web.Request, asked: Json) -> Json:
        channel = self._channel(request)
        if channel.type == ChannelType.forum.value:
            raise Refusal(400, 50008, "Cannot send messages in a non-text channel")
        known = self._nonces.get(asked.get("nonce", "")) if asked.get("enforce_nonce") else None
        if known is not None:
            return self.message_json(known)
        if self.limited:
            self._pace(channel.id, 5, 5)
        sent = self._write(channel, checked(asked))
        self._nonces[sent.nonce] = sent
        return self.message_json(sent)

    async def edit_message(self, request: web.Request, asked: Json) -> Json:
        channel = self._channel(request)
        sent = next((each for each in channel.sent if each.id == request.match_info["message"]), None)
        if sent is None or sent.deleted:
            raise Refusal(404, 10008, "Unknown Message")
        return self.message_json(self.rewrite(channel, sent, asked))

    async def get_messages(self, request: web.Request, _asked: Json) -> list[Json]:
        """The newest first; nothing where the bot may not read what was."""
        channel = self._channel(request)
        before, limit = int(request.query.get("before", 2**63)), int(request.query["limit"])
        found = [each for each in reversed(channel.sent) if not each.deleted and int(each.id) < before]
        return [self.message_json(each) for each in found[:limit]] if self._may_read(channel) else []

    async def get_message(self, request: web.Request, _asked: Json) -> Json:
        channel = self._channel(request)
        if not self._may_read(channel):
            raise MISSING_ACCESS
        sent = next((each for each in channel.sent if each.id == request.match_info["message"]), None)
        if sent is None or sent.deleted:
            raise Refusal(404, 10008, "Unknown Message")
        return self.message_json(sent)

    def _may_read(self, channel: Channel) -> bool:
        return channel.server is None or channel.server.rights(APPLICATION, channel).read_message_history

    def forgets_nonces(self) -> None:
        """More than the past few minutes have gone by."""
        self._nonces.clear()

    async def publish_message(self, request: web.Request, _asked: Json) -> Json:
        channel = self._channel(request)
        if channel.type != ChannelType.news.value:
            raise Refusal(403, 50024, "Cannot execute action on this channel type")
        sent = next(each for each in channel.sent if each.id == request.match_info["message"])
        if sent.published:
            raise Refusal(400, 40033, "This message has already been crossposted.")
        sent.published = True
        return self.message_json(sent)

    async def open_private(self, _request: web.Request, asked: Json) -> Json:
        who = self.people[str(asked["recipient_id"])]
        return who.private.json | {"recipients": [who.json]}

    async def get_channel(self, request: web.Request, _asked: Json) -> Json:
        return self._channel(request).json

    async def get_threads(self, request: web.Request, _asked: Json) -> Json:
        channels = self.servers[request.match_info["server"]].channels.values()
        return {"threads": [each.json for each in channels if is_thread(each)], "members": []}

    async def start_post(self, request: web.Request, asked: Json) -> Json:
        forum = self._channel(request)
        assert forum.server is not None
        assert forum.type == ChannelType.forum.value
        if forum.tags and not asked.get("applied_tags"):
            raise Refusal(400, 40067, "A tag is required to create a forum post in this channel")
        assert 1 <= len(asked["name"]) <= 100
        message = checked(asked["message"])
        post = self.channel(forum.server, asked["name"], ChannelType.public_thread, parent=forum, owner=BOT["id"])
        post.tags = tuple(forum.tags[int(tag) - 1] for tag in asked.get("applied_tags", ()))
        sent = self._write(post, message, id_=post.id)
        self.see(forum, sent)
        return post.json | {"message": self.message_json(sent)}

    async def acknowledge_interaction(self, request: web.Request, asked: Json) -> Json:
        asking = self._asking(request)
        if "content" in (asked.get("data") or {}) or "embeds" in (asked.get("data") or {}):
            checked(asked["data"])
        self.acknowledge(asking, asked)
        self.changed.set()
        return {"interaction": {"id": asking.id, "type": 2}}

    async def edit_reply(self, request: web.Request, asked: Json) -> Json:
        asking = self._acknowledged(request)
        sent = asking.original
        assert sent is not None
        if asking.is_waiting:
            asking.where.sent.append(sent)
        return self.message_json(self.rewrite(asking.where, sent, asked))

    async def delete_reply(self, request: web.Request, _asked: Json) -> None:
        asking = self._acknowledged(request)
        asking.deleted = True

    async def follow_up(self, request: web.Request, asked: Json) -> Json:
        asking = self._acknowledged(request)
        return self.message_json(self.write(asking, checked(asked), asked.get("flags", 0)))

    def write(self, asking: Asking, asked: Json, flags: int) -> Sent:
        sent = self._write(asking.where, asked, to=asking.who.id if flags & EPHEMERAL else "")
        sent.interaction = self.answered(asking)
        return sent

    def rewrite(self, where: Channel, sent: Sent, asked: Json) -> Sent:
        after = self.message_json(sent) | asked
        checked(after)
        sent.content, sent.embeds, sent.components = after["content"] or "", after["embeds"], after["components"]
        sent.edits += 1
        self.see(where, sent)
        return sent

    def _write(self, channel: Channel, asked: Json, *, to: str = "", id_: str = "") -> Sent:
        sent = Sent(
            id_ or self.next_id(),
            channel.id,
            asked.get("embeds") or [],
            asked.get("content") or "",
            asked.get("components") or [],
            asked.get("flags") or 0,
            str(asked.get("nonce") or ""),
            str((asked.get("message_reference") or {}).get("message_id", "")),
            to,
        )
        allowed = (asked.get("allowed_mentions") or {}).get("roles", [])
        sent.woken = tuple(str(role) for role in allowed if f"<@&{role}>" in sent.content)
        channel.sent.append(sent)
        self.see(channel, sent)
        return sent

    def _channel(self, request: web.Request) -> Channel:
        channel = self.channels.get(request.match_info["channel"])
        if channel is None:
            raise UNKNOWN_CHANNEL
        if channel.refusal is not None:
            raise channel.refusal
        return channel

    def _asking(self, request: web.Request) -> Asking:
        asking = self.asked.get(request.match_info["token"])
        if asking is None:
            raise Refusal(404, 10015, "Unknown Webhook")
        return asking

    def _acknowledged(self, request: web.Request) -> Asking:
        asking = self._asking(request)
        if asking.took is None:
            raise Refusal(404, 10008, "Unknown Message")
        return asking


def _json(body: Any, status: int = 200, headers: Json | None = None) -> web.Response:
    """As Discord says it: the library wants no charset behind it."""
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers, content_type="application/json")


def _as_kept(command: Json) -> Json:
    """A command as Discord gives it back: with fields of its own, and without what is not set."""
    options = [{key: value for key, value in each.items() if value is not False} for each in command["options"]]
    added = {
        "id": "1",
        "application_id": APPLICATION,
        "version": "1",
        "nsfw": False,
        "dm_permission": True,
        "name_localizations": None,
        "description_localizations": None,
    }
    return command | added | {"options": options}


ROUTES: dict[str, tuple[str, str, Handler]] = {
    "get_me": ("GET", "/users/@me", DiscordServer.get_me),
    "get_application": ("GET", "/oauth2/applications/@me", DiscordServer.get_application),
    "get_gateway": ("GET", "/gateway/bot", DiscordServer.get_gateway),
    "get_commands": ("GET", "/applications/{application}/commands", DiscordServer.get_commands),
    "set_commands": ("PUT", "/applications/{application}/commands", DiscordServer.set_commands),
    "create_message": ("POST", "/channels/{channel}/messages", DiscordServer.create_message),
    "get_messages": ("GET", "/channels/{channel}/messages", DiscordServer.get_messages),
    "get_message": ("GET", "/channels/{channel}/messages/{message}", DiscordServer.get_message),
    "get_channel": ("GET", "/channels/{channel}", DiscordServer.get_channel),
    "get_threads": ("GET", "/guilds/{server}/threads/active", DiscordServer.get_threads),
    "edit_message": ("PATCH", "/channels/{channel}/messages/{message}", DiscordServer.edit_message),
    "open_private": ("POST", "/users/@me/channels", DiscordServer.open_private),
    "publish_message": ("POST", "/channels/{channel}/messages/{message}/crosspost", DiscordServer.publish_message),
    "start_post": ("POST", "/channels/{channel}/threads", DiscordServer.start_post),
    "acknowledge": ("POST", "/interactions/{id}/{token}/callback", DiscordServer.acknowledge_interaction),
    "edit_reply": ("PATCH", "/webhooks/{id}/{token}/messages/@original", DiscordServer.edit_reply),
    "delete_reply": ("DELETE", "/webhooks/{id}/{token}/messages/@original", DiscordServer.delete_reply),
    "follow_up": ("POST", "/webhooks/{id}/{token}", DiscordServer.follow_up),
}
