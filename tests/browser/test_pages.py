"""Every page, wide and narrow, light and dark."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.program import Program, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PAGES = ("/", "/memory", "/personas", "/model", "/settings")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program without a model: the pages do not need one."""
    running = Program(tmp_path_factory.mktemp("data"), model="none").start()
    yield running
    running.end()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_every_page_opens_fits_and_fetches_nothing_from_elsewhere(
    browser: Browser, program: Program, phone: bool, dark: bool
) -> None:
    with visit(browser, program.url, phone=phone, dark=dark) as ida:
        for path in PAGES:
            ida.go(path)
            width = ida.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert width <= 0, path
            assert ida.page.locator(".bar-top nav a[aria-current]").count() == 1
            paper = ida.page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (paper == "rgb(26, 25, 23)") is dark
            assert ida.page.evaluate("document.body.classList.contains('dark')") is dark
        assert not ida.elsewhere
        assert not ida.errors


def test_without_a_model_the_reply_comes_from_memory_and_says_so(browser: Browser, program: Program) -> None:
    with visit(browser, program.url) as ida:
        ida.go("/")
        expect(ida.page.locator("#composer")).to_contain_text("from memory only")
        ida.say("I keep the spare key under the blue pot.")
        ida.hear()
        ida.new()
        ida.say("Where is the spare key?")
        assert "blue pot" in ida.hear()
        expect(ida.page.locator("#talk .under").last).to_contain_text("from memory, no model")


def test_the_keyboard_alone_is_enough_to_open_and_close_a_memory(browser: Browser, program: Program) -> None:
    with visit(browser, program.url) as ida:
        ida.go("/memory")
        ida.page.get_by_role("button", name="Add a memory").click()
        ida.page.get_by_label("What should Mira remember?").fill("The boiler man is called Ruud.")
        ida.page.locator("#counts").get_by_role("button", name="Save").click()
        ida.notice("Remembered")
        ida.page.keyboard.press("Escape")
        expect(ida.page.locator(".detail")).to_have_count(0)
        ida.page.locator("#listing button").first.focus()
        ida.page.keyboard.press("Enter")
        expect(ida.page.locator(".detail .words")).to_have_text("The boiler man is called Ruud.")


def test_a_search_stays_in_the_address_and_survives_a_reload(browser: Browser, program: Program) -> None:
    with visit(browser, program.url) as ida:
        ida.go("/memory")
        ida.page.keyboard.press("Control+f")
        ida.page.keyboard.type("nothing like this")
        expect(ida.page.locator("#listing")).to_contain_text("No memory fits.")
        ida.page.reload()
        expect(ida.page.locator("#filters input[name=q]")).to_have_value("nothing like this")
        expect(ida.page.locator("#listing")).to_contain_text("No memory fits.")


def test_a_persona_is_made_changed_and_deleted(browser: Browser, program: Program) -> None:
    with visit(browser, program.url) as ida:
        ida.go("/personas")
        people = ida.page.locator("#folk-list li")
        before = people.count()
        ida.page.get_by_role("button", name="New persona").click()
        ida.page.locator("#ask-dialog input").fill("Otto & Söhne")
        ida.page.keyboard.press("Enter")
        expect(people).to_have_count(before + 1)
        ida.page.get_by_label("Greeting").fill("Good evening.")
        ida.page.get_by_role("button", name="Save", exact=True).click()
        ida.notice("Saved")
        ida.page.get_by_role("link", name="Talk with Otto & Söhne").click()
        expect(ida.page.locator("#talk .text")).to_contain_text("Good evening.")
        ida.go("/personas")
        ida.page.locator("#folk-list button", has_text="Otto").click()
        ida.page.get_by_role("button", name="Delete").click()
        ida.page.locator("#ask-dialog").get_by_role("button", name="Delete").click()
        ida.notice("is deleted")
        expect(people).to_have_count(before)


def test_on_a_phone_the_conversations_fold_away_once_one_is_chosen(
    browser: Browser, program: Program
) -> None:
    with visit(browser, program.url, phone=True) as ida:
        ida.go("/")
        side = ida.page.locator("#side")
        expect(side).to_be_hidden()
        ida.page.get_by_role("button", name="Show the conversations").click()
        expect(side).to_be_visible()
        ida.page.locator("#conversations .open").first.click()
        expect(side).to_be_hidden()
        expect(ida.page.locator("#talk .msg").first).to_be_visible()
