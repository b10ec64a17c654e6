"""What the documents say is so."""

import ast
import re
from collections import defaultdict
from pathlib import Path

from bot.commands import COMMANDS
from bot.core.rules.operators import OPERATORS
from bot.core.rules.rule import parse_rule
from bot.settings import AllSettings
from bot.sources.catalog import read_catalog

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GLOSSARY = (ROOT / "DESIGN.md").read_text(encoding="utf-8").split("## Glossary")[1]

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): (
        path.parent,
        ast.parse(path.read_text(encoding="utf-8")),
    )
    for path in (ROOT / "bot").rglob("*.py")
}
CLASSES = {
    (module, node.name)
    for module, (_, tree) in MODULES.items()
    for node in tree.body
    if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
}
# What is the same thing on each platform has one name in their folders.
A_PLATFORM = re.compile(r"bot\.platforms\.(telegram|discord|console)\.")


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


def test_the_glossary_has_a_row_for_each_class_that_crosses_a_folder() -> None:
    crossing = {
        alias.name
        for folder, tree in MODULES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (node.module, alias.name) in CLASSES and MODULES[str(node.module)][0] != folder
    }
    assert "Story" in crossing
    named = set(re.findall(r"`([A-Z]\w+)`", GLOSSARY))
    assert crossing - named == set()
    assert named - {name for _, name in CLASSES} == set(), "there is no such class any more"


def test_no_two_classes_have_one_name() -> None:
    modules = defaultdict(set)
    for module, name in CLASSES:
        modules[name].add(A_PLATFORM.sub("a platform: ", module).partition(": ")[0])
    assert {name for name, having in modules.items() if len(having) > 1} == set()
