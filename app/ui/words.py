"""Every word that the pages show. A name in braces is filled in."""

from collections.abc import Mapping
from types import MappingProxyType


class Common:
    """The frame of all pages."""

    app = "Keepsake"
    pages = (
        ("", "Chat"),
        ("memory", "Memory"),
        ("personas", "Personas"),
        ("model", "Model"),
        ("settings", "Settings"),
    )
    navigation = "Pages"
    starter = "test model"
    cancel = "Cancel"
    close = "Close"
    undo = "Undo"
    dismiss = "Dismiss"
    save = "Save"
    mistake = "Something went wrong on our side. What was stored before is kept."
    mistake_hint = "Try again; the log in the data folder says more."
    choose_persona = "Choose a persona"
    strength = "{parts} of 5 parts kept"
    you = "You"
    today = "today, {time}"


class Keys:
    """The list of keys."""

    title = "Keys"
    rows = (
        ("Enter", "send"),
        ("Shift Enter", "new line"),
        ("Esc", "stop the reply, close a panel"),
        ("↑", "edit your last message, in an empty box"),
        ("← →", "other versions of the last reply, in an empty box"),
        ("Ctrl K", "new conversation"),
        ("Ctrl F", "search"),
        ("?", "this list"),
    )


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
    phases = (("loading", "Waking the model"), ("waiting", "Waiting for its turn"), ("reading", "Reading"))
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
    lesson_saved = "The lesson is changed."
    lesson_gone = "The lesson is gone."
    forget = "Forget"
    forget_ask = (
        "Forget “{text}”? {name} will not recall it any more, nor what rests on the same words. "
        "The conversation stays. You can undo this."
    )
    changes = "Waiting for you: is the older one still so?"
    newer = "The newer one counts"
    both = "Keep both"
    source = "From"
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


class Personas:
    """The personas page."""

    new = "New persona"
    new_ask = "What is the new persona called?"
    create = "Create"
    import_card = "Import a card"
    name = "Name"
    tagline = "In a few words"
    tagline_hint = "Shown under the name, such as curious, dry, kind"
    picture = "Picture"
    upload = "Use a picture of your own"
    no_picture = "No picture"
    greeting = "Greeting"
    greeting_hint = "The first thing said in a new conversation"
    description = "Description"
    description_hint = "Who this is, in a few sentences"
    personality = "Personality"
    personality_hint = "How they are and how they speak"
    scenario = "Scenario"
    scenario_hint = "Where and why you meet; may stay empty"
    example = "Example dialogue"
    example_hint = "A few lines that show the voice. {{char}} and {{user}} stand for the two names."
    length = "Reply length"
    lengths = (("short", "Short"), ("medium", "Medium"), ("long", "Long"))
    remembers = "How long it remembers"
    remembers_hint = (
        "What goes unused for so long fades: no longer recalled, still in the list. "
        "What matters or comes up again lasts longer."
    )
    spans = (("weeks", "Weeks"), ("months", "Months"), ("years", "Years"), ("always", "Never fades"))
    guard = "What you did not tell"
    guard_hint = "Imported, pasted and guessed memories are always marked as unconfirmed."
    guards = (("light", "Leave out what looks wrong"), ("off", "Only mark it"))
    temperature = "Temperature"
    temperature_low = "steady"
    temperature_high = "free"
    temperature_hint = "Steady replies are safe and alike; free ones are livelier and stray more."
    save = "Save"
    saved = "Saved. It counts from the next reply on."
    created = "{name} is here. Say who they are, then save."
    duplicate = "Duplicate"
    duplicated = "{name} is a copy without memories."
    imported = "{name} is here."
    export = "Save as a card"
    delete = "Delete"
    delete_ask = (
        "Delete {name}? All conversations and all {count} memories with {name} go with it. "
        "This cannot be undone."
    )
    talk = "Talk with {name}"
    applies = "Changes count from the next reply on."
    form = "About {name}"
    choose = "Personas"


