"""What a language's file says of titles: `[titles.*]`, phrases that are looked for in them, and `[corrections]`."""

from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BeforeValidator

from bot.config_files import ConfigTable


def cut(split: Callable[[str], list[str]]) -> BeforeValidator:
    """Annotates a list that is also written as one text, which `split` cuts."""

    def parts(value: object) -> object:
        if isinstance(value, dict):
            raise ValueError('should be words in quotes, not a table; a key with a period needs quotes, too: "0.5"')  # noqa: TRY004  told with all others
        if not isinstance(value, str | list):
            raise ValueError("should be words in quotes")  # noqa: TRY004
        return [part for each in split(value) if (part := " ".join(each.split()))] if isinstance(value, str) else value

    return BeforeValidator(parts)


Phrases = Annotated[tuple[str, ...], cut(lambda text: text.split(","))]
"""Phrases that commas part; en.toml tells how they are written."""

WordList = Annotated[frozenset[str], cut(str.split)]
"""Words as people write them: a text that white space cuts, or a list."""

Lines = Annotated[tuple[str, ...], cut(str.splitlines)]
Pairs = tuple[tuple[WordList, WordList], ...]


class ClauseWords(ConfigTable):
    """`[titles.clauses]`: where one clause ends and another begins."""

    connectives: Phrases = ()
    circumstances: Phrases = ()
    background: Phrases = ()
    before_background: Phrases = ()
    complements: Phrases = ()
    no_background: Phrases = ()


class StanceWords(ConfigTable):
    """`[titles.stance]`: what denies a clause or supposes it."""

    negation: Phrases = ()
    nobody: Phrases = ()
    lacking: Phrases = ()
    no_negation: Phrases = ()
    ended: Phrases = ()
    denials: Phrases = ()
    refusals: Phrases = ()
    falsehoods: Phrases = ()
    wrong: Phrases = ()
    told: Phrases = ()
    hedges: Phrases = ()
    hedging: Phrases = ()
    copulas: Phrases = ()
    # What a negation takes back that ends its clause: the thing before it, or all that the clause says.
    final_negation: Literal["thing", "clause"] = "thing"


class QuestionWords(ConfigTable):
    """`[titles.questions]`: what begins a question."""

    openers: Phrases = ()
    no_openers: Phrases = ()


class SpeakerWords(ConfigTable):
    """`[titles.speakers]`: who says something, and what tells that somebody does."""

    says: Phrases = ()
    acts: Phrases = ()
    claims: Phrases = ()
    according: Phrases = ()
    unsure: Phrases = ()
    leading: Phrases = ()
    offices: Phrases = ()
    home_offices: Phrases = ()
    own_voices: Phrases = ()
    unnamed: Phrases = ()
    media: Phrases = ()
    state_media: Phrases = ()
    no_names: Phrases = ()
    # Who is of a party or speaks for it; and what names its countries, their people and capitals.
    russia: Phrases = ()
    of_russia: Phrases = ()
    ukraine: Phrases = ()
    of_ukraine: Phrases = ()
    nato: Phrases = ()
    of_nato: Phrases = ()


class GenreWords(ConfigTable):
    """`[titles.genre]`: what a text says of its own kind."""

    statements: Phrases = ()
    texts: Phrases = ()
    issuers: Phrases = ()
    opinions: Phrases = ()
    live: Phrases = ()
    no_live: Phrases = ()
    roundups: Phrases = ()
    features: Phrases = ()
    no_features: Phrases = ()
    warnings: Phrases = ()
    teasers: Phrases = ()


class WithdrawalWords(ConfigTable):
    """`[titles.withdrawn]`: how a page says that its article is there no more."""

    articles: Phrases = ()
    own_articles: Phrases = ()
    between: Phrases = ()
    gone: Phrases = ()
    not_gone: Phrases = ()
    of_us: Phrases = ()
    labels: Phrases = ()
    notices: Phrases = ()


class TitleSection(ConfigTable):
    """`[titles]`."""

    clauses: ClauseWords = ClauseWords()
    stance: StanceWords = StanceWords()
    questions: QuestionWords = QuestionWords()
    speakers: SpeakerWords = SpeakerWords()
    genre: GenreWords = GenreWords()
    withdrawn: WithdrawalWords = WithdrawalWords()


class CorrectionSection(ConfigTable):
    """`[corrections]`: how a changed title is compared with what it said before."""

    idle: WordList = frozenset()
    telling: WordList = frozenset()
    irregular: Lines = ()
    labels: WordList = frozenset()
    ornaments: WordList = frozenset()
    days: WordList = frozenset()
    of_days: WordList = frozenset()
    in_row: WordList = frozenset()
    part: WordList = frozenset()
    cases: bool = False
    negating: str = ""
    capital_nouns: bool = False
    articles: WordList = frozenset()
    by: WordList = frozenset()
    joining: WordList = frozenset()
    prepositions: WordList = frozenset()
    opposites: Pairs = ()
    harm: Pairs = ()
    harmless: WordList = frozenset()
    turns: Pairs = ()
