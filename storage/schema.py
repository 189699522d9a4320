"""The tables, as the first migration makes them, and what later ones add."""

M001 = """
CREATE TABLE personas (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    tagline TEXT NOT NULL,
    avatar TEXT NOT NULL,
    greeting TEXT NOT NULL,
    description TEXT NOT NULL,
    personality TEXT NOT NULL,
    scenario TEXT NOT NULL,
    example_dialogue TEXT NOT NULL,
    reply_length TEXT NOT NULL,
    temperature REAL NOT NULL,
    bundled INTEGER NOT NULL,
    version INTEGER NOT NULL,
    extensions TEXT NOT NULL
) STRICT;

CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    persona_id TEXT NOT NULL REFERENCES personas (id),
    title TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    head_id TEXT,
    origin TEXT NOT NULL
) STRICT;
CREATE INDEX conversations_by_persona ON conversations (persona_id, updated);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    started TEXT NOT NULL,
    ended TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    reflected_by TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX sessions_by_conversation ON sessions (conversation_id);
CREATE INDEX sessions_by_state ON sessions (state, ended);

CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    parent_id TEXT REFERENCES messages (id),
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,
    created TEXT NOT NULL,
    origin TEXT NOT NULL,
    speaker TEXT NOT NULL,
    model TEXT NOT NULL,
    timing TEXT NOT NULL,
    error TEXT NOT NULL
) STRICT;
CREATE INDEX messages_by_conversation ON messages (conversation_id);
CREATE INDEX messages_by_session ON messages (session_id);
CREATE INDEX messages_by_parent ON messages (parent_id);
CREATE INDEX messages_unfinished ON messages (id) WHERE state IN ('pending', 'streaming');

CREATE VIRTUAL TABLE message_words USING fts5 (
    text, content = 'messages', content_rowid = 'seq', tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER message_words_add AFTER INSERT ON messages BEGIN
    INSERT INTO message_words (rowid, text) VALUES (new.seq, new.text);
END;
CREATE TRIGGER message_words_remove AFTER DELETE ON messages BEGIN
    INSERT INTO message_words (message_words, rowid, text) VALUES ('delete', old.seq, old.text);
END;
CREATE TRIGGER message_words_change AFTER UPDATE OF text ON messages BEGIN
    INSERT INTO message_words (message_words, rowid, text) VALUES ('delete', old.seq, old.text);
    INSERT INTO message_words (rowid, text) VALUES (new.seq, new.text);
END;

CREATE TABLE memories (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    persona_id TEXT NOT NULL REFERENCES personas (id),
    granularity TEXT NOT NULL,
    text TEXT NOT NULL,
    trust TEXT NOT NULL,
    created TEXT NOT NULL,
    said_on TEXT NOT NULL,
    speaker TEXT NOT NULL,
    speaker_name TEXT NOT NULL,
    session_id TEXT NOT NULL,
    valid_from TEXT,
    valid_to TEXT,
    state TEXT NOT NULL,
    pinned INTEGER NOT NULL,
    importance REAL NOT NULL,
    strength REAL NOT NULL,
    last_used TEXT,
    recalls INTEGER NOT NULL,
    superseded_by TEXT
) STRICT;
CREATE INDEX memories_by_persona ON memories (persona_id, state);
CREATE INDEX memories_by_time ON memories (persona_id, said_on);
CREATE INDEX memories_by_session ON memories (session_id);
CREATE INDEX memories_by_speaker ON memories (persona_id, speaker_name);
CREATE INDEX memories_superseded ON memories (superseded_by) WHERE superseded_by IS NOT NULL;

CREATE VIRTUAL TABLE memory_words USING fts5 (
    text, content = 'memories', content_rowid = 'seq', tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER memory_words_add AFTER INSERT ON memories BEGIN
    INSERT INTO memory_words (rowid, text) VALUES (new.seq, new.text);
END;
CREATE TRIGGER memory_words_remove AFTER DELETE ON memories BEGIN
    INSERT INTO memory_words (memory_words, rowid, text) VALUES ('delete', old.seq, old.text);
END;
CREATE TRIGGER memory_words_change AFTER UPDATE OF text ON memories BEGIN
    INSERT INTO memory_words (memory_words, rowid, text) VALUES ('delete', old.seq, old.text);
    INSERT INTO memory_words (rowid, text) VALUES (new.seq, new.text);
END;

CREATE TABLE sources (
    memory_id TEXT NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    quote TEXT NOT NULL,
    PRIMARY KEY (memory_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX sources_by_message ON sources (message_id);

CREATE TABLE revisions (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    batch_id TEXT NOT NULL,
    memory_id TEXT NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    by TEXT NOT NULL,
    at TEXT NOT NULL,
    action TEXT NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX revisions_by_memory ON revisions (memory_id);
CREATE INDEX revisions_by_batch ON revisions (batch_id);

CREATE TABLE recalls (
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    memory_id TEXT NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    rank INTEGER NOT NULL,
    scores TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    used INTEGER NOT NULL,
    usage REAL NOT NULL,
    PRIMARY KEY (message_id, memory_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX recalls_by_memory ON recalls (memory_id);

CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    memory_id TEXT NOT NULL UNIQUE,
    persona_id TEXT NOT NULL
) STRICT;
"""

