import json
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field, StrictBool, StrictInt

from bot.config_files import ConfigTable, Place, faults_at, faults_in, lines_of, once_in_file, read_model
from bot.errors import ConfigError


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Boat(ConfigTable):
    id: Annotated[str, once_in_file("boat")]
    colour: Colour = Colour.RED
    crew: Annotated[StrictInt, Field(ge=1, le=50)] = 1
    is_new: StrictBool = False
    rig: Literal["sloop", "ketch"] = "sloop"
    names: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)] = ("nameless",)


class Pier(ConfigTable):
    length: float


class Harbour(ConfigTable):
    boat: Annotated[tuple[Boat, ...], Field(min_length=1)] = ()
    pier: Mapping[str, Pier] = Field(default_factory=dict)
    depth: Mapping[str, float] = Field(default_factory=dict)


def faults(path: Path, text: str) -> list[str]:
    """What is told of a file, without its folder."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_model(path, Harbour)
    return [str(fault).removeprefix(f"{path.parent}/") for fault in caught.value.faults]


def test_a_sound_file_becomes_its_model(tmp_path: Path) -> None:
    (tmp_path / "harbour.toml").write_text("[[boat]]\nid = 'gull'\ncrew = 3\n[pier.north]\nlength = 4\n")
    found = read_model(tmp_path / "harbour.toml", Harbour)
    assert found == Harbour(boat=(Boat(id="gull", crew=3),), pier={"north": Pier(length=4.0)})


def test_every_fault_is_told_at_once_with_its_line_and_table(tmp_path: Path) -> None:
    text = """# A harbour
[[boat]]
id = "gull"
colour = "geen"
crew = 0
is_new = "yes"
rig = "square"

[[boat]]
crw = 3
names = [
  "Gull",
  "", 5,
]

[[boat]]
id = "gull"
crew = 51

[pier.north]
len = 3
lenght = 3

[depth]
low = "deep"

