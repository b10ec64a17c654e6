"""What the command line shows: tables for people, JSON lines for programs."""

import json
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from bot.replay import Alert, Replayed
from bot.sources.base import Probe
from bot.terminal import escaped, harmless


def _cell(text: str) -> Text:
    """What a stranger wrote, as it is: neither markup nor escape codes."""
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
    texts = []
    for told in sorted(stories.values(), key=lambda told: -len(told)):
        publishers = len({each.item.publisher for each in told})
        lines = [f"{told[0].story}: {told[-1].level}, items: {len(told)}, publishers: {publishers}"]
        for each in told:
            item = each.item
            lines.append(f"  {item.published:%Y-%m-%d %H:%M}  {item.source_name}: {item.title}")
            if each.reason is not None:
                lines.append(f"      {each.level} because {each.reason}")
        texts.append("\n".join(lines))
    return harmless("\n\n".join(texts))


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


def alert_line(alert: Alert) -> str:
    """One alert, as JSON: the report that heads it, its story and how loud that was, and the words that hit."""
    line = alert.line
    told = {"id": alert.id, "story": line.story, "level": line.level, "at": line.item.published.isoformat()}
    return escaped(json.dumps(told | {"words": list(alert.words)}, ensure_ascii=False))


def alert_table(alerts: Sequence[Alert]) -> Table:
    """The alerts of one rule, one row each, with the words that hit."""
    table = Table("Sent", "Level", "Outlet", "Title", "Words that matched", header_style="bold")
    for alert in alerts:
        sent = f"{alert.line.item.published:%Y-%m-%d %H:%M}"
        told = _cell(alert.item.source_name), _cell(alert.item.title), _cell(", ".join(alert.words))
        table.add_row(sent, alert.line.level, *told)
    return table
