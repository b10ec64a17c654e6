"""Discord's gateway on the loopback: sessions that end, are resumed, and are refused.

https://docs.discord.com/developers/events/gateway
"""

import asyncio
import json
from typing import Any

from aiohttp import WSMsgType, web

from tests.platforms.discord.asking import Asks
from tests.platforms.discord.world import APPLICATION, BOT, Json

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0123456789ab"
GUILDS = 1  # the intent
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11


class Session:
    """What the gateway remembers of a connection, to be resumed."""

    def __init__(self, id_: str) -> None:
        self.id = id_
        self.events: list[Json] = []
        self.socket: web.WebSocketResponse | None = None


class Gateway(Asks):
    """Who is connected, and what they are told."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.token = TOKEN
        self.allowed_intents = GUILDS
        self.asked_intents = 0
        self.identified = 0
        self.resumed = 0
        self.gateway_is_up = True
        self.session: Session | None = None
        self._port = 0
        self._waiting: list[tuple[str, Json]] = []

    # Trouble

    def drops(self) -> None:
        """The gateway's connection breaks."""
        if self.session and self.session.socket is not None:
            socket, self.session.socket = self.session.socket, None
            assert socket._req is not None
            if socket._req.transport is not None:
                socket._req.transport.abort()

    async def restarts(self) -> None:
        """Discord asks the bot to connect again, as it does before it restarts a gateway."""
        await self._send({"op": RECONNECT, "d": None})

    async def closes(self, code: int) -> None:
        """The gateway closes the connection for a reason."""
        assert self.session is not None
        assert self.session.socket is not None
        socket, self.session.socket = self.session.socket, None
        await socket.close(code=code)

    def forgets_sessions(self) -> None:
        """What was connected can only begin anew."""
        if self.session is not None:
            self.session.id = "forgotten"

    # The gateway

    def dispatch(self, event: str, content: Json) -> None:
        if self.session is None:
            self._waiting.append((event, content))
            return
        payload = {"op": DISPATCH, "t": event, "s": len(self.session.events) + 1, "d": content}
        self.session.events.append(payload)
        if self.session.socket is not None:
            self._soon(self.session.socket, payload)

    def _soon(self, socket: web.WebSocketResponse, payload: Json) -> None:
        """Events go in order: writing to a loopback socket does not wait."""
        assert socket._writer is not None
        task = asyncio.ensure_future(socket.send_str(json.dumps(payload)))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _send(self, payload: Json) -> None:
        assert self.session is not None
        assert self.session.socket is not None
        await self.session.socket.send_str(json.dumps(payload))

    async def serve_gateway(self, request: web.Request) -> web.StreamResponse:
        if not self.gateway_is_up:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"op": HELLO, "d": {"heartbeat_interval": 41_250}}))
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._hear(socket, json.loads(message.data))
        return socket

    async def _hear(self, socket: web.WebSocketResponse, said: Json) -> None:
        match said["op"]:
            case 1:
                await socket.send_str(json.dumps({"op": ACK}))
            case 2:
                await self._identify(socket, said["d"])
            case 6:
                await self._resume(socket, said["d"])

    async def _identify(self, socket: web.WebSocketResponse, said: Json) -> None:
        self.asked_intents = said["intents"]
        if said["token"] != self.token:
            await socket.close(code=4004)
            return
        if said["intents"] & ~self.allowed_intents:
            await socket.close(code=4014)
            return
        self.identified += 1
        self.session = session = Session(self.next_id())
        session.socket = socket
        servers = [server for server in self.servers.values() if server.with_us]
        self.dispatch(
            "READY",
            {
                "v": 10,
                "user": BOT,
                "guilds": [{"id": server.id, "unavailable": True} for server in servers],
                "session_id": session.id,
                "resume_gateway_url": f"ws://127.0.0.1:{self._port}/gateway/",
                "shard": said["shard"],
                "application": {"id": APPLICATION, "flags": 0},
            },
        )
        for server in servers:
            self.dispatch("GUILD_CREATE", server.json)
        waiting, self._waiting = self._waiting, []
        for event, content in waiting:
            if event == "INTERACTION_CREATE":
                self.dispatch(event, content)
        self.changed.set()

    async def _resume(self, socket: web.WebSocketResponse, said: Json) -> None:
        if self.session is None or self.session.id != said["session_id"]:
            await socket.send_str(json.dumps({"op": INVALID, "d": False}))
            return
        self.resumed += 1
        self.session.socket = socket
        for event in self.session.events[said["seq"] :]:
            await socket.send_str(json.dumps(event))
        self.dispatch("RESUMED", {})
        self.changed.set()
