"""Draws the picture of the README: what the console shows of some alerts of the demo's week. Run by `make pictures`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI

from bot.core.matcher import RuleIndex
from bot.core.message import Message
from bot.core.messages import alert
from bot.core.model import FeedEntry, Relevance, RuleId, Story, StoryId
from bot.core.rules import parse_rule
from bot.core.update import to_items
from bot.demo.week import Week, demo_folder
from bot.platforms.console_markup import to_texts
from bot.subject import config_folder, read_subject
from tests.builders import NOW

PICTURE = Path(__file__).parents[2] / "config" / "demo" / "alerts.svg"
AGE = timedelta(minutes=4)
# One of each rule and of different sides.
SHOWN = ("Estonia says two drones", "Moscow denies that drones", "GPS jamming over Estonia", "Russia to hold exercise")


def alerts(week: Week) -> Iterator[Message]:
    """The alerts of the week, composed as the dispatcher does."""
    subject = read_subject(config_folder())
    sources = week.catalog("https://demo.example").by_id
    index = RuleIndex(subject.aliases)
    for number, text in enumerate(week.rules, start=1):
        index.add(RuleId(number), parse_rule(text))
    for report in week.reports:
        source = sources[report.outlet]  # type: ignore[index]
        entry = FeedEntry(title=report.title, summary=report.summary, link=report.address, published=NOW - AGE)
        (bare,) = to_items(source, [entry], NOW)
        verdict = subject.classifier.classify(bare, source.scope)
        item = replace(bare, relevance=verdict.relevance, topics=verdict.topics)
        for rule in sorted(index.matches(item)) if item.relevance is Relevance.CORE else ():
            story = Story(id=StoryId(1), items=(item,), relevance=item.relevance, topics=item.topics)
            words = index.explain(rule, item).words
            yield alert(story, number=rule, rule_text=week.rules[rule - 1], words=words, now=NOW)


def main() -> None:
    """Write the picture anew."""
    screen = Console(record=True, width=104, file=StringIO(), force_terminal=True)
    drawn = {message.blocks[0].text: message for message in alerts(Week.read(demo_folder()))}
    for title, message in drawn.items():
        for text in to_texts(message, ()) if title.startswith(SHOWN) else ():
            screen.print(text, overflow=text.overflow, crop=False)
    screen.save_svg(str(PICTURE), title="Faultline", theme=MONOKAI, unique_id="alerts")


if __name__ == "__main__":
    main()
