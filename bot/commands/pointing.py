"""Which story somebody points at who replies to a message about it."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.base import Request, misuse
from bot.core.message import ours
from bot.core.model import StoryId, SubscriberId
from bot.errors import UsageError
from bot.storage import archive

# What the buttons below an alert are called that do the same.
_LABELS: Mapping[str, str] = {"/why": "Why", "/story": "“Who says what”", "/mute story": "“Mute this story”"}


async def told_behind(tx: AsyncConnection, request: Request) -> tuple[SubscriberId, StoryId] | None:
    """Whose message about which story is replied to; None where there is none.

    What a private chat asks for its channel answers a message of its own.
    """
    if not request.reply_to or request.acts_for:
        return None
    return await archive.alert_behind(tx, request.chat, request.reply_to)


async def pointed_at(
    tx: AsyncConnection, request: Request, *, question: str, command: str
) -> tuple[SubscriberId, StoryId]:
    """The same; for whoever points at nothing UsageError with the question, and the ways to give the command."""
    behind = await told_behind(tx, request)
    if behind is None:
        raise _unnamed(request, question, command)
    return behind


def _unnamed(request: Request, question: str, command: str) -> UsageError:
    """Where a platform asks for each param by itself, a command cannot be a reply."""
    label = _LABELS[command]
    if isinstance(request.arguments, Mapping):
        template = "{question} Press {label} below an alert, or name a story: {command} 4711."
    else:
        template = (
            "{question} Reply with {command} to an alert, press {label} below it, or name a story: {command} 4711."
        )
    return misuse(template, question=question, command=ours(command), label=label)
