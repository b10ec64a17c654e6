"""What the documents say is so."""

import re
from pathlib import Path

from bot.commands import COMMANDS
from bot.core.rules.operators import OPERATORS
from bot.core.rules.rule import parse_rule
from bot.settings import AllSettings
from bot.sources.catalog import read_catalog

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_every_command_and_no_other() -> None:
    named = set(re.findall(r"`/(\w+)", README))
    assert named == {command.name for command in COMMANDS if not command.hidden}


def test_the_readme_names_every_field_of_the_rule_language() -> None:
    assert {key for key, row in OPERATORS.items() if f"{key}{row.sign}" in README} == set(OPERATORS)


def test_the_rules_of_the_readme_can_be_read() -> None:
    table = README.split("## Rules by example")[1].split("##")[0]
    rules = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert len(rules) >= 8
    for rule in rules:
        assert parse_rule(rule.replace("\\|", "|"))


def test_the_readme_counts_the_sources_rightly() -> None:
    catalog = read_catalog(ROOT / "config" / "subject" / "sources.toml")
    enabled = sum(source.enabled for source in catalog.sources)
    assert f"{len(catalog.sources)} feeds, {enabled} of them switched on" in README.replace("\n", " ")


def test_the_shipped_settings_are_the_defaults() -> None:
    """A line of faultline.toml that is deleted changes nothing."""
    assert AllSettings.model_validate({}) == AllSettings()


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for document in ROOT.glob("*.md"):
        for target in re.findall(r"\]\(([^)#\s,]+)\)", document.read_text(encoding="utf-8")):
            assert target.startswith("http") or (ROOT / target).exists(), f"{document.name}: {target}"
