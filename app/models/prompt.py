"""From a rendered prompt to token ids, so that a control token typed by a person stays text."""

import re
from collections.abc import Sequence

from app.models.chat_template import Part
from app.models.native import NativeModel


class PromptTokenizer:
    """Knows a model's control tokens.

    Between control tokens the template's and the people's words are split into tokens together, as the model
    saw them in training. llama.cpp always reads user-defined tokens as such, even in text; those of them that
    the template uses as marks are therefore cut in two where a person types them.
    """

    def __init__(self, model: NativeModel, template: str) -> None:
        self._model = model
        control, defined = model.special_tokens()
        marks = {
            text: token for text, token in defined.items() if _looks_like_a_mark(text) and text in template
        }
        self._ids = {text: token for text, token in {**control, **marks}.items() if text}
        self._control = _any_of(self._ids)
        self._typed = _any_of(marks)

    @property
    def control(self) -> dict[int, str]:
        """The texts of the control tokens, and of the marks that the template uses."""
        return {token: text for text, token in self._ids.items()}

    def tokens(self, parts: Sequence[Part]) -> list[int]:
        """Token ids of the whole prompt, with the model's begin token where it wants one."""
        ids = self.within(parts)
        begin = self._model.begin_token()
        return ids if begin is None or ids[:1] == [begin] else [begin, *ids]

    def within(self, parts: Sequence[Part]) -> list[int]:
        """Token ids of what stands in the middle of a prompt or a reply."""
        ids: list[int] = []
        text = ""
        for part in parts:
            if part.written:
                pieces = self._typed.split(part.text) if self._typed else [part.text]
                for piece in pieces:
                    if self._typed and self._typed.fullmatch(piece):
                        ids += self._model.tokens(text + piece[0])
                        text = piece[1:]
                    else:
                        text += piece
                continue
            for piece in self._control.split(part.text) if self._control else [part.text]:
                if piece in self._ids:
                    ids += [*self._model.tokens(text), self._ids[piece]]
                    text = ""
                else:
                    text += piece
        ids += self._model.tokens(text)
        return ids


def _looks_like_a_mark(text: str) -> bool:
    return len(text) > 2 and text[0] in "<[" and text[-1] in ">]"  # noqa: PLR2004


def _any_of(texts: dict[str, int]) -> re.Pattern[str] | None:
    if not texts:
        return None
    longest_first = sorted(texts, key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, longest_first)) + ")")
