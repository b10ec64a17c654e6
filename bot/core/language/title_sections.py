"""What a language's file says of titles: `[titles.*]`, phrases that are looked for in them, and `[corrections]`."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from bot.config_files import ConfigTable


def _phrases(value: object) -> object:
    return (
        [phrase for each in value.split(",") if (phrase := " ".join(each.split()))] if isinstance(value, str) else value
    )


def _words(value: object) -> object:
    return value.split() if isinstance(value, str) else value


def _lines(value: object) -> object:
    return [line for line in value.splitlines() if line.strip()] if isinstance(value, str) else value


Phrases = Annotated[tuple[str, ...], BeforeValidator(_phrases)]
"""Phrases that commas part; en.toml tells how they are written."""

Words = Annotated[frozenset[str], BeforeValidator(_words)]
Lines = Annotated[tuple[str, ...], BeforeValidator(_lines)]
Pairs = tuple[tuple[Words, Words], ...]


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
    russia: Phrases = ()
    ukraine: Phrases = ()
    nato: Phrases = ()


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

    idle: Words = frozenset()
    telling: Words = frozenset()
    irregular: Lines = ()
    labels: Words = frozenset()
    ornaments: Words = frozenset()
    days: Words = frozenset()
    of_days: Words = frozenset()
    in_row: Words = frozenset()
    part: Words = frozenset()
    cases: bool = False
    capital_nouns: bool = False
    articles: Words = frozenset()
    by: Words = frozenset()
    joining: Words = frozenset()
    prepositions: Words = frozenset()
    opposites: Pairs = ()
    harm: Pairs = ()
    harmless: Words = frozenset()
    turns: Pairs = ()
