import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from scripts.write_docs import DOCS, PAGES

ROOT = DOCS.parent
WRITTEN = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
RECORD = re.compile(
    r"^# (\d+)\. .+\n\n\*\*Status:\*\* .+\n\n## Context\n.+\n## Decision\n.+\n## Consequences\n", re.DOTALL
)


@pytest.mark.parametrize("page", PAGES)
def test_page_made_from_the_code_is_up_to_date(page: str) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == PAGES[page](), "run `make docs`"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_docs_leads_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("record", sorted((DOCS / "decisions").glob("*.md")), ids=lambda record: record.stem)
def test_decision_has_its_four_headings_and_is_short(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    found = RECORD.match(text)
    assert found
    assert int(found[1]) == int(record.name[:4])
    assert len(text.splitlines()) <= 45


def test_every_make_target_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in WRITTEN:
        named = re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(named) <= targets, page


def test_locks_pin_by_hash_and_name_no_address() -> None:
    locks = sorted(ROOT.glob("*.lock"))
    assert len(locks) == 3
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        assert not re.search(r"^-", text, re.MULTILINE)
        for requirement in re.split(r"\n(?=\S)", text.strip()):
            assert re.match(r"[a-z0-9.-]+==\S+", requirement)
            assert "--hash=sha256:" in requirement


def test_every_dependency_is_locked_as_the_project_asks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = {
        "requirements.lock": project["project"]["dependencies"]
        + project["project"]["optional-dependencies"]["starter"],
        "requirements-build.lock": groups["build"] + project["build-system"]["requires"],
        "requirements-dev.lock": groups["dev"],
    }
    for lock, requirements in wanted.items():
        locked = dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE))
        for requirement in map(Requirement, requirements):
            assert requirement.specifier.contains(locked[requirement.name]), f"{requirement}: run `make lock`"


def test_dependencies_that_are_left_out_are_in_no_lock() -> None:
    named = " ".join(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert not {"torch", "transformers", "sentence-transformers", "llm"} & set(named.split())
