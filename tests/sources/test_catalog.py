import json
import re
from collections import defaultdict
from pathlib import Path

import pytest

from bot.core.model import PublisherKind, Scope, Side, Source, SourceId, SourceKind
from bot.errors import ConfigError
from bot.sources import KINDS
from bot.sources.catalog import Catalog, read_catalog

ROOT = Path(__file__).parents[2]
OURS = ROOT / "config" / "subject" / "sources.toml"
LISTED = ROOT.parent / "shared" / "data" / "sources.json"

GOOD = """
[[source]]
id = "wire"
url = "https://wire.example/feed"
side = "neutral"
"""


def catalog(tmp_path: Path, text: str) -> Catalog:
    path = tmp_path / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return read_catalog(path)


def faults(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        catalog(tmp_path, text)
    return [str(fault).removeprefix(f"{tmp_path}/") for fault in caught.value.faults]


def test_three_keys_are_enough(tmp_path: Path) -> None:
    wire = Source(
        id=SourceId("wire"), url="https://wire.example/feed", side=Side.NEUTRAL, name="wire", publisher="wire"
    )
    found = catalog(tmp_path, GOOD)
    assert found.sources == (wire,)
    assert found.by_id == {"wire": wire}


def test_all_keys_are_read(tmp_path: Path) -> None:
    text = GOOD + (
        'name = "Провод"\nkind = "telegram_channel"\npublisher = "Wire House"\npublisher_kind = "think_tank"\n'
        'lang = "ru"\nscope = "topical"\nenabled = false\n'
    )
    assert catalog(tmp_path, text).sources == (
        Source(
            id=SourceId("wire"),
            url="https://wire.example/feed",
            side=Side.NEUTRAL,
            name="Провод",
            kind=SourceKind.TELEGRAM_CHANNEL,
            publisher="Wire House",
            publisher_kind=PublisherKind.THINK_TANK,
            lang="ru",
            scope=Scope.TOPICAL,
            enabled=False,
        ),
    )


def test_every_fault_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    text = """
[[source]]
id = "Two Words"
url = "ftp://wire.example/feed"
side = "nutral"
langg = "en"

[[source]]
url = "https://wire.example/feed"
lang = "eng"
enabled = "yes"
kind = 7
"""
    assert faults(tmp_path, text) == [
        'sources.toml, line 3, [[source]] Two Words, id: "Two Words" should be up to 40 small letters a-z, digits, '
        '- or _, such as "baltic-times"',
        'sources.toml, line 4, [[source]] Two Words, url: "ftp://wire.example/feed" should be a web address that '
        "begins with http:// or https://",
        "sources.toml, line 5, [[source]] Two Words, side: should be nato, west, nato_flank, russia, "
        "russia_independent, ukraine, neutral or mixed; did you mean neutral?",
        "sources.toml, line 6, [[source]] Two Words, langg: isn't known here; did you mean lang?",
        "sources.toml, line 8, [[source]] 2: id is missing",
        "sources.toml, line 8, [[source]] 2: side is missing",
        'sources.toml, line 10, [[source]] 2, lang: "eng" should be a two-letter code, such as en, ru or uk',
        "sources.toml, line 11, [[source]] 2, enabled: should be true or false",
        "sources.toml, line 12, [[source]] 2, kind: should be feed, search_page or telegram_channel",
    ]


def test_ids_and_addresses_are_unique_among_faulty_tables_too(tmp_path: Path) -> None:
    assert faults(tmp_path, GOOD + GOOD + "enabled = 1\n") == [
        'sources.toml, line 8, [[source]] wire, id: "wire" is used twice; give each source its own',
        'sources.toml, line 9, [[source]] wire, url: "https://wire.example/feed" is used twice; '
        "give each source its own",
        "sources.toml, line 11, [[source]] wire, enabled: should be true or false",
    ]


@pytest.mark.parametrize("url", ["{RSSHUB}/telegram/channel/x", "https://{HOST}/feed"])
def test_placeholders_are_told(tmp_path: Path, url: str) -> None:
    (fault,) = faults(tmp_path, GOOD.replace("https://wire.example/feed", url))
    assert f'"{url}" holds a placeholder: put the real address in' in fault


@pytest.mark.parametrize("url", ["wire.example", "https://", "https://[x/", "http://a b/", "file:///etc/passwd"])
def test_addresses_are_of_the_web(tmp_path: Path, url: str) -> None:
    (fault,) = faults(tmp_path, GOOD.replace("https://wire.example/feed", url))
    assert f'url: "{url}" should be a web address that begins with http:// or https://' in fault


def test_a_name_is_a_text_that_is_not_blank(tmp_path: Path) -> None:
    assert faults(tmp_path, GOOD + 'name = " "\n') == [
        "sources.toml, line 6, [[source]] wire, name: should not be empty"
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "sources.toml, source: there are no sources; each begins with a line [[source]]"),
        ("source = 5", "sources.toml, line 1, source: there are no sources; each begins with a line [[source]]"),
        (
            '[source]\nid = "wire"\n',
            "sources.toml, line 1, [source]: there are no sources; each begins with a line [[source]]",
        ),
        ("[[sources]]\n" + GOOD, "sources.toml, line 1, sources: isn't known here; did you mean source?"),
        ("\n[[source]\n", "sources.toml: Expected ']]' at the end of an array declaration (at line 2, column 9)"),
    ],
)
def test_a_file_that_is_no_list_is_told(tmp_path: Path, text: str, fault: str) -> None:
    assert faults(tmp_path, text) == [fault]


