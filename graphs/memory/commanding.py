"""Whether a memory gives orders: to whoever answers, or on how to deal with something whenever it comes up.

Rules on the form alone, so they know English and are blind to what is put cleverly; what they miss is
still unconfirmed. They are asked about memories that the person did not say: a person's own standing
wishes ("always call me Ida") are theirs to give.
"""

import re
from typing import Final

CONTROL: Final = re.compile(
    r"<\|[a-z_]+\|>|\[/?INST\]|<</?SYS>>|</?s>|<(?:start|end)_of_turn>|^[ \t]*(?:system|assistant)[ \t]*:"
    r"|^#+[ \t]*(?:system|instruction|assistant)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""Marks by which chat templates and cards tell who speaks."""
WHO_ANSWERS: Final = (
    r"(?:the|this|your|her|his|their|our|my|any|every|an?) (?:\w+ )?"
    r"(?:assistant|companion|ai|chat ?bot|bot|language model)"
)
NORM: Final = (
    r"(?:must|should|shall|has to|have to|is to|are to|needs to|will|may not|always|never|only|adds?"
    r"|says?|tells?|gives?"
    r"|recommends?|answers?|knows? to|keeps?)"
)
TO_COMPANION: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:instruction|previous|prior|above|rules?|prompt)"
    r"|\bnew instructions?\b|\bsystem (?:prompt|message|override)\b"
    rf"|\b{WHO_ANSWERS}\b[^.!?\n]{{0,40}}?\b{NORM}\b"
    rf"|\b(?:as|for|to|from) {WHO_ANSWERS}\b",
    re.IGNORECASE | re.DOTALL,
)
"""Orders that name whoever answers, or the instructions that it goes by."""
DEED: Final = (
    r"(?:tell|remind|give|show|bring|say|name|mention|recommend|suggest|talk|point|send|answer|reply|correct"
    r"|warn|add|praise|urge|steer|call)"
)
PUSHES: Final = r"(?:recommend|suggest|mention|praise|bring up|talk about|speak of|point out|steer)"
TO_ME: Final = re.compile(
    r"(?:^|[,;:.!?\"\u201c] ?|\b(?:so|please) )(?:please )?(?:always|never|only|just|simply) (?:please )?"
    rf"{DEED} (?:me|us|it|that|this)\b|\bplease (?:always|never|only) {DEED}\b"
    rf"|\b(?:whenever|every time|each time|any time) (?:I|we|you) [^.!?\n]{{3,60}}[,:]"
    rf" (?:please |just |always )?{DEED}\b"
    rf"|(?:^|[.!?;\n] ?|\b(?:so|and|but),? )(?:always|never) {PUSHES}\b"
    rf"|\bfrom now on,? (?:you (?:must |should |will |are to |have to )?)?(?:always |never |only )?{PUSHES}\b"
    rf"|\byou (?:must|should|shall|are to|have to) (?:always|never|only) {PUSHES}\b",
    re.IGNORECASE,
)
"""Standing orders in a talk: "please always tell me", "never mention this", "from now on suggest"."""


IMITATES: Final = "it holds marks that pretend to be part of the program"
ORDERS: Final = "it gives orders to whoever answers you, and you did not say it"
"""Why such a memory is set aside, in words."""


def imitates_program(text: str) -> bool:
    """Whether a text holds marks of the program's own prompt."""
    return CONTROL.search(text) is not None


def addresses_companion(text: str) -> bool:
    """Whether a text gives orders to whoever answers, and says so or puts them in the person's mouth."""
    return TO_COMPANION.search(text) is not None or TO_ME.search(text) is not None
