"""The chat page's parts as HTML."""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.ui.parts.personas import pictures
from app.ui.parts.render import render
from app.ui.parts.streaming import Look
from app.ui.words import Chat, Common
from personas.model import Persona
from storage.records import Conversation, MessageState, Role

if TYPE_CHECKING:
    from app.services.views import MessageView
    from app.wiring import Services

WINDOW = 60
"""Messages that a transcript shows before somebody asks for earlier ones."""
STEP = 200
"""How many more each asking brings."""
FIRST_TOKEN = "first_token"  # noqa: S105
"""A moment within the reply's own stage, so it is no part of the sum."""
UNDER_WAY = frozenset({MessageState.PENDING, MessageState.STREAMING})

_numbers = itertools.count()


def people_html(services: "Services", persona: Persona, search: str) -> str:
    """The persona, a way to begin anew, and the search."""
    personas = services.personas.list()
    return render(
        "chat/people.html",
        persona=persona,
        personas=personas,
        pictures=pictures(services, personas),
        search=search,
    )


def conversations_html(services: "Services", persona: Persona, current: str, search: str) -> str:
    """A persona's conversations by day."""
    lines = services.chat.conversations(persona.id, search)
    groups = [(group, list(some)) for group, some in itertools.groupby(lines, key=lambda line: line.group)]
    return render("chat/conversations.html", persona=persona, groups=groups, current=current, search=search)


def talk_html(services: "Services", persona: Persona, conversation: Conversation, limit: int = WINDOW) -> str:
    """The newest messages of a conversation, without a reply that is still under way."""
    views = services.chat.open(conversation.id, limit=limit + 1)
    more = limit + STEP if len(views) > limit else 0
    views = [view for view in views[-limit:] if view.role is Role.USER or view.state not in UNDER_WAY]
    said = [view for view in views if view.role is Role.USER]
    return render(
        "chat/talk.html",
        conversation=conversation.id,
        days=[(day, list(some)) for day, some in itertools.groupby(views, key=lambda view: view.day)],
        persona=persona,
        picture=services.personas.avatar_path(persona),
        you=services.preferences.person_name or Common.you,
        last=views[-1].id if views and views[-1].role is Role.ASSISTANT else "",
        mine=said[-1].id if said and not said[-1].elsewhere else "",
        more=more,
        begins=next((view.reads_from for view in reversed(views) if view.model), ""),
        ends=_ends(views, persona),
    )


def _ends(views: Sequence["MessageView"], persona: Persona) -> dict[str, str]:
    """What to say below the last message of what was imported, by its id."""
    return {
        view.id: _imported(view, persona)
        for view, following in itertools.zip_longest(views, views[1:])
        if view.imported and not (following and following.imported)
    }


def _imported(view: "MessageView", persona: Persona) -> str:
    words = Chat.imported_from.format(file=view.file) if view.file else Chat.imported
    return f"{words} {Chat.elsewhere.format(name=persona.name)}" if view.elsewhere else words


def window_with(services: "Services", conversation: Conversation, message_id: str) -> int:
    """How many messages to show so that this one is among them."""
    ids = [view.id for view in services.chat.open(conversation.id)] if message_id else []
    return max(WINDOW, len(ids) - ids.index(message_id) + 4) if message_id in ids else WINDOW


def live_html(
    services: "Services", persona: Persona, conversation: Conversation, look: Look, mine: str = ""
) -> str:
    """A reply while it grows, below the person's words where the transcript has them not yet."""
    return render(
        "chat/live.html",
        conversation=conversation.id,
        mine=mine,
        text=look.text,
        progress=look.progress,
        thoughts=look.thoughts.strip(),
        persona=persona,
        picture=services.personas.avatar_path(persona),
    )


def follow_html(services: "Services", persona: Persona, conversation: Conversation) -> str:
    """Has the browser ask for a reply that is under way; nothing where there is none."""
    if not services.chat.is_busy(conversation.id):
        return ""
    return str(render("chat/follow.html", conversation=conversation.id)) + live_html(
        services, persona, conversation, Look()
    )


def refused_html(text: str) -> str:
    """Gives a text back to the message box, since it could not be sent."""
    return render("chat/refused.html", text=text, number=next(_numbers))


def why_html(services: "Services", message_id: str) -> str:
    """Why a reply says what it says."""
    why = services.chat.why(message_id)
    seconds = sum(spent for stage, spent in why.timing.items() if stage != FIRST_TOKEN) / 1000
    return render("chat/why.html", why=why, seconds=seconds)


def composer_html(services: "Services", persona: Persona) -> str:
    """The message box."""
    return render("chat/composer.html", persona=persona, model=services.models.current())
