"""The model page. A name in braces is filled in."""

from collections.abc import Mapping
from types import MappingProxyType


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


class Running:
    """On the model page: how models run on this machine."""

    title = "How models run"
    context = "How much it reads at most"
    context_hint = "In tokens, which are pieces of words; 4,096 are some 3,000 words. More needs more memory."
    layers = "Layers on the graphics card"
    layers_hint = "Empty for all. Fewer where its memory is small."
    thinking = "Let a model that can choose think before it replies. It is slower, and often better."
    saved = "Saved. The model starts anew with your next message."


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
    server = "A server that finds memories"
    server_hint = "Such as http://localhost:11434/v1. Every memory and every question is then sent to it."
    server_model = "Which of its models; may be empty"
    query_prefix = "Before a question"
    query_example = "if its makers say so: query:"
    passage_prefix = "Before a memory"
    passage_example = "such as passage:"
