"""The frame of all pages, and the keys. A name in braces is filled in."""


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
