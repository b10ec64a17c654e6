"""From what people type to typed arguments, driven by the rows of the table. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.commands.framework.command import POINTED, Command, Kind, Param, RuleNumber, StoryNumber, Value, summary_of
from bot.commands.framework.request import ChannelDirectory, Misuse, Request, misuse
from bot.core.message.blocks import BY_ID, Message, ours
from bot.core.message.durations import (
    FOREVER,
    Also,
    below_zero,
    duration_words,
    like_length,
    split_leading,
    split_trailing,
    to_duration,
)
from bot.core.model import Chat, RuleId, SubscriberId
from bot.core.rules.operators import RuleVocabulary
from bot.core.rules.rule import parse_rule

# How people call the most that may be asked for.
_LONGEST_WORDS = {timedelta(days=366): "a year"}

_COMMAND = re.compile(r"\s*/\s*(\S+)")
# Before the command of a button: the channel, or the topic of the same chat, for which it was shown.
_MARK = re.compile(r"(?:@(?P<channel>\d{1,9})|#(?P<topic>\d{1,10}))(?=/)")
_NUMBER = re.compile(r"#?(\d{1,18})\.?(?=\s|$)")
_BELOW = re.compile(r"[-−–—]\d{1,18}(?=\s|$)")
_FOLLOWED = re.compile(r"#?((?P<number>\d{1,18})(?::(?P<rule>\d{1,12}))?)\.?(?=\s|$)")
_STORY = re.compile(rf"(?:#|(?P<id>{BY_ID}))?(?P<number>\d{{1,18}})\.?(?=\s|$)", re.IGNORECASE)


_NUMBERED = frozenset({Kind.NUMBER, Kind.STORY, Kind.FOLLOWED})


def to_request(
    chat: Chat,
    line: str,
    *,
    user: str = "",
    user_is_admin: bool = True,
    from_button: bool = False,
    is_channel: bool = False,
    channels: ChannelDirectory | None = None,
    reply_to: str = "",
    is_shared: bool = False,
) -> Request:
    """A line such as `/latest 5 drone` as a request; text without a slash is no command. A button's may be marked."""
    mark = _MARK.match(line) if from_button else None
    line = line[mark.end() :] if mark else line
    found = _COMMAND.match(line)
    return Request(
        chat=chat,
        command=found.group(1).lower() if found else "",
        arguments=line[found.end() :].strip() if found else line.strip(),
        user=user,
        user_is_admin=user_is_admin,
        from_button=from_button,
        is_channel=is_channel,
        channels=channels,
        mark=SubscriberId(int(mark["channel"])) if mark and mark["channel"] else None,
        topic=(mark["topic"] or "") if mark else "",
        reply_to=reply_to,
        is_shared=is_shared,
    )


def marked(line: str, channel: SubscriberId) -> str:
    """The command line of a button that is shown for a channel."""
    return f"@{channel}{line}"


def of_topic(message: Message, topic: str) -> Message:
    """A message about a topic that is shown elsewhere in its chat: its buttons are marked with the topic."""
    buttons = tuple(
        tuple(
            replace(each, command=f"#{topic}{each.command}") if each.command.startswith("/") else each for each in row
        )
        for row in message.buttons
    )
    return replace(message, buttons=buttons)


def read_arguments(
    command: Command, arguments: str | Mapping[str, str], vocabulary: RuleVocabulary
) -> Mapping[str, Value]:
    """The values of a command's params, as far as given. Raises UsageError, and RuleError for a faulty rule."""
    texts = texts_of(command.params, arguments)
    values: dict[str, Value] = {}
    for param in command.params:
        text = texts.get(param.name, "").strip()
        # A rule that is too long is shown with the place marked.
        if len(text) > param.longest_text and param.kind is not Kind.RULE:
            raise misuse(
                "{name} has {length} characters; the limit is {most}.",
                name=param.name.capitalize(),
                length=len(text),
                most=param.longest_text,
            )
        if text and param.kind is Kind.RULE:
            _refuse_length(command, text)
        if text:
            values[param.name] = _read(param, text, vocabulary)
        elif param.required:
            name = ours(f"/{command.name}")
            if param.kind is Kind.RULE:
                raise misuse("{name} needs a rule.", name=name)
            needed = summary_of(param, in_form=not isinstance(arguments, str))
            raise misuse("{name} needs {summary}.", name=name, summary=ours(needed))
    return values


