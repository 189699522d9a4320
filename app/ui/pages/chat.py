"""The chat page: conversations, the talk, and why a reply says what it says."""

from collections.abc import Iterator

import gradio as gr

from app.ui.pages.replying import ReplyPage
from app.ui.parts import notice
from app.ui.parts.ask import Ask, where_of
from app.ui.parts.live import event
from app.ui.parts.render import query
from app.ui.parts.told import Updates, told
from app.ui.parts.transcript import (
    WINDOW,
    composer_html,
    conversations_html,
    follow_html,
    people_html,
    talk_html,
    why_html,
    window_with,
)
from storage.records import Conversation


class ChatPage(ReplyPage):
    """Talk with a persona."""

    name = ""

    def build(self, demo: gr.Blocks) -> None:
        """Place the parts and wire them."""
        self.frame()
        with gr.Column(elem_id="chat"):
            with gr.Column(elem_id="side"):
                self.people = self.part("people", ["persona", "new", "find"])
                self.list = self.part("conversations", ["open", "rename", "delete", "reflect"])
            with gr.Column(elem_id="middle"):
                with gr.Column(elem_id="scroll"):
                    self.talk = self.part("talk", ["why", "again", "version", "retry", "earlier"])
                    self.live = self.part("live", ["follow"])
                self.composer = self.part("composer", ["send", "stop", "typing"])
            self.why = self.part("why", ["close"])
        self.wire_replies()
        self.wire_shows(demo)
        self.wire_quick()

    def wire_replies(self) -> None:
        """Connect what brings a reply; whoever turns to another conversation leaves it to itself.

        Triggered once more while the last reply's event is still ending, an event must not be dropped:
        what was said would be lost with it.
        """
        replies = [
            self.on(part, act, callback, trigger_mode="multiple")
            for part, act, callback in (
                (self.composer, "send", self.send),
                (self.talk, "again", self.again),
                (self.talk, "retry", self.retry),
                (self.live, "follow", self.follow),
            )
        ]
        for part, act in (
            (self.list, "open"),
            (self.list, "delete"),
            (self.people, "new"),
            (self.people, "persona"),
        ):
            event(part, act)(None, cancels=replies)

    def wire_shows(self, demo: gr.Blocks) -> None:
        """Connect what shows a conversation."""
        self.arriving(demo)
        self.on(self.list, "open", self.open)
        self.on(self.list, "delete", self.delete)
        self.on(self.people, "new", self.new)
        self.on(self.people, "persona", self.choose)

    def wire_quick(self) -> None:
        """Connect what is answered at once."""
        self.on(self.composer, "stop", self.stop)
        self.on(self.composer, "typing", self.typing)
        self.on(self.talk, "version", self.version)
        self.on(self.talk, "earlier", self.earlier)
        self.on(self.talk, "why", self.explain)
        self.on(self.why, "close", self.close)
        self.on(self.people, "find", self.find)
        self.on(self.list, "rename", self.rename)
        self.on(self.list, "reflect", self.reflect)

    @told
    def arrive(self, where: str) -> Updates:
        """Show the conversation of the address, else the newest one."""
        place = where_of(where)
        wanted = self.services.chat.find(place["c"]) if "c" in place else None
        conversation = wanted or self.services.chat.latest(self.persona_of(place).id)
        limit = window_with(self.services, conversation, place.get("m", ""))
        return self.show(conversation, place.get("q", ""), limit)

    @told
    def open(self, event: gr.EventData) -> Updates:
        """Show a conversation of the list."""
        ask = Ask.of(event)
        return self.show(self.services.chat.get(ask.get("id")), ask.where.get("q", ""))

    @told
    def new(self, event: gr.EventData) -> Updates:
        """Begin a conversation with the persona shown."""
        return self.show(self.services.chat.start(self.persona_of(Ask.of(event).where).id))

    @told
    def choose(self, event: gr.EventData) -> Updates:
        """Go on with another persona where the last talk with them ended."""
        return self.show(self.services.chat.latest(Ask.of(event).get("personaId")))

    @told
    def delete(self, event: gr.EventData) -> Updates:
        """Delete a conversation, with the memories that rest on it alone."""
        ask, chat = Ask.of(event), self.services.chat
        persona_id = chat.get(ask.get("id")).persona_id
        message = notice.done(chat.delete(ask.get("id")))
        here = chat.find(ask.where.get("c", "")) or chat.latest(persona_id)
        return self.show(here, ask.where.get("q", "")) | {self.notice: message}

    @told
    def follow(self, event: gr.EventData) -> Iterator[Updates]:
        """Go on with a reply that was under way when its conversation was shown."""
        ask = Ask.of(event)
        yield from self.stream(ask.at(c=ask.get("id")), self.services.chat.follow)

    @told
    def send(self, event: gr.EventData) -> Iterator[Updates]:
        """Say something, or put the last thing said differently."""
        ask, chat = Ask.of(event), self.services.chat
        speak = chat.edit_last if ask.get("mode") == "edit" else chat.send
        yield from self.stream(ask, lambda here: speak(here, ask.get("text")), ask.get("text"))

    @told
    def again(self, event: gr.EventData) -> Iterator[Updates]:
        """Ask for another version of the last reply."""
        yield from self.stream(Ask.of(event), self.services.chat.again)

    @told
    def retry(self, event: gr.EventData) -> Iterator[Updates]:
        """Try a reply that failed once more."""
        yield from self.stream(Ask.of(event), self.services.chat.retry)

    @told
    def stop(self, event: gr.EventData) -> Updates:
        """End the reply under way; what there is of it stays."""
        self.services.chat.stop(self.here(Ask.of(event)).id)
        return {}

    @told
    def typing(self, event: gr.EventData) -> Updates:
        """Get ready for what is being written."""
        self.services.chat.expect(self.here(Ask.of(event)).id)
        return {}

    @told
    def version(self, event: gr.EventData) -> Updates:
        """Show another version of a message."""
        ask = Ask.of(event)
        self.services.chat.choose_sibling(ask.get("id"))
        return {self.talk: self.transcript(self.here(ask)), self.why: ""}

    @told
    def earlier(self, event: gr.EventData) -> Updates:
        """Show more of a long conversation."""
        ask = Ask.of(event)
        return {self.talk: self.transcript(self.here(ask), int(ask.get("count")))}

    @told
    def explain(self, event: gr.EventData) -> Updates:
        """Show why a reply says what it says."""
        return {self.why: why_html(self.services, Ask.of(event).get("id"))}

    @told
    def close(self) -> Updates:
        """Close the panel on the right."""
        return {self.why: ""}

    @told
    def find(self, event: gr.EventData) -> Updates:
        """List the conversations in which something was said."""
        ask = Ask.of(event)
        persona = self.persona_of(ask.where)
        return {self.list: conversations_html(self.services, persona, ask.where.get("c", ""), ask.get("q"))}

    @told
    def rename(self, event: gr.EventData) -> Updates:
        """Give a conversation another name."""
        ask = Ask.of(event)
        self.services.chat.rename(ask.get("id"), ask.get("text"))
        persona = self.persona_of(ask.where)
        return {
            self.list: conversations_html(
                self.services, persona, ask.where.get("c", ""), ask.where.get("q", "")
            )
        }

    @told
    def reflect(self, event: gr.EventData) -> Iterator[Updates]:
        """Make memories of a conversation now."""
        for step in self.services.reflection.reflect_conversation(Ask.of(event).get("id")):
            yield {self.notice: notice.said(step.words)}

    def show(self, conversation: Conversation, search: str = "", limit: int = WINDOW) -> Updates:
        """The whole page for a conversation."""
        self.services.chat.expect(conversation.id)
        services, persona = self.services, self.services.personas.get(conversation.persona_id)
        return {
            **self.head(address=query(c=conversation.id, q=search), persona=persona.id),
            self.people: people_html(services, persona, search),
            self.list: conversations_html(services, persona, conversation.id, search),
            self.talk: talk_html(services, persona, conversation, limit),
            self.live: follow_html(services, persona, conversation),
            self.composer: composer_html(services, persona),
            self.why: "",
        }
