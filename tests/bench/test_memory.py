"""How many bytes an item takes in the grouper: while its story runs, and for ever after."""

import gc
import tracemalloc
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.model import Item, StoryId
from bot.core.stories.grouping import Grouper, NewStory
from bot.core.stories.signature import signature_of
from tests.bench.test_stories import crowd
from tests.fakes import real_subject

COUNT = 2000


def take_in(grouper: Grouper, item: Item, number: int) -> None:
    draft = grouper.draft()
    label = draft.assign(item)
    grouper.accept(draft, {label: StoryId(number)} if isinstance(label, NewStory) else {})


@pytest.mark.bench
def test_what_an_item_takes() -> None:
    lexicon = real_subject().lexicon
    grouper, items = Grouper(lexicon), list(crowd(COUNT))
    for item in items:
        signature_of(item, lexicon)  # what is remembered of words is bounded by itself
    gc.collect()
    tracemalloc.start()
    for number, item in enumerate(items):
        take_in(grouper, item, number)
    gc.collect()
    live = tracemalloc.get_traced_memory()[0] / COUNT
    later = replace(items[-1], published=items[-1].published + timedelta(days=12))
    take_in(grouper, later, COUNT)
    gc.collect()
    left = tracemalloc.get_traced_memory()[0] / COUNT
    tracemalloc.stop()
    assert len(grouper.profiles) == 1
    print(f"\nan item whose story runs: {live:,.0f} bytes (6,350 with a set for each term), and {left:,.0f} for ever")
    assert live < 4000
    assert left < 1000
