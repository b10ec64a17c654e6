"""Tables of a configuration file: each value checked as it is read, every fault kept."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar, cast

from bot.core.message.durations import to_duration
from bot.core.rules.rule import Rule, parse_rule
from bot.errors import Fault, RuleError

Choice = TypeVar("Choice", bound=StrEnum)


class Table:
    """One table of a file, at a place that faults name.

    A value that is missing is the fallback or, where there is none, a fault; a faulty one is told and replaced by
    something of its type, so that reading goes on to the next fault.
    """

    def __init__(self, where: str, values: Mapping[str, object], faults: list[Fault]) -> None:
        self.where = where
        self._values = values
        self._faults = faults
        self._asked: set[str] = set()

    def fault(self, what: str) -> None:
        """Note what is wrong with this table."""
        self._faults.append(Fault(where=self.where, what=what))

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self._value(key)
        if isinstance(value, str) and value:
            return value
        self.fault(f"needs {key}, in words")
        return ""

    def number(self, key: str, low: int, high: int, fallback: int | None = None) -> int:
        """A whole number from `low` to `high`."""
        value = self._value(key, fallback)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.fault(f"needs {key}, a whole number from {low} to {high}")
        return low

    def flag(self, key: str) -> bool:
        """Yes or no; no where it is missing."""
        value = self._value(key, fallback=False)
        if not isinstance(value, bool):
            self.fault(f"{key} must be true or false")
        return value is True

    def choice(self, key: str, choices: Iterable[Choice], fallback: Choice | None = None) -> Choice:
        """One of some words."""
        known = tuple(choices)
        value = self._value(key, fallback)
        if value in known:
            return known[known.index(cast("Choice", value))]
        self.fault(f"needs {key}: {', '.join(known)}")
        return known[0]

    def length(self, key: str) -> timedelta:
        """A length of time."""
        value = self._value(key)
        found = to_duration(value) if isinstance(value, str) else None
        if found is None:
            self.fault(f'needs {key}, a length of time such as "3 hours"')
        return found or timedelta(0)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where it is missing."""
        value = self._value(key, ())
        if isinstance(value, list | tuple) and all(isinstance(text, str) for text in value):
            return tuple(value)
        self.fault(f"{key} must be a list of texts")
        return ()

    def word_rules(self, key: str) -> Iterator[Rule]:
        """A list of rules over words alone, as subscribers write theirs."""
        for number, text in enumerate(self.texts(key), 1):
            try:
                rule = parse_rule(text)
            except RuleError as error:
                self.fault(f"{key}, rule {number}: {error}")
                continue
            if fields := rule.fields():
                self.fault(f"{key}, rule {number}: only words are allowed here, not {', '.join(sorted(fields))}")
            yield rule

    def end(self) -> None:
        """Tell the keys that nobody asked for."""
        for key in self._values.keys() - self._asked:
            self.fault(f"“{key}” isn't known here; the keys are {', '.join(sorted(self._asked))}")

    def _value(self, key: str, fallback: object = None) -> object:
        self._asked.add(key)
        return self._values.get(key, fallback)


def tables_in(file: str, tables: Mapping[str, object], key: str, faults: list[Fault]) -> Iterator[tuple[str, Table]]:
    """The `[[key]]` tables of a file with their ids, each of which is there once."""
    rows = tables.get(key)
    if not isinstance(rows, list) or not rows:
        faults.append(Fault(where=f"{file}: {key}", what=f"needs tables: [[{key}]]"))
        return
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            faults.append(Fault(where=f"{file}: {key} {number}", what=f"must be a table: [[{key}]]"))
            continue
        table = Table(f"{file}: {key} {row.get('id', number)}", row, faults)
        if (name := table.text("id")) in seen:
            table.fault("this id is used twice")
        seen.add(name)
        yield name, table
