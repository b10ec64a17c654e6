"""The commands that only buttons give: nobody types them, no menu shows them."""

from dataclasses import replace

from bot.commands import broadcast, channel, follow, latest, mute, refine
from bot.commands.framework.command import About, Command, Kind, Param, Press, Who

NUMBER_OF_RULE = Param(
    name="number", kind=Kind.FOLLOWED, summary="the number that /rules shows", required=True, most=9999
)
DRAFT = Param(name="draft", kind=Kind.NUMBER, summary="the number of the question", required=True)

BUTTONS = (
    Command(
        name="announce",
        summary="Send the broadcast in question",
        example="/announce 17 yes",
        handler=broadcast.announce,
        params=(
            DRAFT,
            Param(name="answer", kind=Kind.CHOICE, summary="yes or no", required=True, choices=("yes", "no")),
        ),
        who=Who.OWNER,
        about=About.BOT,
        hidden=True,
    ),
    Command(
        name="confirm",
        summary="Save the rule in question",
        example="/confirm 17",
        handler=follow.confirm,
        params=(DRAFT,),
        who=Who.ADMIN,
        hidden=True,
    ),
    Command(
        name="cancel",
        summary="Do not save the rule in question",
        example="/cancel 17",
        handler=follow.cancel,
        params=(DRAFT,),
        who=Who.ADMIN,
        hidden=True,
    ),
    Command(
        name="endmute",
        summary="End a mute",
        example="/endmute 17",
        handler=mute.end_mute,
        params=(Param(name="number", kind=Kind.NUMBER, summary="which mute", required=True),),
        who=Who.ADMIN,
        hidden=True,
    ),
    Command(
        name="fewer",
        summary="Stricter forms of a rule, without a story that it brought",
        example="/fewer 2 id:4711",
        handler=refine.fewer,
        params=(NUMBER_OF_RULE, Param(name="story", kind=Kind.STORY, summary="which story", required=True)),
        who=Who.ADMIN,
        hidden=True,
        press=Press.REPLY,
    ),
    Command(
        name="replace",
        summary="Let a rule be another one, under its number",
        example="/replace 2 310 17",
        handler=refine.replace,
        params=(
            replace(NUMBER_OF_RULE, kind=Kind.NUMBER),
            Param(name="rule", kind=Kind.NUMBER, summary="which rule it is now", required=True),
            DRAFT,
        ),
        who=Who.ADMIN,
        hidden=True,
    ),
    Command(
        name="offer",
        summary="Whether to act for a channel",
        example="/offer -1001234567890",
        handler=channel.offer,
        params=(Param(name="channel", kind=Kind.TEXT, summary="which channel", required=True),),
        hidden=True,
        about=About.CHANNEL,
    ),
    Command(
        name="page",
        summary="Another page of a list",
        example="/page 2 5 1795348800 43200",
        handler=latest.page,
        params=(
            Param(name="page", kind=Kind.NUMBER, summary="which page", required=True, most=100_000),
            Param(name="n", kind=Kind.NUMBER, summary="stories a page", required=True, most=latest.MOST_SHOWN),
            Param(
                name="shown", kind=Kind.NUMBER, summary="when it was first shown, Unix time", required=True, most=2**34
            ),
            Param(name="minutes", kind=Kind.NUMBER, summary="how far back it goes", required=True, most=1_000_000),
            Param(name="draft", kind=Kind.NUMBER, summary="under which number its rule is kept"),
        ),
        hidden=True,
    ),
)
