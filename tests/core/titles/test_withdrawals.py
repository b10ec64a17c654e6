import pytest

from bot.core.language.text import fold
from bot.core.stories.corroboration import upheld
from bot.core.titles.reading import read_title
from tests.builders import item


def is_withdrawn(title: str) -> bool:
    return read_title(title, "en" if fold(title).isascii() else "ru").is_withdrawn


@pytest.mark.parametrize(
    "title",
    [
        "This article has been withdrawn",
        "This story has been removed at the request of the author",
        "Article removed",
        "The page is no longer available",
        "[WITHDRAWN] Sabotage cut Baltic cable",
        "RETRACTED: Sabotage cut Baltic cable",
        "Retraction: our report on the Baltic cable",
        "Withdrawn",
        "This report was retracted",
        "Статья удалена",
        "Эта публикация была снята с сайта",
        "Материал отозван редакцией",
        "Удалено: диверсия на кабеле",
    ],
)
def test_a_notice_of_withdrawal_is_one(title: str) -> None:
    assert is_withdrawn(title)


@pytest.mark.parametrize(
    "title",
    [
        "Troops withdrawn from Kestrel after talks",
        "Withdrawn troops return to Varn",
        "Report withdrawn by the UN after protest",
        "The report was withdrawn by the OSCE",
        "Retraction of Moscow's ambassador is demanded",
        "Article 5 removed from the draft treaty",
        "Story of a cable: how Kestrel lost its link",
        "Page removed from history: a treaty ends",
        "Post deleted from Moscow's embassy account stirs protest",
        "Новость удалила агентство",
        "Материалы отозваны из суда",
        "Ракеты отозваны с границы",
        "Удаленный кабель нашли у Кестрела",
    ],
)
def test_news_of_what_is_withdrawn_is_none(title: str) -> None:
    assert not is_withdrawn(title)


def test_only_what_was_not_withdrawn_is_upheld() -> None:
    told, gone = item("Sabotage cut a cable off Kestrel"), item("This article has been withdrawn")
    assert upheld((gone, told)) == (told,)
