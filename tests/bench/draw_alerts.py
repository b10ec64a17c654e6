"""Draws the pictures of the README: some alerts of the demo's week on the console, on Telegram and on Discord, and its
briefing and tension on Telegram.

Run by `make pictures`. The pages of the two apps are HTML, drawn from what is sent; a browser makes pictures of them.
"""

import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.terminal_theme import MONOKAI

from bot.commands.tension import tension_words
from bot.core.briefing.selection import briefing
from bot.core.message.blocks import Button, Message, Picture
from bot.core.model import FeedEntry, Item, Level, Relevance, RuleId, Story, StoryId
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.core.stories.corroboration import coverage_of
from bot.core.stories.tension import tension
from bot.core.wording.alert import alert
from bot.core.wording.briefing import briefing_message
from bot.core.wording.tension_chart import tension_png
from bot.demo.week import Week, demo_folder
from bot.platforms.console.markup import to_texts
from bot.platforms.console.platform import CHAT
from bot.platforms.text_only import NumberedButtons
from bot.replay import replay
from bot.subject import Subject, config_folder, read_subject
from tests.builders import NOW
from tests.platforms.drawing import discord_page, telegram_page

FOLDER = Path(__file__).parents[2] / "config" / "demo"
BROWSER = "chromium"
# Stories of each rule, told by different sides.
SHOWN = ("Sirens in Võru county", "Data cable to Finland", "Russia to hold exercise")
SINCE = timedelta(minutes=4)
WIDTH = 628
DAY = timedelta(days=1)
NOON = NOW + 5.5 * DAY


def stories(week: Week, subject: Subject) -> Iterator[Story]:
    """The stories of the week as they stand at its end, grouped and graded as live news are."""
    sources = week.catalog("https://demo.example").by_id
    archive = [
        (
            str(number),
            sources[report.outlet],  # type: ignore[index]
            FeedEntry(title=report.title, summary=report.summary, link=report.address, published=NOW + report.at),
        )
        for number, report in enumerate(week.reports)
    ]
    told: dict[str, tuple[list[Item], Level]] = {}
    for each in replay(archive, subject):
        items, _ = told.get(each.story, ([], each.level))
        told[each.story] = [*items, each.item], each.level
    for number, (items, level) in enumerate(told.values(), start=1):
        if any(item.relevance is Relevance.CORE for item in items):
            topics = tuple(dict.fromkeys(topic for item in items for topic in item.topics))
            yield Story(id=StoryId(number), items=tuple(items), relevance=Relevance.CORE, topics=topics, level=level)


def alerts(week: Week) -> Iterator[Message]:
    """The alerts of the week, as they read after their last edit, minutes later."""
    subject = read_subject(config_folder())
    index = RuleIndex(subject.aliases)
    for number, text in enumerate(week.rules, start=1):
        index.add(RuleId(number), parse_rule(text))
    for story in stories(week, subject):
        standing, now = coverage_of(story), story.items[-1].published + SINCE
        hits = ((rule, item) for item in story.items for rule in sorted(index.matches(item, standing)))
        for rule, item in islice(hits, 1):
            words = index.explain(rule, item, standing).words
            yield alert(story, number=rule, rule_text=week.rules[rule - 1], words=words, now=now, lead=item)


def summary(told: list[Story]) -> Message:
    """What /summary answers at noon of the fifth day."""
    now = NOON
    day = [[story for story in told if _begins(story, now - (ago + 1) * DAY, now - ago * DAY)] for ago in range(2)]
    return briefing_message(briefing(day[0], before=day[1], now=now, period=DAY), now)


def tension_week(told: list[Story]) -> Message:
    """What /tension answers at the end of the week."""
    subject = read_subject(config_folder())
    found = tension(told, subject.events, now=NOW + 7 * DAY, period=7 * DAY)
    assert found.mean is not None
    picture = Picture(png=tension_png(found), lines=())
    return Message(tuple(tension_words(found, found.mean)), ((Button("30 days", "/tension 30d"),),), picture=picture)


def _begins(story: Story, since: datetime, until: datetime) -> bool:
    return since <= story.items[0].published < until


def main() -> None:
    """Write the pictures anew."""
    drawn = {message.blocks[0].text: message for message in alerts(Week.read(demo_folder()))}
    shown = [message for title, message in drawn.items() if any(start in title for start in SHOWN)]
    buttons = NumberedButtons()
    screen = Console(record=True, width=104, file=StringIO(), force_terminal=True)
    for message in shown:
        for text in to_texts(buttons.number(CHAT, message)):
            screen.print(text, overflow=text.overflow, crop=False)
    screen.save_svg(str(FOLDER / "alerts.svg"), title="Faultline", theme=MONOKAI, unique_id="alerts")
    _photograph("telegram", telegram_page(shown[:2]), height=508)
    _photograph("discord", discord_page(shown[:1]), height=430)
    told = list(stories(Week.read(demo_folder()), read_subject(config_folder())))
    _photograph("summary", telegram_page([summary(told)]), height=872)
    _photograph("tension", telegram_page([tension_week(told)]), height=1126)


def _photograph(name: str, page: str, *, height: int) -> None:
    """A picture of a page, as a browser shows it."""
    browser = shutil.which(BROWSER)
    if browser is None:
        raise SystemExit(
            f"{BROWSER} is needed to take pictures of pages; install it, or leave the pictures as they are"
        )
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.html"
        file.write_text(page, encoding="utf-8")
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
        taken = (f"--window-size={WIDTH},{height}", f"--screenshot={FOLDER / f'{name}.png'}")
        subprocess.run([browser, *options, *taken, file.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    main()
