"""Which story somebody means: by its number in the last list, by its id, or by a reply to a message about it; and
which of the rules that a chat follows.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.framework.command import POINTED, Call, Param, RuleNumber, StoryNumber
from bot.commands.framework.request import Request, misuse
from bot.core.message.blocks import ours
from bot.core.model import Following, StoryId, SubscriberId
from bot.errors import UsageError
from bot.storage import archive

STORY = Param(
    summary="its number in the last list; leave it out when replying to an alert",
    form_summary="its number in the last list, or one of the stories that come up as you type",
)
FOLLOWED = Param(summary="the number that /rules shows", most=9999)

# What the buttons below an alert are called that do the same.
_LABELS: Mapping[str, str] = {"/why": "Why", "/story": "“Who says what”", "/mute story": "“Mute this story”"}


def story_named(call: Call, named: StoryNumber | None) -> StoryId | None:
    """The story that is named, None where none is; raises UsageError where its number means nothing.

    A button's number is an id: buttons that were made before `BY_ID` have nothing before it.
    """
    if named is None or named == POINTED:
        return None
    if named.is_id or call.request.from_button:
        return StoryId(named.number)
    last = call.services.lists.last(call.request.reader)
    if last is None:
        raise misuse(
            "I don't know which story is number {number}: numbers come from the last list shown here, which I forget "
            "when I restart. /latest shows the latest stories with their numbers.",
            number=named.number,
        )
    if named.number not in last:
        raise misuse("The last list shown here has no story {number}. /latest shows a new one.", number=named.number)
    return last[named.number]


def rule_numbered(named: RuleNumber, followed: Sequence[Following]) -> Following:
    """The rule that is named, one of those that the chat follows. Raises UsageError where there is none such.

    Numbers are given anew after /forget, and "Fewer like this" gives a number to another rule. So a button names
    the id of its rule, too, and ends or changes no other.
    """
    number = named.number
    following = next((each for each in followed if each.number == number), None)
    if following is None:
        raise misuse("This chat has no rule {number}. /rules shows the numbers.", number=number)
    if named.rule not in {None, following.rule}:
        raise misuse("Rule {number} has ended or changed since. /rules shows what this chat follows.", number=number)
    return following


def button_number(following: Following) -> str:
    """How a button names a rule that a chat follows."""
    return f"{following.number}:{following.rule}"


def no_such_story() -> UsageError:
    """What to raise where a story that somebody means is not there."""
    return misuse("That story doesn't exist or has been deleted. /latest shows the latest stories.")


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
    if behind is not None:
        return behind
    if request.is_form:
        template = "{question} Press {label} below an alert, or choose one of the stories that come up as you type."
    else:
        template = (
            "{question} Reply with {command} to an alert, press {label} below it, or give a story's number in the last "
            "list: {command} 1."
        )
    raise misuse(template, question=question, command=ours(command), label=_LABELS[command])
