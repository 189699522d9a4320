"""The chat page. A name in braces is filled in."""


class Chat:
    """The chat page."""

    new = "New conversation"
    search = "Search what was said"
    conversations = "Conversations"
    show_conversations = "Show the conversations"
    no_match = "Nothing was said with these words."
    no_conversations = "No conversations yet."
    more_about = "More about {title}"
    rename = "Rename"
    rename_ask = "A new name for this conversation"
    delete = "Delete"
    delete_ask = (
        "Delete “{title}”? Its messages go for good, and with them the memories that rest on it alone. "
        "This cannot be undone."
    )
    remember = "Make memories now"
    write_to = "Write to {name}"
    send = "Send"
    stop = "Stop"
    editing = "You are changing your last message; {name} will answer it again."
    stop_editing = "Leave it as it was"
    starter_line = "This is a tiny test model: it writes whole sentences and invents freely."
    starter_link = "Choose a better one"
    none_line = "No model is switched on, so {name} answers from memory only."
    none_link = "Choose a model"
    memory = "1 memory"
    memories = "{count} memories"
    no_memories = "Why"
    why_hint = "Why this reply"
    again = "Again"
    again_hint = "Ask for another reply"
    position = "{here} of {all}"
    before = "The version before"
    after = "The next version"
    more = "More"
    copy = "Copy the text"
    edit_mine = "Change what you said"
    answered_by = "Answered by {model}"
    from_memory = "from memory, no model"
    stopped = "Stopped here."
    stopped_thinking = "Stopped while it was thinking."
    thoughts = "Thoughts"
    thoughts_hint = "What the model thought before it replied. It is not remembered."
    unproven = "Seems to rest on something that you have not confirmed:"
    unproven_hint = "Open this memory to confirm or forget it"
    imported = "Imported up to here."
    imported_from = "Imported from {file} up to here."
    elsewhere = "{name} can speak of it, but does not take it for your word."
    aside = "Set aside, {name} does not read it: {reason}."
    reads_from = "Older messages are no longer read in full; what was remembered from them still is."
    retry = "Try again"
    earlier = "Earlier messages"
    edit = "Change"
    transcript = "The conversation"
    failed = "The reply did not come. Your message is kept."


class Progress:
    """What happens before the first word of a reply."""

    started = "Looking for what you told before"
    recalled_none = "Nothing told before fits"
    recalled_one = "One memory comes up"
    recalled = "{count} memories come up"
    phases = (
        ("loading", "Waking the model"),
        ("waiting", "Waiting for its turn"),
        ("checking", "Checking what you did not tell"),
        ("reading", "Reading"),
    )
    thinking = "Thinking, {count} words so far"
    share = "{phase} {share} %"


class Why:
    """The panel that explains a reply."""

    title = "Why this reply"
    used = "used"
    shown = "shown"
    unconfirmed = "unconfirmed"
    set_aside = "set aside"
    left_out = "left out"
    gone = "Forgotten since."
    left_out_line = "{count} more left out"
    open = "Open this memory"
    seconds = "{seconds} s"