class Model:
    """The model page."""

    intro = "Which language model answers. Everything runs on this machine unless you name a server."
    states: Mapping[str, str] = MappingProxyType(
        {
            "ready": "ready",
            "idle": "ready when you write",
            "loading": "loading",
            "fetching": "fetching",
            "none": "switched off",
            "missing": "missing",
            "failed": "failed",
        }
    )
    now = "Answering now"
    catalogue = "Models to fetch"
    catalogue_empty = "The catalogue is empty."
    recommended = "recommended"
    installed = "installed"
    in_use = "in use"
    fetch = "Fetch"
    use = "Use"
    cancel = "Cancel"
    cancelled = "Stopped. What was fetched is kept; fetching goes on from there next time."
    fetched = "The model is here."
    file = "A model file on this machine"
    file_label = "Path of a GGUF file"
    file_hint = "Such as /home/you/models/model.gguf. The file is checked before it is used."
    server = "A server"
    server_label = "Address of a server that speaks the OpenAI protocol"
    server_hint = "Such as http://localhost:11434/v1. What you write is then sent to that server."
    server_key = "Its key, if it needs one"
    server_model = "Which of its models; empty for the first"
    none = "No model"
    none_line = "Answer from memory only: what you said before and when, word for word."
    none_use = "Use no model"
    size_unknown = "size told when it is fetched"
    used = "{name} answers from now on."
    try_out = "Try how quick it is"
    trying = "It reads and writes for up to ten seconds."
    try_stopped = "Stopped."
    off = "The model is switched off. Replies come from memory only."


class Finding:
    """On the model page: which model finds memories by meaning."""

    title = "How memories are found"
    intro = (
        "By their words, and by what they mean. For the meaning a small model reads every memory once. "
        "If you choose another, it reads them all in the background, and is used as soon as it has."
    )
    in_use = "finds them now"
    chosen = "chosen"
    keep = "Keep this one"
    stop = "Stop"
    go_on = "Go on"
    stopped = "Stopped. What has been read is kept."
    goes_on = "It goes on reading."
    used = "{name} is chosen."
    measured = (
        "Of 100 passages that answer a question about long talks in English, so many were among the first "
        "ten. By itself: measured by others, without the search by words. As Keepsake searches, by meaning, "
        "words and surroundings together: measured here, where it is told."
    )
    file = "A search model on this machine"
    file_hint = "Not a chat model, but one made for finding texts."
    query_prefix = "Before a question"
    query_example = "if its makers say so: query:"
    passage_prefix = "Before a memory"
    passage_example = "such as passage:"


class Settings:
    """The settings page."""

    you = "You"
    person_name = "Your name"
    person_hint = "What personas call you; may stay empty"
    saved = "Saved."
    memory = "Making memories"
    idle = "A talk is over after"
    minutes = "minutes without a word"
    automatic = "Then make memories of it without being asked"
    reflect = "Make memories now"
    pending_none = "No finished talk is waiting."
    pending_one = "1 finished talk is waiting."
    pending = "{count} finished talks are waiting."
    stop = "Stop"
    index = "Search by meaning"
    reindex = "Build it anew"
    reindexing = "Building the search anew"
    reindexed = "Built anew: {count} memories."
    learnt = "What {name} has learnt about what you need"
    relearn = "Start over"
    relearn_ask = "Let go of what {name} has learnt about what you need? Memories stay as they are."
    data = "Your data"
    folder = "Everything lies in this folder, and nowhere else:"
    export = "Export everything"
    export_one = "Export {name} only"
    export_hint = "A JSONL file with all conversations and memories; Import takes it back."
    import_file = "Import a file"
    import_for = "Whose memories it holds"
    import_own = "as the file says"
    import_mine = "The transcript holds my own words, so count them as said by me"
    import_hint = "An export, or a transcript as JSONL with role, text and time on each line"
    about = "About"
    version = "Keepsake {version}"
    keys = "Show the keys"
    licence = "Apache-2.0. Nothing you write leaves this machine unless you name a server."
    checks = "How it is doing"
    check = "Look again"
    well = "well"
    unwell = "needs a look"
