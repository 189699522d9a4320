"""The persona page. A name in braces is filled in."""


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
    guard_hint = (
        "Imported, pasted and guessed memories are always marked as unconfirmed. Rules leave out what "
        "looks wrong; where the model looks as well, some replies take a few seconds longer."
    )
    guards = (
        ("light", "Use rules"),
        ("full", "Rules and model"),
        ("off", "Only mark"),
    )
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
