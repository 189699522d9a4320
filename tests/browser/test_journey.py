"""One person's way through the whole program, with the starter model."""

import pytest
from playwright.sync_api import Browser, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.program import Program, Visitor, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

FACT = "My sister Ana lives in Porto."
BETTER = "My sister Ana lives in Lisbon."


def test_talk_stop_recall_correct_forget_undo_and_find_all_after_a_restart(
    browser: Browser, program: Program
) -> None:
    with visit(browser, program.url) as ida:
        first_talk(ida)
        long_replies(ida)
        stopped_reply(ida)
        recalled_in_a_new_conversation(ida)
        corrected_and_forgotten(ida)
        program.end()
        program.start()
        all_there(ida)
        assert not ida.elsewhere
        assert not ida.errors


def first_talk(ida: Visitor) -> None:
    ida.go("/")
    expect(ida.page.locator("#talk .msg")).to_have_count(1)
    expect(ida.box).to_be_focused()
    expect(ida.page.locator("#composer .hint").first).to_contain_text("test model")
    ida.say(FACT)
    assert ida.hear()


def long_replies(ida: Visitor) -> None:
    ida.go("/personas")
    ida.page.get_by_label("Long", exact=True).check()
    ida.page.get_by_role("button", name="Save", exact=True).click()
    ida.notice("It counts from the next reply on")


def stopped_reply(ida: Visitor) -> None:
    """The starter sometimes ends by itself before anybody can stop it; then it is asked again."""
    ida.go("/")
    for _ in range(6):
        ida.say("Tell me a very long story about the sea, a lighthouse and all who ever lived in it.")
        try:
            ida.page.locator("#live .text").wait_for(timeout=20_000)
            ida.page.get_by_role("button", name="Stop").click(timeout=2_000)
        except PlaywrightTimeoutError:
            ida.hear()
            continue
        ida.hear()
        if ida.page.get_by_text("Stopped here.").count():
            break
    expect(ida.page.get_by_text("Stopped here.")).to_be_visible()
    expect(ida.page.get_by_role("button", name="Send")).to_be_visible()


def recalled_in_a_new_conversation(ida: Visitor) -> None:
    ida.new()
    ida.say("Where does my sister Ana live?")
    ida.hear()
    ida.page.locator("#talk [data-act=why]").last.click()
    expect(ida.page.locator(".why")).to_contain_text(FACT)
    ida.page.locator(".why a", has_text=FACT).first.click()
    expect(ida.page.locator(".detail .words")).to_have_text(FACT)
    expect(ida.page.locator(".detail .quote").first).to_contain_text(FACT)


def corrected_and_forgotten(ida: Visitor) -> None:
    page, row = ida.page, ida.page.locator("#listing td.t")
    detail = page.locator(".detail")
    detail.get_by_role("button", name="Edit").click()
    detail.get_by_label("The memory").fill(BETTER)
    detail.get_by_role("button", name="Save").click()
    expect(detail.locator(".words")).to_have_text(BETTER)
    ida.notice("Changed")
    page.locator("#notice").get_by_role("button", name="Undo").click()
    expect(detail.locator(".words")).to_have_text(FACT)

    detail.get_by_role("button", name="Forget").click()
    page.locator("#ask-dialog").get_by_role("button", name="Forget").click()
    ida.notice("Forgotten")
    expect(row.filter(has_text=FACT)).to_have_count(0)
    page.locator("#notice").get_by_role("button", name="Undo").click()
    expect(row.filter(has_text=FACT)).to_have_count(1)

    detail.get_by_role("button", name="Pin").click()
    ida.notice("Pinned")
    page.reload()
    expect(row.filter(has_text=FACT)).to_contain_text("pinned")


def all_there(ida: Visitor) -> None:
    ida.go("/memory")
    expect(ida.page.locator("#listing td.t").filter(has_text=FACT)).to_contain_text("pinned")
    ida.go("/")
    expect(ida.page.locator("#conversations .conv")).to_have_count(2)
    expect(ida.page.locator("#talk .bubble")).to_have_text(["Where does my sister Ana live?"])
    ida.page.locator("#conversations .open").nth(1).click()
    expect(ida.page.locator("#talk .bubble").first).to_contain_text(FACT)
    expect(ida.page.get_by_text("Stopped here.")).to_be_visible()
