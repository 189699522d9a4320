"""Search by words: SQLite's full-text index over the memories' texts.

Whatever a person types is taken as words, each in quotes, so that none of it is full-text syntax.
"""

import re
import unicodedata

from storage.database import Database
from storage.plain import storable
from storage.records import MemoryState
from storage.stop_words import STOP_WORDS

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 24
"""Of a long text only the rarest words are looked for: they tell most, and cost least."""
CONSIDERED = 256
"""Different words of a long text among which the rarest are found."""

QUICK = """
SELECT m.id, -found.score AS score FROM (
    SELECT rowid, bm25(memory_words) AS score FROM memory_words
    WHERE memory_words MATCH :match ORDER BY score LIMIT :breadth
) found CROSS JOIN memories m ON m.seq = found.rowid
WHERE m.persona_id = :persona_id AND m.state = :state
ORDER BY found.score, m.seq LIMIT :limit
"""
"""Ranks before it looks at the memories: twice as quick where nearly all are this persona's active ones."""
THOROUGH = """
SELECT m.id, -bm25(memory_words) AS score
FROM memory_words CROSS JOIN memories m ON m.seq = memory_words.rowid
WHERE memory_words MATCH :match AND m.persona_id = :persona_id AND m.state = :state
ORDER BY bm25(memory_words), m.seq LIMIT :limit
"""


class WordIndex:
    """Finds memories by their words, whatever form these take (porter stemming)."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def search(
        self, persona_id: str, query: str, limit: int, state: MemoryState = MemoryState.ACTIVE
    ) -> list[tuple[str, float]]:
        """Ids of memories that hold any of the query's words, with their BM25 score, best first."""
        words = self._rarest(telling(words_of(query)))
        if not words or limit < 1:
            return []
        named = {
            "match": " OR ".join(map(quoted, words)),
            "persona_id": persona_id,
            "state": state,
            "limit": limit,
            "breadth": 4 * limit + 100,
        }
        found = self._db.tuples(QUICK, named)
        return found if len(found) >= limit else self._db.tuples(THOROUGH, named)

    def sharing_phrases(self, persona_id: str, text: str, limit: int) -> list[str]:
        """Ids of active memories that hold three words in a row that the text holds too, best first."""
        words = in_order(text)
        phrases = list(dict.fromkeys(zip(words, words[1:], words[2:], strict=False)))
        some = phrases[:: len(phrases) // MOST_WORDS + 1]
        if not some or limit < 1:
            return []
        named = {
            "match": " OR ".join(quoted(" ".join(phrase)) for phrase in some),
            "persona_id": persona_id,
            "state": MemoryState.ACTIVE,
            "limit": limit,
        }
        return [found for found, _ in self._db.tuples(THOROUGH, named)]

    def _rarest(self, words: list[str]) -> list[str]:
        if len(words) <= MOST_WORDS:
            return words
        counts = {word: self._count(word) for word in words[:CONSIDERED]}
        return sorted((word for word in counts if counts[word]), key=lambda word: counts[word])[:MOST_WORDS]

    def _count(self, word: str) -> int:
        return self._db.number("SELECT count(*) FROM memory_words WHERE memory_words MATCH ?", [quoted(word)])


def in_order(text: str) -> list[str]:
    """Its words, one after the other."""
    composed = unicodedata.normalize("NFC", storable(text))
    return [word.casefold() for word in WORD.findall(composed)]


def words_of(text: str) -> list[str]:
    """Its different words, in order."""
    return list(dict.fromkeys(in_order(text)))


def telling(words: list[str]) -> list[str]:
    """Those that matter, or all of them if none does."""
    return [word for word in words if word not in STOP_WORDS] or words


def all_of(words: list[str]) -> str:
    """A full-text query for all the words, each perhaps still being typed; empty for no words."""
    return " AND ".join(f"{quoted(word)}*" for word in words[:MOST_WORDS])


def quoted(word: str) -> str:
    """A word that is nothing but a word to FTS5."""
    return f'"{word}"'
