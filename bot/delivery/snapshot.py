"""A story as alerts are planned from it, and what has become of the titles that a chat has read of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.intake.planning import StoredStory
from bot.core.language.text import title_key
from bot.core.model import Item, ItemId, ShownHeadline, Story, StoryCoverage
from bot.core.wording.alert import Correction
from bot.storage.news import FormerTitle


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySnapshot:
    """A story with what its alerts need to know of it."""

    stored: StoredStory
    former_titles: Sequence[FormerTitle]
    coverage: StoryCoverage

    @property
    def story(self) -> Story:
        """The story itself."""
        return self.stored.story

    @property
    def last_reversal(self) -> datetime | None:
        """When something was last taken back in it."""
        return max((until for _, _, until, reverses in self.former_titles if reverses), default=None)

    def id_of(self, item: Item) -> ItemId:
        """The id of one of its items."""
        return self.stored.ids[self.story.items.index(item)]

    def items_of(self, ids: Iterable[ItemId]) -> Iterator[Item]:
        """The items as they are now, in the order of the ids."""
        known = dict(zip(self.stored.ids, self.story.items, strict=True))
        return (known[id_] for id_ in ids if id_ in known)

    def correction_of(self, headline: ShownHeadline) -> Correction | None:
        """What has become of the title that a chat has read; None where that is still what the report says."""
        was, item = self._changed(headline)
        if was is None or item is None or title_key(was) == title_key(item.title):
            return None
        return Correction(item=item, was=was)

    def is_current(self, headline: ShownHeadline) -> bool:
        """Whether the chat knows what has become of it."""
        was, item = self._changed(headline)
        return was is None or item is None or title_key(headline.title) == title_key(item.title)

    def brought_up(self, headline: ShownHeadline) -> ShownHeadline:
        """The headline once the chat has been shown what has become of it."""
        return next((replace(headline, title=item.title) for item in self.items_of([headline.item])), headline)

    def newest_reversal(
        self, headlines: Iterable[ShownHeadline], since: datetime
    ) -> tuple[ShownHeadline, Correction] | None:
        """The one of these headlines that was taken back last, after `since`, and what it says instead."""
        taken_back = {id_: until for id_, _, until, reverses in self.former_titles if reverses and until > since}
        found = [
            (taken_back[each.item], each, correction)
            for each in headlines
            if taken_back.get(each.item, each.since) > each.since and (correction := self.correction_of(each))
        ]
        _, headline, correction = max(found, key=lambda each: each[0], default=(None, None, None))
        return None if headline is None or correction is None else (headline, correction)

    def _changed(self, headline: ShownHeadline) -> tuple[str | None, Item | None]:
        """The title that the report had when it was read, if that was changed in substance; and the report as it is."""
        titles = (
            title for id_, title, until, _ in self.former_titles if id_ == headline.item and until > headline.since
        )
        return next(titles, None), next(self.items_of([headline.item]), None)
