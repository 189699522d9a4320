"""Thoughts: closed, opened while they grow, and stopped in the middle."""

from collections.abc import Iterator
from threading import Event

import pytest
from playwright.sync_api import Browser, expect

from app.ui.words import Chat
from tests.browser.program import Program, visit
from tests.fakes.openai_server import OpenAIServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, server: OpenAIServer) -> Iterator[Program]:
    """The program with a model server that thinks what it is told to think."""
    running = Program(tmp_path_factory.mktemp("data"), model=f"{server.url}/v1").start()
    yield running
    running.end()


def test_thoughts_that_are_opened_while_they_grow_stay_open_and_are_closed_under_the_reply(
    browser: Browser, program: Program, server: OpenAIServer
) -> None:
    hold, end = Event(), Event()
    server.say("Six, ", "I think.", thoughts=["The ferry. "], hold_thoughts=hold, hold=end)
    with visit(browser, program.url) as ida:
        ida.go("/")
        ida.say("When does the ferry leave?")
        thoughts = ida.page.locator("#live .thoughts")
        expect(ida.page.locator("#live .progress")).to_have_text("Thinking, 2 words so far")
        expect(thoughts.locator(".thought")).to_be_hidden()
        thoughts.locator("summary").click()
        expect(thoughts.locator(".thought")).to_have_text("The ferry.")
        hold.set()
        expect(ida.page.locator("#live .text")).to_contain_text("Six,")
        expect(thoughts.locator(".thought")).to_be_visible()
        end.set()
        assert ida.hear() == "Six, I think."
        under = ida.page.locator("#talk .thoughts").last
        expect(under.locator(".thought")).to_be_hidden()
        under.locator("summary").click()
        expect(under.locator(".thought")).to_have_text("The ferry.")
        assert not ida.errors


def test_a_stop_within_a_thought_says_so(browser: Browser, program: Program, server: OpenAIServer) -> None:
    server.say(thoughts=["The train. "], hold_thoughts=Event())
    with visit(browser, program.url) as ida:
        ida.go("/")
        ida.say("And the train?")
        expect(ida.page.locator("#live .progress")).to_have_text("Thinking, 2 words so far")
        ida.page.keyboard.press("Escape")
        expect(ida.page.locator("#talk .mark").last).to_have_text(Chat.stopped_thinking)
        assert server.hung_up.wait(10)