[docks]
"""
    assert faults(tmp_path / "harbour.toml", text) == [
        "harbour.toml, line 4, [[boat]] gull, colour: should be red or green; did you mean green?",
        "harbour.toml, line 5, [[boat]] gull, crew: should be 1 or more",
        "harbour.toml, line 6, [[boat]] gull, is_new: should be true or false",
        "harbour.toml, line 7, [[boat]] gull, rig: should be sloop or ketch",
        "harbour.toml, line 9, [[boat]] 2: id is missing",
        "harbour.toml, line 10, [[boat]] 2, crw: isn't known here; did you mean crew?",
        "harbour.toml, line 13, [[boat]] 2, names 2: should not be empty",
        "harbour.toml, line 13, [[boat]] 2, names 3: should be a text in quotes",
        'harbour.toml, line 17, [[boat]] gull, id: "gull" is used twice; give each boat its own',
        "harbour.toml, line 18, [[boat]] gull, crew: should be 50 or less",
        "harbour.toml, line 20, [pier.north]: length is missing",
        "harbour.toml, line 21, [pier.north], len: isn't known here; the keys are length",
        "harbour.toml, line 22, [pier.north], lenght: isn't known here; did you mean length?",
        "harbour.toml, line 25, [depth], low: should be a number",
        "harbour.toml, line 27, [docks]: isn't known here; the keys are boat, pier, depth",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("boat = 5", "harbour.toml, line 1, boat: should be a list in square brackets"),
        ("boat = [{id='gull', names=[]}]", "harbour.toml, line 1, [[boat]] gull, names: should list at least 1"),
        ("boat = [{id='gull', names=['']}]", "harbour.toml, line 1, [[boat]] gull, names 1: should not be empty"),
        ("boat = [5]", "harbour.toml, line 1, boat 1: should be a table"),
        ("pier = 'north'", "harbour.toml, line 1, pier: should be a table"),
        ("\n[[boat]\n", "harbour.toml: Expected ']]' at the end of an array declaration (at line 2, column 7)"),
    ],
)
def test_another_shape_is_told(tmp_path: Path, text: str, fault: str) -> None:
    assert faults(tmp_path / "harbour.toml", text) == [fault]


def test_json_is_told_by_its_keys(tmp_path: Path) -> None:
    assert faults(tmp_path / "harbour.json", json.dumps({"depth": {"low": "deep"}})) == [
        "harbour.json, [depth], low: should be a number"
    ]
    assert faults(tmp_path / "harbour.json", "[]") == ["harbour.json: should hold one object"]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere.toml: cannot be read: No such file or directory"):
        read_model(tmp_path / "nowhere.toml", Harbour)
    (tmp_path / "harbour.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"harbour.toml: is not UTF-8; save it as UTF-8"):
        read_model(tmp_path / "harbour.toml", Harbour)


def test_a_check_after_reading_is_told_in_the_same_way(tmp_path: Path) -> None:
    path = tmp_path / "harbour.toml"
    path.write_text("[depth]\nlow = 1\nhigh = 0.5\n")
    with pytest.raises(ConfigError) as caught, faults_in(path, Harbour):
        raise faults_at((("depth", "low"), "is above {high}"), (("depth", "high"), "is below low"))
    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        "harbour.toml, line 2, [depth], low: is above {high}",
        "harbour.toml, line 3, [depth], high: is below low",
    ]


TRICKY = '''
a.b = "x = [1, 2] # no comment" # one
'c d'."e" = [ # a list
  "[not] a header",
  """two
  lines""", """ends in a quote""""
  , 'it\\', { k = ["]"] }, [1,
  2], 2020-01-01
]
"" = ''

[ f . 'g]' ]
h = true
[[i]]
[[i.j]]
k = 1
[[i]]
[[i.j]]
[[i.j]]
[i.j.l]
m = {n = 1, o = [
  2]}
'''


def test_lines_of_whatever_toml_allows() -> None:
    tomllib.loads(TRICKY)
    assert lines_of(TRICKY) == {
        ("a",): 2,
        ("a", "b"): 2,
        ("c d",): 3,
        ("c d", "e"): 3,
        ("c d", "e", 0): 4,
        ("c d", "e", 1): 5,
        ("c d", "e", 2): 6,
        ("c d", "e", 3): 7,
        ("c d", "e", 4): 7,
        ("c d", "e", 5): 7,
        ("c d", "e", 6): 8,
        ("",): 10,
        ("f",): 12,
        ("f", "g]"): 12,
        ("f", "g]", "h"): 13,
        ("i",): 14,
        ("i", 0): 14,
        ("i", 0, "j"): 15,
        ("i", 0, "j", 0): 15,
        ("i", 0, "j", 0, "k"): 16,
        ("i", 1): 17,
        ("i", 1, "j"): 18,
        ("i", 1, "j", 0): 18,
        ("i", 1, "j", 1): 19,
        ("i", 1, "j", 1, "l"): 20,
        ("i", 1, "j", 1, "l", "m"): 21,
        ("i", 1, "j", 1, "l", "m", 0): 21,
        ("i", 1, "j", 1, "l", "m", 1): 21,
    }


ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("file", sorted((ROOT / "config").rglob("*.toml")), ids=lambda file: file.name)
def test_every_key_and_item_of_our_files_has_a_line_that_shows_it(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    lines, rows = lines_of(text), text.splitlines()
    for place, shown in _places(tomllib.loads(text), ()):
        assert shown in rows[lines[place] - 1].replace('\\"', '"'), place


def _places(value: object, place: Place) -> list[tuple[Place, str]]:
    """Each place of a document, and what its line should show."""
    found: list[tuple[Place, str]] = []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += [((*place, key), key), *_places(inner, (*place, key))]
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found.append(((*place, number), inner if isinstance(inner, str) else ""))
            found += _places(inner, (*place, number)) if isinstance(inner, dict) else []
    return found
