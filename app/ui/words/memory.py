"""The memory page. A name in braces is filled in."""


class Memories:
    """The memory page."""

    search = "Search what {name} remembers"
    kinds = (
        ("", "Kind: all"),
        ("turn", "Kind: what was said"),
        ("topic", "Kind: topics"),
        ("session", "Kind: summaries"),
        ("profile", "Kind: about you"),
    )
    states = (
        ("", "State: remembered"),
        ("pinned", "State: pinned"),
        ("faded", "State: faded"),
        ("quarantined", "State: waiting for you"),
        ("superseded", "State: no longer so"),
        ("forgotten", "State: forgotten"),
        ("all", "State: all"),
    )
    origins = (
        ("", "From: you"),
        ("said", "From: you said"),
        ("typed", "From: you wrote"),
        ("noted", "From: noted"),
        ("unconfirmed", "From: unconfirmed"),
        ("companion", "From: {name}"),
        ("all", "From: everyone"),
    )
    times = (
        ("", "When: any time"),
        ("1", "When: since yesterday"),
        ("7", "When: last 7 days"),
        ("30", "When: last 30 days"),
        ("365", "When: last year"),
    )
    orders = (
        ("", "Order: newest"),
        ("oldest", "Order: oldest"),
        ("strength", "Order: strongest"),
        ("weakest", "Order: weakest"),
        ("last_used", "Order: came up last"),
        ("text", "Order: by name"),
    )
    kind_label = "Kind"
    state_label = "State"
    from_label = "Where from"
    when_label = "When"
    order_label = "Order"
    filters = "Which memories to show"
    columns = ("What", "Where from", "Said", "Strength")
    pinned = "pinned"
    range = "{first} to {last} of {total}"
    previous = "The page before"
    next = "The next page"
    empty = "Nothing remembered yet. Memories appear after you talk."
    empty_action = "Talk with {name}"
    none_match = "No memory fits."
    clear = "Show all"
    meaning = "Look for the meaning instead"
    meant = "By meaning, best first"
    add = "Add a memory"
    add_label = "What should {name} remember?"
    added = "Remembered."
    edit = "Edit"
    edit_label = "The memory"
    pin = "Pin"
    unpin = "Unpin"
    fade = "Let fade"
    revive = "Bring back"
    confirm = "This is so"
    allow = "Let it in"
    aside_waiting = "It waits for you to decide: {reason}."
    aside_once = "It was left out of the last reply that it came up for: {reason}."
    distrusted = "Not taken for your own words: {reason}."
    lessons = "What it has learned not to believe"
    lessons_none = "Nothing yet. It learns when you forget or confirm a memory that was set aside."
    lesson_avoid = "Set aside: {reason}. It decided {applied}."
    lesson_allow = "Let be, although {reason}."
    lesson_instead = "You told: {instead}"
    lesson_label = "What the lesson is about"
    lesson_delete = "Let go"
    forget = "Forget"
    forget_ask = (
        "Forget “{text}”? {name} will not recall it any more, nor what rests on the same words. "
        "The conversation stays. You can undo this."
    )
    changes = "Waiting for you: is the older one still so?"
    newer = "The newer one counts"
    both = "Keep both"
    source = "From"
    from_file = "From a file: {file}"
    open_conversation = "open the conversation"
    said_by = "{speaker}, {when}"
    no_source = "No message stands behind it: it was written here, or its conversation is gone."
    strength = "Strength"
    now = "now"
    used = "Used in {count} replies"
    used_once = "Used in 1 reply"
    use = "Used"
    whole = "the whole message"
    unused = "No reply has used it yet."
    history = "History"
    undo = "undo"
    detail = "The chosen memory"
