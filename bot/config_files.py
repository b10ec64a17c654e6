"""Reading what operators write: words, TOML and JSON, checked by pydantic; every fault with its file and line."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from bot.errors import ConfigError, Fault

# UTF-8; the byte order mark that some editors put before it is read over.
ENCODING = "utf-8-sig"
# How alike a mistyped name must be to the one that is meant.
LIKENESS = 0.75

Place = tuple[str | int, ...]
"""Keys, and numbers of items from 0, that lead to a value: `("source", 2, "url")`."""

Model = TypeVar("Model", bound=BaseModel)


class ConfigTable(BaseModel):
    """One table of a configuration file; an unknown key is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def root_folder() -> Path:
    """The folder that holds `config/`: the present one if it does, else the one that the package was installed from."""
    here = Path.cwd()
    return here if (here / "config").is_dir() else Path(__file__).resolve().parent.parent


def read_words(path: Path) -> str:
    """A file in UTF-8. Raises ConfigError."""
    try:
        return path.read_text(encoding=ENCODING)
    except UnicodeDecodeError:
        raise ConfigError(Fault(where=shown(path), what="is not UTF-8; save it as UTF-8")) from None
    except OSError as error:
        raise ConfigError(Fault(where=shown(path), what=f"cannot be read: {error.strerror}")) from None


