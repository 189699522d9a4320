"""How the chat page shows a reply while it grows."""

import time
from collections.abc import Callable, Iterator

import gradio as gr

from app.services.views import Failed, TurnEvent
from app.ui.parts import notice
from app.ui.parts.ask import Ask
from app.ui.parts.page import Page
from app.ui.parts.streaming import Look, looks
from app.ui.parts.told import Updates
from app.ui.parts.transcript import WINDOW, conversations_html, live_html, refused_html, talk_html
from personas.errors import KeepsakeError
from storage.records import Conversation


class ReplyPage(Page):
    """The parts that a reply changes, and what it does to them."""

    list: gr.HTML
    talk: gr.HTML
    live: gr.HTML
    why: gr.HTML

    def here(self, ask: Ask) -> Conversation:
        """The conversation that the address names."""
        return self.services.chat.get(ask.where.get("c", ""))

    def transcript(self, conversation: Conversation, limit: int = WINDOW) -> str:
        """The talk so far."""
        persona = self.services.personas.get(conversation.persona_id)
        return talk_html(self.services, persona, conversation, limit)

    def stream(
        self, ask: Ask, begin: Callable[[str], Iterator[TurnEvent]], mine: str = ""
    ) -> Iterator[Updates]:
        """Show a reply while it grows; a text that cannot be sent goes back into the box."""
        conversation = self.here(ask)
        persona = self.services.personas.get(conversation.persona_id)
        look = Look()
        yield {self.live: live_html(self.services, persona, conversation, look, mine), self.why: ""}
        try:
            for number, look in enumerate(looks(begin(conversation.id), time.monotonic)):
                if look.ended:
                    break
                fresh = {self.talk: self.transcript(conversation)} if number == 1 else {}
                yield {
                    self.live: live_html(self.services, persona, conversation, look, "" if number else mine),
                    **fresh,
                }
        except KeepsakeError:
            yield {self.live: refused_html(mine)}
            raise
        yield self.settled(conversation, ask) | self.told_failure(look, mine)

    def settled(self, conversation: Conversation, ask: Ask) -> Updates:
        """The page after a reply."""
        persona = self.services.personas.get(conversation.persona_id)
        return {
            **self.head(persona=persona.id),
            self.list: conversations_html(self.services, persona, conversation.id, ask.where.get("q", "")),
            self.talk: self.transcript(conversation),
            self.live: "",
        }

    def told_failure(self, look: Look, mine: str) -> Updates:
        """What to say about a reply that never began; one that failed on the way says so itself."""
        if not isinstance(look.ended, Failed) or look.ended.message_id:
            return {}
        failure = KeepsakeError(look.ended.message, look.ended.hint)
        return {self.live: refused_html(mine), self.notice: notice.warning(failure)}
