"""Everything that people can ask, once for all platforms.

A command is an `async def` below its row, a `@Command(...)`, in one of the modules here; its place among the others is
told below. Menus, slash options, completion and /help follow.
"""

from bot.commands import (
    broadcast,
    channel,
    follow,
    forget,
    latest,
    mute,
    owner,
    read,
    refine,
    search,
    settings,
    sources,
    status,
    story,
    summary,
    tension,
    why,
)
from bot.commands import help as help_
from bot.commands.framework.command import table_of
from bot.commands.framework.dispatch import answer_from
from bot.commands.framework.request import Request
from bot.commands.framework.services import Services
from bot.core.message.blocks import Message

# fmt: off
COMMANDS = table_of(
    help_.start, latest.latest, search.search, summary.summary, story.story, tension.show_tension,
    why.why, why.missed, follow.follow, follow.rules, follow.unfollow,
    settings.level, settings.pause, settings.resume, mute.mute, mute.show_mutes, settings.settings, settings.wider,
    read.read, channel.channel, settings.mention, settings.publish,
    sources.sources, status.status, broadcast.broadcast, owner.allow, owner.disallow,
    help_.show_help, help_.about, forget.forget,
    # for buttons
    broadcast.announce, follow.confirm, follow.cancel, mute.endmute, refine.fewer, refine.replace,
    channel.offer, latest.page,
)
# fmt: on


async def answer(request: Request, services: Services) -> Message | None:
    """The answer to whatever somebody asked, None where silence is the answer; never raises but for being cancelled."""
    return await answer_from(COMMANDS, request, services)
