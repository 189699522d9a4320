"""Search by words: SQLite's full-text index over the memories' texts.

Whatever a person types is taken as words, each in quotes, so that none of it is full-text syntax.
"""

import re

from storage.database import Database
from storage.plain import storable
from storage.records import MemoryState
from storage.stop_words import STOP_WORDS

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 64
"""Of a long question only so many different words are looked for."""

SEARCH = """
SELECT m.id, -found.rank AS score FROM (
    SELECT rowid, rank FROM memory_words WHERE memory_words MATCH :match ORDER BY rank LIMIT :breadth
) found CROSS JOIN memories m ON m.seq = found.rowid
WHERE m.persona_id = :persona_id AND m.state = :state
ORDER BY found.rank, m.seq LIMIT :limit
"""


class WordIndex:
    """Finds active memories by their words, whatever form these take (porter stemming)."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def search(self, persona_id: str, query: str, limit: int) -> list[tuple[str, float]]:
        """Ids of memories that hold any of the query's words, with their BM25 score, best first."""
        match = any_word(query)
        if not match:
            return []
        breadth = 4 * limit + 100
        while True:
            rows = self._db.rows(
                SEARCH,
                {
                    "match": match,
                    "breadth": breadth,
                    "persona_id": persona_id,
                    "state": MemoryState.ACTIVE,
                    "limit": limit,
                },
            )
            if len(rows) >= limit or breadth < 0:
                return [(row["id"], row["score"]) for row in rows]
            breadth = -1


def any_word(query: str) -> str:
    """A full-text query for any of the words that matter; for any word at all if none does."""
    return " OR ".join(f'"{word}"' for word in _telling(_words(query))[:MOST_WORDS])


def telling_words(query: str) -> str:
    """A full-text query for all the words that matter, each perhaps still being typed."""
    return " AND ".join(f'"{word}"*' for word in _telling(_words(query))[:MOST_WORDS])


def all_words(query: str) -> str:
    """A full-text query for all the words, each perhaps still being typed."""
    return " AND ".join(f'"{word}"*' for word in _words(query)[:MOST_WORDS])


def _telling(words: list[str]) -> list[str]:
    return [word for word in words if word not in STOP_WORDS] or words


def _words(query: str) -> list[str]:
    return list(dict.fromkeys(word.casefold() for word in WORD.findall(storable(query))))
