"""Everything that people can ask, once for all platforms.

A new command is an `async def` in one of the modules here and a row in `COMMANDS`; menus, completion and /help follow.
"""

from dataclasses import replace

from bot.commands import (
    acting,
    broadcasting,
    following,
    general,
    muting,
    operating,
    owning,
    preferences,
    reading,
    settings,
    sourcing,
    tuning,
)
from bot.commands.answering import answer_from
from bot.commands.base import About, Command, Kind, Param, Press, Request, Services, Who
from bot.core.message import Message

_NUMBER_OF_RULE = Param(
    name="number", kind=Kind.NUMBER, summary="the number that /rules shows", required=True, most=9999
)
_WHO = Param(name="who", kind=Kind.TEXT, summary="platform and number of the chat or person, as telegram:-100123")
_DRAFT = Param(name="draft", kind=Kind.NUMBER, summary="the number of the question", required=True)

COMMANDS = (
    Command(
        name="start",
        summary="What this is, and three ready-made rules",
        example="/start",
        handler=general.start,
        about=About.BOT,
        also=("hello", "welcome"),
    ),
    Command(
        name="latest",
        summary="The newest stories",
        example="/latest 10 drone poland",
        handler=reading.latest,
        params=(
            Param(name="n", kind=Kind.NUMBER, summary="how many, up to 20", most=reading.MOST_SHOWN),
            Param(name="rule", kind=Kind.RULE, summary="only stories that fit this rule"),
        ),
        also=("news", "new", "last", "recent", "top"),
    ),
    Command(
        name="search",
        summary="What has been published that fits a rule",
        example="/search drone (poland OR estonia) 3d",
        handler=reading.search,
        params=(
            Param(name="rule", kind=Kind.RULE, summary="what to look for", required=True),
            Param(name="period", kind=Kind.PERIOD, summary="how far back, such as 12h, 3d or 2 weeks; else 7 days"),
        ),
        also=("find", "query", "look"),
    ),
    Command(
        name="follow",
        summary="Be sent each new story that fits a rule",
        example="/follow drone poland",
        handler=following.follow,
        params=(Param(name="rule", kind=Kind.RULE, summary="what to follow", required=True),),
        who=Who.ADMIN,
        also=("subscribe", "sub", "add", "alert", "watch", "track"),
    ),
    Command(
        name="rules",
        summary="What this chat follows",
        example="/rules",
        handler=following.rules,
        also=("list", "subscriptions", "alerts", "following"),
    ),
    Command(
        name="unfollow",
        summary="End a rule",
        example="/unfollow 2",
        handler=following.unfollow,
        params=(_NUMBER_OF_RULE,),
        who=Who.ADMIN,
        also=("unsubscribe", "unsub", "remove", "delete"),
    ),
    Command(
        name="pause",
        summary="No alerts for a while",
        example="/pause 8h",
        handler=preferences.pause,
        params=(
            Param(name="duration", kind=Kind.PERIOD, summary="how long, such as 30 min, 8h or 2d; else until /resume"),
        ),
        who=Who.ADMIN,
        also=("stop", "quiet", "snooze", "silence"),
    ),
    Command(
        name="resume",
        summary="Alerts again, after a pause",
        example="/resume",
        handler=preferences.resume,
        who=Who.ADMIN,
        also=("continue", "unpause"),
    ),
    Command(
        name="mute",
        summary="Nothing more about one subject, or one story",
        example="/mute football 3d",
        handler=muting.mute,
        params=(
            Param(name="story", kind=Kind.NUMBER, summary="the number of a story", lead="story"),
            Param(name="words", kind=Kind.RULE, summary="what to leave out, in words as for /follow"),
            Param(name="duration", kind=Kind.PERIOD, summary="how long, such as 8h or 3d; else until you end it"),
        ),
        who=Who.ADMIN,
        also=("ignore", "hide", "exclude", "block"),
        press=Press.NOTICE,
    ),
    Command(
        name="mutes",
        summary="What is muted, and how to end it",
        example="/mutes",
        handler=muting.show_mutes,
        also=("unmute", "muted"),
    ),
    Command(
        name="settings",
        summary="Sound, circle and pauses of this chat, with buttons",
        example="/settings",
        handler=settings.settings,
        params=(
            Param(name="name", kind=Kind.CHOICE, summary="what to set", choices=settings.NAMES),
            Param(name="value", kind=Kind.TEXT, summary="how to set it"),
        ),
        who=Who.ADMIN,
        also=("preferences", "options", "config", "sound"),
    ),
    Command(
        name="wider",
        summary="Take in news that is only related: the war in Ukraine, affairs of one side",
        example="/wider on",
        handler=preferences.wider,
        params=(Param(name="switch", kind=Kind.CHOICE, summary="on or off", choices=("on", "off")),),
        who=Who.ADMIN,
        also=("related", "scope", "relevance"),
    ),
    Command(
        name="channel",
        summary="Ask here on behalf of a channel that you administer",
        example="/channel @name",
        handler=acting.channel,
        params=(Param(name="channel", kind=Kind.TEXT, summary="its @name, or off to ask for yourself again"),),
        also=("channels", "for", "post"),
        press=Press.REPLY,
        about=About.CHANNEL,
    ),
    Command(
        name="sources",
        summary="Whose news is read, by side",
        example="/sources estonia",
        handler=sourcing.sources,
        about=About.BOT,
        params=(Param(name="word", kind=Kind.TEXT, summary="only sources with this in their name, side or language"),),
        also=("feeds", "publishers", "outlets"),
    ),
    Command(
        name="status",
        summary="How the bot and its sources are doing",
        example="/status",
        handler=operating.status,
        about=About.BOT,
        also=("health", "ping", "uptime", "stats"),
    ),
    Command(
        name="broadcast",
        summary="Tell everybody something; alone: how the last one fares",
        example="/broadcast We move to a new server tonight.",
        handler=broadcasting.broadcast,
        params=(Param(name="text", kind=Kind.TEXT, summary="what to tell; you see it before it is sent"),),
        who=Who.OWNER,
        about=About.BOT,
        also=("announcement", "tell", "everybody"),
    ),
    Command(
        name="announce",
        summary="Send the broadcast in question",
        example="/announce 17 yes",
        handler=broadcasting.announce,
        params=(
            _DRAFT,
            Param(name="answer", kind=Kind.CHOICE, summary="yes or no", required=True, choices=("yes", "no")),
        ),
        who=Who.OWNER,
        about=About.BOT,
        hidden=True,
    ),
    Command(
        name="allow",
        summary="Let a chat or a person in; alone: who is",
        example="/allow telegram:-100123",
        handler=owning.allow,
        params=(_WHO,),
        who=Who.OWNER,
        about=About.BOT,
        also=("allowed", "allowlist", "admit", "whitelist"),
    ),
    Command(
        name="disallow",
        summary="Let a chat or a person in no longer",
        example="/disallow telegram:-100123",
        handler=owning.disallow,
        params=(replace(_WHO, required=True),),
        who=Who.OWNER,
        about=About.BOT,
        also=("ban", "dismiss"),
    ),
    Command(
        name="help",
        summary="All commands, or one in full",
        example="/help follow",
        handler=general.show_help,
        about=About.BOT,
        params=(Param(name="command", kind=Kind.COMMAND, summary="the command to explain"),),
        also=("commands", "menu"),
    ),
    Command(
        name="about",
        summary="What this bot is, and what it keeps about a chat",
        example="/about",
        handler=general.about,
        about=About.BOT,
        also=("info", "version", "privacy", "licence", "license"),
    ),
    Command(
        name="forget",
        summary="Delete all that is kept about this chat",
        example="/forget",
        handler=preferences.forget,
        params=(Param(name="yes", kind=Kind.CHOICE, summary="yes, to do it at once", choices=("yes",)),),
        who=Who.ADMIN,
        also=("erase", "reset", "leave"),
    ),
    Command(
        name="confirm",
        summary="Save the rule in question",
        example="/confirm 17",
        handler=following.confirm,
        params=(_DRAFT,),
        who=Who.ADMIN,
        hidden=True,
    ),
    Command(
        name="cancel",
        summary="Do not save the rule in question",
        example="/cancel 17",
        handler=following.cancel,
        params=(_DRAFT,),
        who=Who.ADMIN,
        hidden=True,
    ),
    Command(
        name="endmute",
        summary="End a mute",
        example="/endmute 17",
        handler=muting.end_mute,
        params=(Param(name="number", kind=Kind.NUMBER, summary="which mute", required=True),),
        who=Who.ADMIN,
        hidden=True,
    ),
    Command(
        name="fewer",
        summary="Stricter forms of a rule, without a story that it brought",
        example="/fewer 2 4711",
        handler=tuning.fewer,
        params=(_NUMBER_OF_RULE, Param(name="story", kind=Kind.NUMBER, summary="which story", required=True)),
        who=Who.ADMIN,
        hidden=True,
        press=Press.REPLY,
    ),
    Command(
        name="replace",
        summary="Let a rule be another one, under its number",
        example="/replace 2 310 17",
        handler=tuning.replace,
        params=(
            _NUMBER_OF_RULE,
            Param(name="rule", kind=Kind.NUMBER, summary="which rule it is now", required=True),
            _DRAFT,
        ),
        who=Who.ADMIN,
        hidden=True,
    ),
    Command(
        name="offer",
        summary="Whether to act for a channel",
        example="/offer -1001234567890",
        handler=acting.offer,
        params=(Param(name="channel", kind=Kind.TEXT, summary="which channel", required=True),),
        hidden=True,
        about=About.CHANNEL,
    ),
    Command(
        name="page",
        summary="Another page of a list",
        example="/page 2 5 1795348800 43200",
        handler=reading.page,
        params=(
            Param(name="page", kind=Kind.NUMBER, summary="which page", required=True, most=100_000),
            Param(name="n", kind=Kind.NUMBER, summary="stories a page", required=True, most=reading.MOST_SHOWN),
            Param(
                name="shown", kind=Kind.NUMBER, summary="when it was first shown, Unix time", required=True, most=2**34
            ),
            Param(name="minutes", kind=Kind.NUMBER, summary="how far back it goes", required=True, most=1_000_000),
            Param(name="draft", kind=Kind.NUMBER, summary="under which number its rule is kept"),
        ),
        hidden=True,
    ),
)


async def answer(request: Request, services: Services) -> Message | None:
    """The answer to whatever somebody asked, None where silence is the answer; never raises but for being cancelled."""
    return await answer_from(COMMANDS, request, services)
