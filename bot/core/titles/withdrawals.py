"""Reports that their publishers have taken back, as the titles of such pages say instead of what they told."""

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.core.model import Item

_REMEMBERED = 4_000  # titles

# Reports are what governments withdraw, too: only "this report" is an article.
_ARTICLE_EN = (
    r"(?:(?:this|the|our) )?(?:news )?(?:article|story|post|page|piece|item|publication)|(?:this|our) (?:report|video)"
)
_GONE_EN = r"withdrawn|retracted|removed|deleted|unpublished|pulled|taken down|no longer available"
_ARTICLE_RU = (
    r"(?:эта |этот |данная |данный |наша |наш )?"
    r"(?:статья|новость|публикация|материал|заметка|сообщение|запись|страница)"
)
_GONE_RU = (
    r"(?:удал[её]н|отозван|снят)(?:а|о)?(?: с публикации| с сайта| редакцией)?|(?:больше )?недоступ(?:ен|на|но)|"
    r"(?:больше )?не существует"
)
_WITHDRAWN = re.compile(
    rf"\W*(?:"
    rf"(?:{_ARTICLE_EN})(?: (?:has|have))?(?: been| was| is)?(?: now)? (?:{_GONE_EN})\b(?! from (?!(?:our|this|the) ))|"
    rf"(?:withdrawn|retracted|retraction)\s*(?:$|[:\])|–—]|- )|"
    rf"(?:{_ARTICLE_RU})(?: была?| было)? (?:{_GONE_RU})(?!\w)|"
    rf"(?:отозвано|удалено|снято с публикации)\s*(?:$|[:\])|–—]|- )"
    rf")",
    re.IGNORECASE,
)


@lru_cache(_REMEMBERED)
def is_withdrawn(title: str) -> bool:
    """Whether a title only says that the article is there no more, rather than what happened."""
    return _WITHDRAWN.match(title) is not None


def upheld(items: Iterable[Item]) -> tuple[Item, ...]:
    """The reports that have not been withdrawn, in their order."""
    return tuple([item for item in items if not is_withdrawn(item.title)])