def read_toml(path: Path) -> Mapping[str, Any]:
    """A TOML file as a mapping. Raises ConfigError with the line when it is not TOML."""
    try:
        return tomllib.loads(read_words(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(Fault(where=shown(path), what=str(error))) from None


def read_json(path: Path) -> Mapping[str, Any]:
    """A JSON object as a mapping. Raises ConfigError when it is none."""
    try:
        content = json.loads(read_words(path))
    except ValueError as error:
        raise ConfigError(Fault(where=shown(path), what=str(error))) from None
    if not isinstance(content, dict):
        raise ConfigError(Fault(where=shown(path), what="should hold one object"))
    return content


def read_model(path: Path, model: type[Model], **known: object) -> Model:
    """A file (TOML, or JSON by its name) as a model. Raises ConfigError with every fault, each with its line.

    Validators find `known` in their context, where they may also note what others of the same file ask for.
    """
    document = (read_json if path.suffix == ".json" else read_toml)(path)
    with faults_in(path, model):
        return model.model_validate(document, context=known)


@contextmanager
def faults_in(path: Path, model: type[BaseModel]) -> Iterator[None]:
    """Tell what pydantic, or `faults_at`, finds wrong within as faults of a file of this model: raises ConfigError."""
    try:
        yield
    except ValidationError as error:
        is_toml = path.suffix == ".toml"
        document, lines = (read_toml(path), lines_of(read_words(path))) if is_toml else (read_json(path), {})
        faults: list[tuple[int, Fault]] = []
        for detail in _details(error):
            place, what = sentence_of(detail, model)
            line = next((lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines), 0)
            where = (shown(path), f"line {line}" if line else "", _in_words(document, place))
            faults.append((line, Fault(where=", ".join(filter(None, where)), what=what)))
        raise ConfigError(*dict.fromkeys(fault for _, fault in sorted(faults, key=itemgetter(0)))) from None


@contextmanager
def faults_noted(faults: list[Fault]) -> Iterator[None]:
    """Go on after what is faulty, so that all faults are told at once; each is noted once."""
    try:
        yield
    except ConfigError as error:
        faults += [fault for fault in error.faults if fault not in faults]


def faults_at(*faults: tuple[Place, str]) -> ValidationError:
    """What a validator, or a check within `faults_in`, raises to tell of several places at once."""
    wrong = [
        InitErrorDetails(type=PydanticCustomError("value_error", "{what}", {"what": what}), loc=place, input=None)
        for place, what in faults
    ]
    return ValidationError.from_exception_data("file", wrong)


def once_in_file(what: str) -> AfterValidator:
    """Annotates a value that no two tables of a file share, such as an id; `what` is what the tables describe."""

    def check(value: object, file: ValidationInfo) -> object:
        seen: set[object] = file.context.setdefault(check, set()) if file.context is not None else set()
        if value in seen:
            raise ValueError(f'"{value}" is used twice; give each {what} its own')
        seen.add(value)
        return value

    return AfterValidator(check)


# What pydantic says, by the types of its errors (docs.pydantic.dev/latest/errors/validation_errors).
_SENTENCES: Mapping[str, str] = {
    "string_type": "should be a text in quotes",
    **{f"bool_{kind}": "should be true or false" for kind in ("type", "parsing")},
    **{f"int_{kind}": "should be a whole number" for kind in ("type", "parsing", "from_float")},
    **{f"float_{kind}": "should be a number" for kind in ("type", "parsing")},
    **{f"{kind}_type": "should be a list in square brackets" for kind in ("list", "tuple", "set", "frozen_set")},
    **{f"{kind}_type": "should be a table" for kind in ("dict", "mapping", "model")},
    "string_too_short": "should not be empty",
    "too_short": "should list at least {min_length}",
    "too_long": "should list at most {max_length}",
    "greater_than": "should be above {gt:g}",
    "greater_than_equal": "should be {ge:g} or more",
    "less_than": "should be below {lt:g}",
    "less_than_equal": "should be {le:g} or less",
}


def sentence_of(detail: ErrorDetails, model: type[BaseModel]) -> tuple[Place, str]:
    """Where an error of pydantic is, and what to do about it; without the value, which may be secret."""
    place, kind, context = tuple(detail["loc"]), detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return place[:-1], f"{place[-1]} is missing"
    if kind == "extra_forbidden":
        known = _keys_at(model, place[:-1])
        meant = nearest(str(place[-1]), known)
        advice = f"did you mean {meant}?" if meant else f"the keys are {', '.join(known)}"
        return place, f"isn't known here; {advice}"
    if kind in {"enum", "literal_error"}:
        expected = str(context["expected"])
        meant = nearest(str(detail["input"]), re.findall(r"'([^']*)'", expected))
        return place, f"should be {expected}".replace("'", "") + (f"; did you mean {meant}?" if meant else "")
    if kind == "value_error":
        return place, str(context.get("what") or context["error"])
    if kind in _SENTENCES:
        return place, _SENTENCES[kind].format(**context)
    return place, detail["msg"].replace("Input should", "should")


def _details(error: ValidationError) -> list[ErrorDetails]:
    """Without those of a list that is too short only because what is in it is faulty."""
    details = error.errors(include_url=False)
    faulty = {detail["loc"][:end] for detail in details for end in range(len(detail["loc"]))}
    return [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in faulty]


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that differs in its underscores only, or else in little."""
    alike = (each for each in known if each.replace("_", "") == name.replace("_", ""))
    return next(alike, None) or next(iter(get_close_matches(name, known, n=1, cutoff=LIKENESS)), None)


def _keys_at(model: type[BaseModel], place: Place) -> Collection[str]:
    """The keys that the table at a place may have."""
    for step in place:
        if isinstance(step, str) and (field := model.model_fields.get(step)) is not None:
            model = next(_models_in(field.annotation), model)
    return model.model_fields


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _in_words(document: object, place: Place) -> str:
    """A place as its file shows it: `[[source]] wire, url` or `[topic.airspace], rules 2`."""
    names: list[str] = []
    table, rest = "", list(place)
    while rest and isinstance(document, dict):
        inner = document.get(rest[0])
        if isinstance(inner, dict) and not table.startswith("[["):
            names.append(str(rest.pop(0)))
            table, document = f"[{'.'.join(names)}]", inner
        elif isinstance(inner, list) and len(rest) > 1 and isinstance(row := inner[int(rest[1])], dict):
            names.append(str(rest[0]))
            table, document = f"[[{'.'.join(names)}]] {row.get('id', int(rest[1]) + 1)}", row
            del rest[:2]
        else:
            break
    numbers = ".".join(str(step + 1) for step in rest if isinstance(step, int))
    key = " ".join([*(step for step in rest if isinstance(step, str)), *filter(None, [numbers])])
    return ", ".join(filter(None, (table, key)))


_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|'  # texts in each kind of quotes
    r"'{3}.*?'{3,5}|"
    r'"(?:\\.|[^"\\])*"|'
    r"'[^']*'|"
    r"#[^\n]*|"
    r"[][{},=\n]|"
    r"""[^][{},=#"'\s]+""",
    re.DOTALL,
)


def lines_of(text: str) -> Mapping[Place, int]:
    """The line (from 1) of each table, each key and each item of a list in a sound TOML text; not of what is deeper.

    tomllib keeps no positions, nor does tomlkit (its issue 55): they are looked for once there is a fault to tell.
    """
    lines: dict[Place, int] = {}
    rows = Counter[Place]()  # how many tables each [[list of tables]] has so far
    table: Place = ()
    for statement in _statements(text):
        words, line = [word for word, _ in statement], statement[0][1]
        is_header = words[0] == "["
        end = len(words) if is_header else words.index("=")
        place: Place = () if is_header else table
        steps = _steps("".join(words[:end]).strip("[]"))
        for left, step in enumerate(steps, 1 - len(steps)):
            place = (*place, step)
            lines.setdefault(place, line)
            rows[place] += left == 0 and words[:2] == ["[", "["]
            if rows[place]:
                place = (*place, rows[place] - 1)
                lines.setdefault(place, line)
        if is_header:
            table = place
        depth = item = 0
        for word, at in statement[end + 1 :]:
            if depth == 1 and word == ",":
                item += 1
            elif depth == 1 and word not in {"]", "}"}:
                lines.setdefault((*place, item), at)
            depth += (word in {"[", "{"}) - (word in {"]", "}"})
    return lines


def _statements(text: str) -> Iterator[list[tuple[str, int]]]:
    """Headers and `key = value`, each as words with their lines, without comments."""
    statement: list[tuple[str, int]] = []
    depth, line = 0, 1
    for word in [*_TOKEN.findall(text), "\n"]:
        if word == "\n" and statement and not depth:
            yield statement
            statement = []
        elif word != "\n" and not word.startswith("#"):
            statement.append((word, line))
            depth += (word in {"[", "{"}) - (word in {"]", "}"})
        line += word.count("\n")


def _steps(key: str) -> list[str]:
    """The steps of a dotted key, whatever its quotes."""
    steps: list[str] = []
    inner: object = tomllib.loads(f"{key} = 0")
    while isinstance(inner, dict):
        ((step, inner),) = inner.items()
        steps.append(step)
    return steps


def shown(path: Path) -> str:
    """A path as one would type it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
