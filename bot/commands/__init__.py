"""Everything that people can ask, once for all platforms.

A new command is an `async def` in one of the modules here and a row in `COMMANDS`; menus, completion and /help follow.
"""

from dataclasses import replace

from bot.commands import (
    broadcast,
    channel,
    follow,
    latest,
    level,
    mute,
    owner,
    preferences,
    server,
    settings,
    sources,
    status,
    story,
    summary,
    tension,
    why,
)
from bot.commands import help as help_
from bot.commands.buttons import BUTTONS, NUMBER_OF_RULE
from bot.commands.framework.command import About, Command, Kind, Param, Press, Request, Services, Who
from bot.commands.framework.dispatch import answer_from
from bot.core.message.blocks import Message

NUMBER_OF_STORY = Param(
    name="number", kind=Kind.STORY, summary="its number in the last list; leave it out when replying to an alert"
)
_WHO = Param(
    name="who", kind=Kind.TEXT, summary="the platform and number of the chat or person, such as telegram:-100123"
)

COMMANDS = (
    Command(
        name="start",
        summary="What this is, and three ready-made rules",
        example="/start",
        handler=help_.start,
        also=("hello", "welcome"),
    ),
    Command(
        name="latest",
        summary="The latest stories",
        example="/latest 10 drone poland",
        handler=latest.latest,
        params=(
            Param(name="n", kind=Kind.NUMBER, summary="how many, up to 20", most=latest.MOST_SHOWN),
            Param(name="rule", kind=Kind.RULE, summary="only stories that match this rule"),
        ),
        also=("news", "new", "last", "recent", "top"),
    ),
    Command(
        name="search",
        summary="Everything published that matches a rule",
        example="/search drone (poland OR estonia) 3d",
        handler=latest.search,
        params=(
            Param(name="rule", kind=Kind.RULE, summary="what to look for", required=True),
            Param(
                name="period", kind=Kind.PERIOD, summary="how far back, such as 12h, 3d or 2 weeks; otherwise 7 days"
            ),
        ),
        also=("find", "query", "look"),
    ),
    Command(
        name="summary",
        summary="A briefing: what happened in the last day, as told by each side",
        example="/summary 12h poland",
        handler=summary.summary,
        params=(
            Param(
                name="period",
                kind=Kind.PERIOD,
                summary="how far back, such as 12h, 3d or a week; otherwise 24 hours",
                longest=summary.LONGEST_PERIOD,
            ),
            Param(name="rule", kind=Kind.RULE, summary="only stories that match this rule"),
        ),
        also=("briefing", "digest", "overview", "brief", "summarize"),
    ),
    Command(
        name="story",
        summary="One story from every side: who said what, and when",
        example="/story 1",
        handler=story.story,
        params=(NUMBER_OF_STORY,),
        also=("timeline", "thread", "sides", "who"),
        press=Press.REPLY,
    ),
    Command(
        name="tension",
        summary="How tense the news is, as a chart",
        example="/tension 30d",
        handler=tension.show_tension,
        params=(
            Param(
                name="period",
                kind=Kind.PERIOD,
                summary="how far back, from a week to 30 days; otherwise 7 days",
                longest=tension.LONGEST_PERIOD,
            ),
        ),
        also=("index", "chart", "mood", "graph"),
        press=Press.REPLY,
        draws=True,
    ),
    Command(
        name="why",
        summary="Why an alert was sent (reply to it), or what is holding a story back",
        example="/why 1",
        handler=why.why,
        params=(NUMBER_OF_STORY,),
        also=("explain", "reason", "because"),
        press=Press.REPLY,
    ),
    Command(
        name="missed",
        summary="What you nearly got: held back, or matching nearly all of a rule",
        example="/missed 3d",
        handler=why.missed,
        params=(Param(name="period", kind=Kind.PERIOD, summary="how far back, such as 12h or 3d; otherwise 24 hours"),),
        also=("almost", "filtered", "nearly"),
    ),
    Command(
        name="follow",
        summary="Get each new story that matches a rule",
        example="/follow drone poland",
        handler=follow.follow,
        params=(Param(name="rule", kind=Kind.RULE, summary="what to follow", required=True),),
        who=Who.ADMIN,
        also=("subscribe", "sub", "add", "alert", "watch", "track"),
    ),
    Command(
        name="rules",
        summary="What this chat follows",
        example="/rules",
        handler=follow.rules,
        also=("list", "subscriptions", "alerts", "following"),
    ),
    Command(
        name="unfollow",
        summary="Stop following a rule",
        example="/unfollow 2",
        handler=follow.unfollow,
        params=(NUMBER_OF_RULE,),
        who=Who.ADMIN,
        also=("unsubscribe", "unsub", "remove", "delete"),
    ),
    Command(
        name="level",
        summary="How loud a story must be to alert this chat, or for one rule",
        example="/level major 2",
        handler=level.level,
        params=(
            Param(name="level", kind=Kind.CHOICE, summary="breaking, major or all", choices=tuple(level.LEVELS)),
            Param(name="number", kind=Kind.FOLLOWED, summary="only for the rule with this number", most=9999),
        ),
        who=Who.ADMIN,
        also=("levels", "importance", "threshold", "only"),
    ),
    Command(
        name="pause",
        summary="No alerts for a while",
        example="/pause 8h",
        handler=preferences.pause,
        params=(
            Param(
                name="duration",
                kind=Kind.PERIOD,
                summary="how long, such as 30 min, 8h or 2d; otherwise until /resume",
                ahead=True,
            ),
        ),
        who=Who.ADMIN,
        also=("stop", "quiet", "snooze", "silence"),
    ),
    Command(
        name="resume",
        summary="Alerts back on after a pause",
        example="/resume",
        handler=preferences.resume,
        who=Who.ADMIN,
        also=("continue", "unpause"),
    ),
    Command(
        name="mute",
        summary="No more about a subject or a story",
        example="/mute football 3d",
        handler=mute.mute,
        params=(
            Param(
                name="story",
                kind=Kind.STORY,
                summary="the story's number in the last list; leave it out when replying to an alert",
                lead="story",
            ),
            Param(name="words", kind=Kind.RULE, summary="what to leave out, written like a rule for /follow"),
            Param(
                name="duration",
                kind=Kind.PERIOD,
                summary="how long, such as 8h, 3 days or forever; otherwise until you end it",
                ahead=True,
            ),
        ),
        who=Who.ADMIN,
        also=("ignore", "hide", "exclude", "block"),
        press=Press.NOTICE,
    ),
    Command(
        name="mutes",
        summary="What is muted, and how to unmute it",
        example="/mutes",
        handler=mute.show_mutes,
        also=("unmute", "muted"),
    ),
    Command(
        name="settings",
        summary="Sound, level, circle and pauses for this chat, with buttons",
        example="/settings",
        handler=settings.settings,
        params=(
            Param(name="name", kind=Kind.CHOICE, summary="what to set", choices=settings.NAMES),
            Param(name="value", kind=Kind.TEXT, summary="what to set it to"),
        ),
        who=Who.ADMIN,
        also=("preferences", "options", "config", "sound"),
    ),
    Command(
        name="wider",
        summary="Include related news: the war in Ukraine, the affairs of one side",
        example="/wider on",
        handler=preferences.wider,
        params=(Param(name="switch", kind=Kind.CHOICE, summary="on or off", choices=("on", "off")),),
        who=Who.ADMIN,
        also=("related", "scope", "relevance"),
    ),
    Command(
        name="channel",
        summary="Act here for a channel that you administer",
        example="/channel @name",
        handler=channel.channel,
        params=(Param(name="channel", kind=Kind.TEXT, summary="its @name, or off to ask for yourself again"),),
        also=("channels", "for", "post"),
        press=Press.REPLY,
        about=About.CHANNEL,
    ),
    Command(
        name="mention",
        summary="Make a rule's alerts mention a server role; leave the role out to stop it",
        example="/mention 2 @Watch",
        handler=server.mention,
        params=(
            Param(name="rule", kind=Kind.FOLLOWED, summary="the number that /rules shows", required=True, most=9999),
            Param(name="role", kind=Kind.ROLE, summary="the role to mention; leave it out to stop it"),
        ),
        who=Who.ADMIN,
        also=("role", "notify", "wake"),
        about=About.SERVER,
    ),
    Command(
        name="publish",
        summary="Publish an announcement channel's alerts to the channels that follow it",
        example="/publish on",
        handler=server.publish,
        params=(Param(name="switch", kind=Kind.CHOICE, summary="on or off", required=True, choices=("on", "off")),),
        who=Who.ADMIN,
        also=("crosspost", "forward"),
        about=About.SERVER,
    ),
    Command(
        name="sources",
        summary="Which sources are read, by side",
        example="/sources estonia",
        handler=sources.sources,
        about=About.BOT,
        for_owners=(
            "/sources off tass-en",
            "/sources on tass-en",
            "/sources add https://...",
            "/sources remove name",
        ),
        params=(
            Param(
                name="word",
                kind=Kind.TEXT,
                summary="only sources with this in their name, side or language",
                letters=1000,  # owners add addresses
            ),
        ),
        also=("feeds", "publishers", "outlets"),
    ),
    Command(
        name="status",
        summary="How the bot and its sources are doing",
        example="/status",
        handler=status.status,
        about=About.BOT,
        also=("health", "ping", "uptime", "stats"),
    ),
    Command(
        name="broadcast",
        summary="Send every chat a message; on its own: how the last one is doing",
        example="/broadcast We are moving to a new server tonight.",
        handler=broadcast.broadcast,
        params=(
            Param(
                name="text",
                kind=Kind.TEXT,
                summary="the message; you see it before it is sent",
                letters=broadcast.LONGEST,
            ),
        ),
        who=Who.OWNER,
        about=About.BOT,
        also=("announcement", "tell", "everybody"),
    ),
    Command(
        name="allow",
        summary="Give a chat or a person access; on its own: who has it",
        example="/allow telegram:-100123",
        handler=owner.allow,
        params=(_WHO,),
        who=Who.OWNER,
        about=About.BOT,
        also=("allowed", "allowlist", "admit", "whitelist"),
    ),
    Command(
        name="disallow",
        summary="Take access away from a chat or a person",
        example="/disallow telegram:-100123",
        handler=owner.disallow,
        params=(replace(_WHO, required=True),),
        who=Who.OWNER,
        about=About.BOT,
        also=("ban", "dismiss"),
    ),
    Command(
        name="help",
        summary="All commands, or one in detail",
        example="/help follow",
        handler=help_.show_help,
        about=About.BOT,
        params=(Param(name="command", kind=Kind.COMMAND, summary="the command to explain"),),
        also=("commands", "menu"),
    ),
    Command(
        name="about",
        summary="What this bot is, and what it keeps about a chat",
        example="/about",
        handler=help_.about,
        about=About.BOT,
        also=("info", "version", "privacy", "licence", "license"),
    ),
    Command(
        name="forget",
        summary="Delete everything kept about this chat",
        example="/forget",
        handler=preferences.forget,
        params=(Param(name="yes", kind=Kind.CHOICE, summary="yes, to delete it right away", choices=("yes",)),),
        who=Who.ADMIN,
        also=("erase", "reset", "leave"),
    ),
    *BUTTONS,
)


async def answer(request: Request, services: Services) -> Message | None:
    """The answer to whatever somebody asked, None where silence is the answer; never raises but for being cancelled."""
    return await answer_from(COMMANDS, request, services)
