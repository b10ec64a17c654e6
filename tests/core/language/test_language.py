"""The files of languages: read all at once, with every fault of all of them."""

from pathlib import Path

import pytest

from bot.core.language.language import NO_LANGUAGE, language_folder, languages, read_languages, using
from bot.core.rules.rule import parse_rule
from bot.errors import ConfigError

MAIN = 'name = "A"\n[words]\nmain = true'


def write(folder: Path, **files: str) -> Path:
    for code, text in files.items():
        (folder / f"{code}.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_languages_that_ship_with_faultline_can_be_read() -> None:
    shipped = read_languages(language_folder())
    assert {"en", "ru", "uk"} <= shipped.by_code.keys()
    assert "between" in shipped.of("en").words.small


def test_a_language_without_a_file_has_no_words() -> None:
    assert languages().of("xx") is NO_LANGUAGE
    assert not NO_LANGUAGE.words.small


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, aa='[words]\nsnowball = "elvish"\n', bb='name = "Bee"\nflavour = 1\n', cc="name =")
    with pytest.raises(ConfigError) as raised:
        read_languages(tmp_path)
    told = [str(fault).removeprefix(f"{tmp_path}/") for fault in raised.value.faults]
    assert len(told) == 4
    assert told[0] == "aa.toml: name is missing"
    assert told[1].startswith("aa.toml, line 2, [words], snowball: should be one of arabic")
    assert told[2].startswith("bb.toml, line 2, flavour: isn't known here; the keys are name, own_name, words")
    assert told[3].startswith("cc.toml: ")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, ": holds no languages; put the files back that ship with Faultline"),
        ({"deutsch": 'name = "German"'}, "/deutsch.toml: should be named by the ISO 639-1 code of its language"),
        ({"aa": MAIN, "bb": MAIN}, ": only one of the languages in Latin letters needs `main = true`"),
        ({"aa": 'name = "A"', "bb": 'name = "B"'}, ": one of the languages in Latin letters needs `main = true`"),
        ({"aa": 'name = "A"\n[time]\nago = 5'}, "/aa.toml, line 3, [time], ago: should be words in quotes"),
        ({"aa": 'name = "A"\n[titles.stance]\ntold = 5'}, "/aa.toml, line 3, [titles.stance], told: should be words"),
        (
            {"aa": 'name = "A"\n[time.counts]\n0.5 = "pool"'},
            "/aa.toml, line 3, [time.counts.0]: should be words in quotes, not a table; a key with a period",
        ),
    ],
)
def test_what_is_wrong_with_files_is_one_sentence(files: dict[str, str], told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        read_languages(write(tmp_path, **files))
    assert len(raised.value.faults) == 1
    assert str(raised.value).startswith(f"{tmp_path}{told}")


def test_rules_can_be_read_without_words_for_or(tmp_path: Path) -> None:
    with using(read_languages(write(tmp_path, aa='name = "Aaish"\n'))):
        assert str(parse_rule("barkok kestrel")) == "barkok kestrel"


def test_other_languages_can_be_in_force_for_a_while(tmp_path: Path) -> None:
    ours = languages()
    theirs = read_languages(write(tmp_path, aa='name = "Aaish"\n'))
    with using(theirs):
        assert languages() is theirs
    assert languages() is ours