def divided(params: tuple[Param, ...], text: str) -> dict[str, str]:
    """The text cut into one piece a param: numbers and choices lead, a period may close, a rule takes what is between.

    A period that is asked for before the rule may be on either side of it.

    Raises UsageError when something is left over.
    """
    texts: dict[str, str] = {}
    rest = text.strip()
    for place, param in enumerate(params):
        followed_by = {later.kind: later for later in params[place + 1 :]}
        texts[param.name], rest = _take(param, rest, followed_by)
    # Which of several is said may come last: /level 2 major.
    unsaid = next((param for param in params if param.kind is Kind.CHOICE and not texts[param.name]), None)
    if rest and unsaid:
        texts[unsaid.name], rest = _take(unsaid, rest, {})
    if rest:
        unread = (unsaid,) if unsaid and not texts[unsaid.name] else params
        # A second number is no faulty first one.
        is_more = bool(unread) and unread[-1].kind in _NUMBERED and bool(texts[unread[-1].name])
        raise _left_over(() if is_more else unread, rest)
    return texts


def texts_of(params: tuple[Param, ...], arguments: str | Mapping[str, str]) -> Mapping[str, str]:
    """One text a param, of a line or of options. Raises UsageError.

    A length of time that was written into the option of a rule is taken out of it; its own option must be empty then.
    """
    if isinstance(arguments, str):
        return divided(params, arguments)
    rule = next((param for param in params if param.kind is Kind.RULE), None)
    period = next((param for param in params if param.kind is Kind.PERIOD), None)
    if rule is None or period is None:
        return arguments
    both = tuple(param for param in params if param in (rule, period))
    texts, asked = divided(both, arguments.get(rule.name, "")), arguments.get(period.name, "").strip()
    if not asked:
        return {**arguments, **texts}
    if texts[period.name]:
        raise misuse(
            "Two lengths of time are given, “{one}” and “{other}”: leave one out. In quotes it is a word.",
            one=texts[period.name],
            other=asked,
        )
    return arguments


def _refuse_length(command: Command, rule: str) -> None:
    """Raise UsageError where a length of time has stayed in a rule: as words it would match next to nothing."""
    period = next((param for param in command.params if param.kind is Kind.PERIOD), None)
    length = split_trailing(rule, Also.NOTHING if period and period.ahead else Also.BEHIND)[1]
    if length and period is None:
        raise misuse(
            "“{length}” looks like a length of time; {name} takes none. In quotes it is a word.",
            length=length,
            name=ours(f"/{command.name}"),
        )
    if length:
        raise misuse(
            "“{length}” looks like a length of time; {name} needs words as well. In quotes it is a word.",
            length=length,
            name=ours(f"/{command.name}"),
        )
    if unread := like_length(rule, ahead=period is not None and period.ahead):
        raise misuse(
            "“{text}” isn't a length of time that I can read. Say 30 min, 2h, 7d or 1 week; in quotes it is a word.",
            text=unread,
        )


def _take(param: Param, rest: str, followed_by: Mapping[Kind, Param]) -> tuple[str, str]:
    """What belongs to the param, and what remains."""
    first, _, others = rest.partition(" ")
    match param.kind:
        case Kind.STORY if param.lead:
            return _take_led(param, rest, followed_by)
        case Kind.STORY:
            found = _STORY.match(rest)
            named = f"{BY_ID if found['id'] else ''}{found['number']}" if found else ""
            return named, rest[found.end() :].lstrip() if found else rest
        case Kind.NUMBER | Kind.FOLLOWED:
            if below := _BELOW.match(rest):
                _number(param, below.group())
            found = (_NUMBER if param.kind is Kind.NUMBER else _FOLLOWED).match(rest)
            return (found.group(1), rest[found.end() :].lstrip()) if found else ("", rest)
        case Kind.CHOICE:
            return (first.lower(), others.lstrip()) if first.lower() in param.choices else ("", rest)
        case Kind.COMMAND:
            return first.lstrip("/").lower(), others.lstrip()
        case Kind.PERIOD if Kind.RULE in followed_by:
            period, rule = (rest, "") if to_duration(rest, Also.BACK) else split_leading(rest, Also.BACK)
            return (period, rule) if period else _split_closing(rest, param)[::-1]
        case Kind.RULE if Kind.PERIOD in followed_by:
            rule, period = _split_closing(rest, followed_by[Kind.PERIOD])
            # Where a rule must be there, `7d` alone is one.
            return (rule, period) if rule or not param.required else (rest, "")
        case _:
            return rest, ""


