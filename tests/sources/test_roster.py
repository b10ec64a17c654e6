from bot.core.model import SourceId
from bot.sources.catalog import Catalog
from bot.sources.roster import Roster
from tests.builders import source

OFF = source("ostrov", enabled=False)


def roster() -> Roster:
    return Roster(Catalog(sources=(source("northgate"), OFF)))


def standing(roster: Roster) -> dict[str, bool]:
    return {each.id: each.enabled for each in roster.catalog.sources}


def test_switches_are_stronger_than_the_configuration() -> None:
    tried = roster()
    tried.change(added=(), switched={SourceId("northgate"): False, SourceId("ostrov"): True, SourceId("gone"): True})
    assert standing(tried) == {"northgate": False, "ostrov": True}
    tried.change(added=(), switched={})
    assert standing(tried) == {"northgate": True, "ostrov": False}


def test_added_sources_come_after_those_of_the_configuration() -> None:
    tried = roster()
    tried.change(added=(source("paper"),), switched={SourceId("paper"): False})
    assert standing(tried) == {"northgate": True, "ostrov": False, "paper": False}
    assert tried.is_shipped(SourceId("northgate"))
    assert not tried.is_shipped(SourceId("paper"))


def test_a_newer_configuration_counts_more_than_what_was_added_before() -> None:
    tried = roster()
    tried.change(added=(source("northgate", url="https://other.example"), source("twin", url=OFF.url)), switched={})
    assert tried.catalog.sources == (source("northgate"), OFF)


def test_watchers_hear_of_each_change() -> None:
    tried, heard = roster(), []
    tried.watch(lambda: heard.append(len(tried.catalog.sources)))
    tried.change(added=(source("paper"),), switched={})
    assert heard == [3]
