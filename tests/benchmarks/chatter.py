"""Plain things to say and to remember, as many as are wanted, for measuring time and never quality."""

from typing import Final

WHO: Final = ("My sister", "My neighbour", "Our landlord", "A friend from school", "My colleague", "My aunt")
DID: Final = ("planted", "repaired", "lost", "painted", "borrowed", "sold", "found", "baked")
WHAT: Final = (
    "a pear tree", "the old radio", "three umbrellas", "a blue boat", "the piano stool", "a tray of buns",
    "a map",
)  # fmt: skip
WHERE: Final = ("behind the house", "at the harbour", "in the attic", "near the station", "on the ferry")
WHEN: Final = ("last week", "in spring", "on Sunday", "before the storm", "when it snowed", "at noon")


def remark(number: int) -> str:
    """Something a person says, a question every third time."""
    text = f"{memory_text(7 * number + 3)} I thought of it all day, and of what you said about small things."
    return f"{text} What would you do?" if number % 3 == 0 else text


def memory_text(number: int) -> str:
    """Something that was said once; different for each number up to some ten thousand."""
    parts, rest = [], number
    for choices in (WHO, DID, WHAT, WHERE, WHEN):
        parts.append(choices[rest % len(choices)])
        rest //= len(choices)
    return f"{' '.join(parts)}{f', number {rest} of its kind' if rest else ''}."