def _take_led(param: Param, rest: str, followed_by: Mapping[Kind, Param]) -> tuple[str, str]:
    """A story behind its lead; or the lead itself, where nothing is behind it but a length of time."""
    first, _, others = rest.partition(" ")
    if first.lower() != param.lead:
        return "", rest
    number, after = _take(replace(param, lead=""), others.lstrip(), followed_by)
    if number:
        return number, after
    period = followed_by.get(Kind.PERIOD)
    is_alone = not after or (period is not None and not _split_closing(after, period)[0])
    return (param.lead, after) if is_alone else ("", rest)


def _split_closing(text: str, period: Param) -> tuple[str, str]:
    """What is before a period at the end of the text, and that period. Raises UsageError for one with a minus."""
    if minus := below_zero(text):
        raise misuse(
            "“{minus}” isn't a length of time: drop the minus, or put the words in quotes to leave them out.",
            minus=minus,
        )
    return split_trailing(text, Also.AHEAD if period.ahead else Also.BEHIND)


def _left_over(params: tuple[Param, ...], rest: str) -> Misuse:
    match params[-1] if params else None:
        case Param(kind=Kind.NUMBER | Kind.FOLLOWED):
            return misuse("“{rest}” isn't a number.", rest=rest)
        case Param(kind=Kind.STORY):
            return misuse("“{rest}” isn't a story's number. /latest shows the latest stories with theirs.", rest=rest)
        case Param(kind=Kind.CHOICE, choices=choices):
            return misuse("“{rest}” isn't one of these: {choices}.", rest=rest, choices=", ".join(choices))
        case _:
            return misuse("I don't know what “{rest}” means here.", rest=rest)


def _read(param: Param, text: str, vocabulary: RuleVocabulary) -> Value:
    """The value that a param's text means. Raises UsageError, and RuleError for a faulty rule."""
    match param.kind:
        case Kind.RULE:
            return parse_rule(text, vocabulary)
        case Kind.NUMBER:
            return _number(param, text)
        case Kind.FOLLOWED:
            followed = _FOLLOWED.fullmatch(text)
            number = _number(param, followed["number"] if followed else text)
            return RuleNumber(number, RuleId(int(followed["rule"])) if followed and followed["rule"] else None)
        case Kind.STORY:
            story = _STORY.fullmatch(text)
            if story is None and text != param.lead:
                raise _left_over((param,), text)
            return StoryNumber(_number(param, story["number"]), is_id=story["id"] is not None) if story else POINTED
        case Kind.PERIOD:
            return _period(param, text)
        case Kind.CHOICE if text.lower() not in param.choices:
            raise _left_over((param,), text)
        case Kind.CHOICE:
            return text.lower()
        case _:
            return text


def _number(param: Param, text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= param.most:
        raise misuse("The number must be between 1 and {most}.", most=param.most)
    return number


def _period(param: Param, text: str) -> timedelta:
    period = to_duration(text, Also.AHEAD if param.ahead else Also.BACK)
    if period is None:
        raise misuse("“{text}” isn't a length of time. Try 30 min, 2h, 7d or 1 week.", text=text)
    if period > param.longest and period != FOREVER:
        most = _LONGEST_WORDS.get(param.longest) or duration_words(param.longest)
        raise misuse("“{text}” is too long; the maximum is {most}.", text=text, most=most)
    return period
