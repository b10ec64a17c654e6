"""What the command line shows: tables for people, JSON lines for programs."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from bot.core.aliases import Aliases
from bot.core.matcher import RuleIndex
from bot.core.model import Match, RuleId
from bot.core.rules import Rule
from bot.replay import Replayed
from bot.sources.base import Probe
from bot.terminal import escaped, harmless

ONLY = RuleId(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedItem:
    """An item of an archive that a rule matched, and why."""

    replayed: Replayed
    match: Match


def matched(archive: Iterable[Replayed], rule: Rule, aliases: Aliases) -> list[MatchedItem]:
    """The items that the rule matches, as alerts would: our subject only, unless the rule names a relevance."""
    index = RuleIndex(aliases)
    index.add(ONLY, rule)
    return [
        MatchedItem(replayed=each, match=index.explain(ONLY, each.item))
        for each in archive
        if ONLY in set(index.matches(each.item))
    ]


def _cell(text: str) -> Text:
    """What a stranger wrote, as it stands: neither markup nor escape codes."""
    return Text(harmless(text))


def probe_table(probes: Sequence[Probe]) -> Table:
    """One row a source: status, entries, newest date, milliseconds, what is wrong."""
    table = Table("Source", "Status", "Entries", "Newest", "ms", "What is wrong", header_style="bold")
    for found in sorted(probes, key=lambda found: (found.problem is None, found.source.id)):
        newest = f"{found.newest:%Y-%m-%d %H:%M}" if found.newest else ""
        status = Text(harmless(found.status), style="green" if found.problem is None else "red")
        numbers = str(found.entries), newest, str(found.milliseconds)
        table.add_row(_cell(found.source.id), status, *numbers, _cell(found.problem or ""))
    return table


def replay_line(each: Replayed) -> str:
    """The decision about one item, as JSON."""
    return json.dumps(
        {
            "id": each.id,
            "relevant": each.relevant,
            "relevance": each.item.relevance,
            "topics": list(each.item.topics),
            "story": each.story,
            "level": each.level,
        }
    )


def stories_text(archive: Sequence[Replayed]) -> str:
    """The stories of an archive with their items, the largest first, for reading."""
    stories: dict[str, list[Replayed]] = {}
    for each in archive:
        stories.setdefault(each.story, []).append(each)
    told = sorted(stories.values(), key=lambda told: -len(told))
    return harmless("\n\n".join("\n".join(_story_lines(each)) for each in told))


def _story_lines(told: Sequence[Replayed]) -> Iterator[str]:
    publishers = len({each.item.publisher for each in told})
    yield f"{told[0].story}: {told[-1].level}, items: {len(told)}, publishers: {publishers}"
    for each in told:
        item = each.item
        yield f"  {item.published:%Y-%m-%d %H:%M}  {item.source_name}: {item.title}"
        if each.reason is not None:
            yield f"      {each.level} because {each.reason}"


def replay_table(archive: Sequence[Replayed]) -> Table:
    """The decisions about an archive, one row an item."""
    table = Table("Published", "Relevance", "Topics", "Story", "Level", "Outlet", "Title", header_style="bold")
    for each in archive:
        item = each.item
        published = f"{item.published:%Y-%m-%d %H:%M}"
        topics = ", ".join(item.topics)
        told = _cell(each.story), each.level, _cell(item.source_name), _cell(item.title)
        table.add_row(published, item.relevance, topics, *told)
    core = sum(each.relevant for each in archive)
    table.caption = f"{len(archive)} items, {core} of them about our subject, {len({e.story for e in archive})} stories"
    return table


def match_line(each: MatchedItem) -> str:
    """One match, as JSON."""
    return escaped(json.dumps({"id": each.replayed.id, "words": list(each.match.words)}, ensure_ascii=False))


def match_table(found: Sequence[MatchedItem]) -> Table:
    """The matches of one rule, one row an item, with the words that hit."""
    table = Table("Published", "Outlet", "Title", "Words that hit", header_style="bold")
    for each in found:
        item = each.replayed.item
        words = ", ".join(each.match.words)
        table.add_row(f"{item.published:%Y-%m-%d %H:%M}", _cell(item.source_name), _cell(item.title), _cell(words))
    return table