# Our own list


def test_our_list_is_whole() -> None:
    sources = read_catalog(OURS).sources
    assert len(sources) == 179
    assert sum(source.enabled for source in sources) == 127
    assert {source.side for source in sources} == set(Side)
    assert {source.kind for source in sources} == set(SourceKind) == set(KINDS)


def test_sources_of_one_owner_share_a_publisher() -> None:
    publishers = {source.id: source.publisher for source in read_catalog(OURS).sources}
    owned = defaultdict(set)
    for id_, publisher in publishers.items():
        owned[publisher].add(id_)
    assert owned["bbc"] == {"bbc-europe", "bbc-russian"}
    assert owned["tass"] == {"tass-en", "tass-ru"}
    assert owned["guardian"] == {"guardian-nato", "guardian-russia"}
    assert owned["nato"] == {"nato-news", "nato-transcripts", "nato-gnews", "nato-act"}
    assert owned["err"] == {"err", "err-et", "err-ru"}
    assert owned["yle"] == {"yle", "yle-fi", "yle-sv", "yle-ru"}
    assert owned["france-medias-monde"] == {"france24-nato", "rfi-fr"}
    assert owned["ukrainska-pravda"] == {"pravda-eng", "pravda-uk", "eurointegration"}
    assert owned["ukrainian-government"] == {id_ for id_ in publishers if id_.startswith("ua-")}
    assert owned["russian-government"] >= {"ru-mfa", "ru-mfa-ru", "ru-mod", "ru-mod-ru", "zvezda"}


def test_something_is_read_in_every_language_that_is_understood() -> None:
    spoken = {source.lang for source in read_catalog(OURS).sources if source.enabled}
    assert spoken == {"en", "ru"} | {file.stem for file in (ROOT / "config" / "subject" / "words").glob("*.toml")}


def test_state_media_that_may_be_banned_are_offered_and_off() -> None:
    offered = [source for source in read_catalog(OURS).sources if source.offer]
    assert {source.id for source in offered} == {"tass-ru", "ria", "rt-en", "zvezda", "rg"}
    assert {source.publisher_kind for source in offered} == {PublisherKind.RUSSIAN_STATE_MEDIA}
    assert not any(source.enabled for source in offered)


def test_observers_are_accounts_whose_pages_say_no_more_than_their_feeds() -> None:
    accounts = [source for source in read_catalog(OURS).sources if source.publisher_kind is PublisherKind.OBSERVER]
    address = re.compile(r"https://bsky\.app/profile/[a-z0-9.-]+/rss|https://[a-z.]+/@\w+\.rss")
    assert [source.id for source in accounts if not address.fullmatch(source.url) or source.leads] == []
    assert len({source.publisher for source in accounts}) == len(accounts) > 5


def test_what_was_found_since_says_when_it_was_seen() -> None:
    if not LISTED.exists():
        pytest.skip(f"{LISTED.name} is not here")
    listed = {found["id"] for found in json.loads(LISTED.read_text(encoding="utf-8"))["sources"]}
    tables = re.findall(r'((?:^#.*\n)*)^\[\[source\]\]\nid = "(.+)"', OURS.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(tables) == 179
    assert [id_ for comment, id_ in tables if id_ not in listed and not re.search(r"\b202[56]\b", comment)] == []


def test_our_list_agrees_with_what_was_found() -> None:
    if not LISTED.exists():
        pytest.skip(f"{LISTED.name} is not here")
    ours = read_catalog(OURS).by_id
    publishers = defaultdict(set)
    for found in json.loads(LISTED.read_text(encoding="utf-8"))["sources"]:
        source = ours[found["id"]]
        assert source.url in (found["url"], *found["alt_urls"])
        assert (source.side, source.lang, source.scope) == (found["side"], found["lang"], found["scope"])
        assert source.publisher_kind == found["kind"]
        assert source.enabled >= (found["tier"] == "default")
        publishers[found["group"]].add(source.publisher)
    assert {group: names for group, names in publishers.items() if len(names) > 1} == {}
