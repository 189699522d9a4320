"""What a reply meets on its way: a reload, a failure, a tag of HTML, another page."""

from collections.abc import Iterator
from threading import Event

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.program import Program, visit
from tests.fakes.openai_server import OpenAIServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

EVIL = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(2)</script>",
    "[here](javascript:alert(3))",
    "${alert(4)} {{alert(5)}}",
    '"><svg onload=alert(6)>',
]


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, server: OpenAIServer) -> Iterator[Program]:
    """The program with a model server that says what it is told to say."""
    running = Program(tmp_path_factory.mktemp("data"), model=f"{server.url}/v1").start()
    yield running
    running.end()


@pytest.fixture
def hold(server: OpenAIServer) -> Iterator[Event]:
    """Keeps a reply from going on until it is set."""
    event = Event()
    yield event
    event.set()
    server.answers.clear()


def test_a_reload_in_the_middle_of_a_reply_loses_nothing(
    browser: Browser, program: Program, server: OpenAIServer, hold: Event
) -> None:
    server.say("The ferry ", "leaves ", hold=hold)
    with visit(browser, program.url) as ida:
        ida.go("/")
        ida.say("When does the ferry leave?")
        expect(ida.page.locator("#live .text")).to_contain_text("The ferry")
        ida.page.reload()
        expect(ida.page.locator("#live .text")).to_contain_text("The ferry")
        expect(ida.page.get_by_role("button", name="Stop")).to_be_visible()
        hold.set()
        ida.hear()
        expect(ida.page.locator("#talk .bubble")).to_have_text(["When does the ferry leave?"])
        expect(ida.page.locator("#talk .text").last).to_contain_text("The ferry leaves")


def test_leaving_for_another_page_and_coming_back_finds_the_whole_reply(
    browser: Browser, program: Program, server: OpenAIServer, hold: Event
) -> None:
    server.say("Grey, ", hold=hold)
    with visit(browser, program.url) as ida:
        ida.go("/")
        ida.say("Which colour is the cat?")
        expect(ida.page.locator("#live .text")).to_contain_text("Grey,")
        ida.go("/memory")
        hold.set()
        ida.go("/")
        ida.hear()
        expect(ida.page.locator("#talk .text").last).to_contain_text("Grey,")


def test_a_failed_reply_says_so_keeps_the_words_and_can_be_tried_again(
    browser: Browser, program: Program, server: OpenAIServer
) -> None:
    server.say(status=500, body={"error": {"message": "out of memory"}})
    with visit(browser, program.url) as ida:
        ida.go("/")
        ida.say("Are you there?")
        expect(ida.page.locator("#talk .fault")).to_be_visible()
        expect(ida.page.locator("#talk .bubble").last).to_have_text("Are you there?")
        server.answers.clear()
        server.say("Yes, ", "now.")
        ida.page.get_by_role("button", name="Try again").click()
        expect(ida.page.locator("#talk .text").last).to_contain_text("Yes, now.")


def test_nothing_in_a_message_becomes_script_or_html(
    browser: Browser, program: Program, server: OpenAIServer
) -> None:
    evil = " ".join(EVIL)
    server.answers.clear()
    server.say(evil)
    with visit(browser, program.url) as ida:
        ida.go("/")
        ida.say(evil)
        ida.hear()
        expect(ida.page.locator("#talk .text").last).to_contain_text("onerror=alert(1)")
        ida.page.locator("#conversations .menu").first.locator("summary").click()
        ida.page.get_by_role("button", name="Rename").first.click()
        ida.page.locator("#ask-dialog input").fill(evil)
        ida.page.keyboard.press("Enter")
        expect(ida.page.locator("#conversations")).to_contain_text("onerror=alert(1)")
        ida.go("/memory?from=all")
        ida.page.locator("#listing button", has_text="onerror").first.click()
        ida.page.locator(".detail").wait_for()
        assert not ida.dialogs
        assert not ida.errors
        assert not ida.elsewhere
        found = "#talk img[src=x], #listing img, .detail img, svg[onload], a[href^=javascript], .app script"
        assert ida.page.locator(found).count() == 0


def test_the_last_words_can_be_put_differently_and_both_versions_are_kept(
    browser: Browser, program: Program, server: OpenAIServer
) -> None:
    server.answers.clear()
    server.say("Milk is white.")
    with visit(browser, program.url) as ida:
        ida.go("/")
        ida.page.keyboard.press("Control+k")
        expect(ida.page.locator("#talk .msg")).to_have_count(1)
        ida.say("Which colour is milk?")
        ida.hear()
        server.answers.clear()
        server.say("Soot is black.")
        ida.box.press("ArrowUp")
        expect(ida.box).to_have_value("Which colour is milk?")
        ida.say("Which colour is soot?")
        ida.hear()
        expect(ida.page.locator("#talk .bubble")).to_have_text(["Which colour is soot?"])
        expect(ida.page.locator("#talk .text").last).to_contain_text("Soot is black.")