M002 = """
CREATE TABLE claims (
    memory_id TEXT NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    subject TEXT NOT NULL,
    attribute TEXT NOT NULL,
    value TEXT NOT NULL,
    kind TEXT NOT NULL,
    valid_from TEXT,
    valid_to TEXT,
    ended_by TEXT REFERENCES memories (id) ON DELETE SET NULL,
    PRIMARY KEY (memory_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_by_attribute ON claims (attribute);
CREATE INDEX claims_ended ON claims (ended_by) WHERE ended_by IS NOT NULL;

CREATE TABLE proposals (
    id TEXT PRIMARY KEY,
    old_id TEXT NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    new_id TEXT NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    made TEXT NOT NULL,
    since TEXT NOT NULL,
    UNIQUE (old_id, new_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX proposals_by_new ON proposals (new_id);
"""

M003 = """
CREATE TABLE coverage (
    message_id TEXT PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    at TEXT NOT NULL,
    error TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
"""Which messages reflection has dealt with."""

M004 = """
CREATE TABLE learned (
    persona_id TEXT NOT NULL REFERENCES personas (id) ON DELETE CASCADE,
    embedder TEXT NOT NULL,
    version INTEGER NOT NULL,
    turns INTEGER NOT NULL,
    gain REAL NOT NULL,
    names TEXT NOT NULL,
    arrays BLOB NOT NULL,
    updated TEXT NOT NULL,
    PRIMARY KEY (persona_id, embedder)
) STRICT, WITHOUT ROWID;
"""

M005 = """
ALTER TABLE personas ADD COLUMN remembers TEXT NOT NULL DEFAULT 'months';
"""

M006 = """
ALTER TABLE personas ADD COLUMN guard TEXT NOT NULL DEFAULT 'light';

CREATE TABLE lessons (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    persona_id TEXT NOT NULL REFERENCES personas (id) ON DELETE CASCADE,
    memory_id TEXT NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    reason TEXT NOT NULL,
    context_id TEXT REFERENCES messages (id) ON DELETE SET NULL,
    instead_id TEXT REFERENCES memories (id) ON DELETE SET NULL,
    strength REAL NOT NULL,
    applied INTEGER NOT NULL,
    created TEXT NOT NULL,
    last_applied TEXT
) STRICT;
CREATE INDEX lessons_by_persona ON lessons (persona_id);
CREATE INDEX lessons_by_memory ON lessons (memory_id);
"""

M007 = """
CREATE TABLE thoughts (
    message_id TEXT PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
"""What models thought before they replied, apart from what was said, so that nothing takes it for that."""

M008 = """
ALTER TABLE memories ADD COLUMN file TEXT NOT NULL DEFAULT '';

CREATE TABLE lesson_changes (
    seq INTEGER PRIMARY KEY,
    batch_id TEXT NOT NULL,
    lesson_id TEXT NOT NULL,
    memory_id TEXT NOT NULL REFERENCES memories (id) ON DELETE CASCADE,
    before TEXT,
    after TEXT
) STRICT;
CREATE INDEX lesson_changes_by_batch ON lesson_changes (batch_id);
CREATE INDEX lesson_changes_by_memory ON lesson_changes (memory_id);
"""
"""From which file a memory came; what a person changed in lessons, to take it back."""

M009 = """
ALTER TABLE messages ADD COLUMN reads_from TEXT NOT NULL DEFAULT '';
"""
"""From which message on a reply's model was given the talk word for word."""
