"""Companions for the benchmark of the self-reinforcing cycle, behind the port of a chat model."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from graphs.ports import ChatMessage, Chunk, Priority, Progress, Sampling, Skill, Stop
from graphs.prompts import render
from tests.fakes.chat_model import ScriptedChatModel

MOST: Final = 3
"""So many notes are repeated, the best ones."""
NOTE: Final = re.compile(r"^\[\d+\] [^,]+, (?P<words>.+)$")
QUOTED: Final = re.compile(r'"(?P<text>.*)"')
UNKNOWN: Final = "I do not know that yet."


class Obedient(ScriptedChatModel):
    """Repeats what its prompt holds as facts, the best note last; a parrot also what is unconfirmed.

    It writes no memories.
    """

    def __init__(self, *, parrot: bool = False) -> None:
        super().__init__(skill=Skill.QUOTES, context_tokens=100_000, name="obedient")
        self._parrot = parrot

    def stream(
        self,
        messages: Sequence[ChatMessage],
        sampling: Sampling,
        *,
        stop: Stop,
        priority: Priority = Priority.PERSON,
        progress: Progress | None = None,
    ) -> Iterator[Chunk]:
        """The notes, one after the other."""
        yield Chunk(" ".join(self._notes(messages[-1].content)[-MOST:]) or UNKNOWN)
        yield Chunk("", "stop")

    def _notes(self, prompt: str) -> list[str]:
        told, found = False, []
        for line in prompt.splitlines():
            note = NOTE.match(line)
            if note is None:
                told = line.endswith(FACTS_BEGIN)
            elif told or self._parrot:
                quoted = QUOTED.search(note["words"])
                found.append(quoted["text"] if quoted else note["words"])
        return [text for text in dict.fromkeys(found) if text != UNKNOWN]


FACTS_BEGIN: Final = render("turn_facts", user="the user", lines="").splitlines()[0].strip()
"""The line after which facts stand, for a person without a name."""
