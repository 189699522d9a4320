"""Which claims of a memory another one ends: same subject, same attribute, another value, said later.

Unrelated facts never retire each other (graph engines were found to do so in 41% of cases): without subject
and attribute in common nothing is ended, whatever words two statements share.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from graphs.memory import lexis
from graphs.memory.claim_facts import ANY, DOES, OF_DATE, SELF, WORLD
from graphs.memory.claim_rules import AGREEING, SINGLE
from graphs.memory.claim_words import COUNTRIES, DWELLING
from storage.records import Claim, ClaimKind, Held, Trust

STANDS: Final = frozenset({ClaimKind.HOLDS, ClaimKind.BEGINS, ClaimKind.CORRECTS, ClaimKind.ADDS})
"""Kinds of claims that may end."""
SAYS_NEW: Final = frozenset({ClaimKind.BEGINS, ClaimKind.CORRECTS})
OWN_WORD: Final = frozenset({Trust.SAID, Trust.TYPED, Trust.NOTED})
"""Trusts that weigh the same here: all of them are the person's own word."""
HAS: Final = "has"
TIMES: Final = lexis.stems(
    lexis.word_set(
        "morning afternoon evening day week month year night noon weekend weekday daily weekly monday"
        " tuesday wednesday "
        "thursday friday saturday sunday one two three four five six seven time work breakfast lunch dinner"
    )
)
"""Stems that tell only when or how often somebody does something."""
ALONE: Final = frozenset({"single", "divorced", "separated", "widowed"})
REPLACES: Final = SAYS_NEW | {ClaimKind.HOLDS}
PARTED: Final = ("relationship", "partner")
"""Being alone again ends the claim that somebody is one's partner."""
MANY: Final = frozenset({"has", "like", "dislike", "allergy", "health", "origin", "eats"})
"""What people have several of; only its own end ends it."""
FAVOURITE: Final = "favourite "
EXACT: Final = ("number", "email", "address", "postcode", "locker", "password", "plate")
HELPERS: Final = lexis.stems(lexis.word_set("am is are was were been being have has had do does"))


def order(one: Held, other: Held) -> tuple[Held, Held]:
    """The later said of two memories, then the earlier."""
    return (one, other) if _when(one) > _when(other) else (other, one)


def outdated(newer: Held, older: Held) -> list[Claim]:
    """The claims of the older memory that the newer one ends; none where it is trusted less."""
    if not may_retire(newer, older):
        return []
    ended = [old for old in older.claims if any(_ends(new, old, newer, older) for new in newer.claims)]
    return ended + [old for old in older.claims if old not in ended and _belongs_to(old, ended)]


def may_retire(newer: Held, older: Held) -> bool:
    """Whether a memory is trusted enough to end another: an import never ends one's own word."""
    return _weight(newer.trust) <= _weight(older.trust)


def without_unclear(held: Held, known: Collection[str]) -> Held:
    """The claims of a memory that tell whom they mean: "my sister moved" does not, where there are two.

    `known` are all that the person has spoken of, as `sister ana`.
    """
    unclear = {claim.subject for claim in held.claims if _means_several(claim.subject, known)}
    kept = [
        claim
        for claim in held.claims
        if claim.subject not in unclear and not (claim.attribute == HAS and claim.value in unclear)
    ]
    return replace(held, claims=tuple(kept))


def all_over(older: Held, ended: Sequence[Claim]) -> bool:
    """Whether nothing of a memory stands any more once these claims have ended."""
    return all(claim in ended or claim.kind is ClaimKind.ENDS for claim in older.claims)


def since(newer: Held, ended: Sequence[Claim]) -> datetime:
    """From when the ended claims are no longer so: the day that was named, else when it was said."""
    attributes = {claim.attribute for claim in ended}
    for claim in newer.claims:
        named = claim.valid_to if claim.kind is ClaimKind.ENDS else claim.valid_from
        if named and claim.attribute in attributes | {ANY} and not claim.attribute.startswith(OF_DATE):
            return named
    return newer.last_said


def about_the_same(one: Sequence[Claim], other: Sequence[Claim]) -> bool:
    """Whether two memories speak of anybody in common, as far as the rules can tell."""
    return any(_same_subject(mine.subject, theirs.subject) for mine in one for theirs in other)


def attributes_of(claims: Sequence[Claim]) -> list[str]:
    """Under which attributes to look for what these claims end, or are ended by; none for all of them."""
    named = {claim.attribute for claim in claims}
    wide = ANY in named or DOES in named or any(name.startswith(OF_DATE) for name in named)
    return [] if wide else sorted(named | {ANY})


def _ends(new: Claim, old: Claim, newer: Held, older: Held) -> bool:
    either = old.attribute.startswith(OF_DATE) and ANY in {new.subject, old.subject}
    if not (either or _same_subject(new.subject, old.subject)) or WORLD in {new.subject, old.subject}:
        return False
    if new.subject == SELF and newer.speaker_name.casefold() != older.speaker_name.casefold():
        return False
    if old.kind is ClaimKind.ENDS:
        begins_again = new.kind in SAYS_NEW and new.attribute == old.attribute
        return begins_again and bool(_stems(old) & _stems(new)) and _agree(new, old)
    if old.kind not in STANDS:
        return False
    return _is_over(new, old) if new.kind is ClaimKind.ENDS else _is_replaced(new, old, newer)


def _is_gone(new: Claim, old: Claim) -> bool:
    """Whether something that is over is what a claim is about; all of a subject's, where it names nothing."""
    mine, event = _stems(new), old.attribute.removeprefix(OF_DATE)
    known = _stems(old) | lexis.stems(lexis.content_words(event))
    if old.attribute.startswith(OF_DATE):
        return mine == lexis.stems(lexis.content_words(event))
    return not new.value or (bool(mine) and old.attribute not in {DOES, "health"} and mine <= known)


def _is_over(new: Claim, old: Claim) -> bool:
    if new.attribute == ANY:
        return _is_gone(new, old)
    if new.attribute != old.attribute:
        return (new.attribute, old.attribute) == PARTED and not new.value
    mine, theirs = _stems(new), _stems(old)
    if old.attribute in SINGLE:
        return not new.value or bool(mine and theirs and (mine <= theirs or theirs <= mine))
    if old.attribute.startswith(OF_DATE):
        return not new.value
    if old.attribute == DOES:
        return bool(mine) and (mine == theirs - TIMES or (len(mine) > 1 and mine <= theirs))
    several = old.attribute == HAS and lexis.numbers(old.value) - lexis.numbers(new.value)
    return bool(mine) and mine <= theirs and not several


def _is_replaced(new: Claim, old: Claim, newer: Held) -> bool:
    if new.kind not in REPLACES or old.attribute in {DOES, ANY}:
        return False
    if old.attribute.startswith(OF_DATE):
        return _is_moved(new, old, newer)
    if new.attribute != old.attribute:
        return (new.attribute, old.attribute) == PARTED and new.value in ALONE
    return _is_another(new, old) and not _agree(new, old)


def _is_another(new: Claim, old: Claim) -> bool:
    """Whether another value of an attribute takes the place of the one before."""
    if old.attribute == "name" and old.subject != SELF:
        return new.kind is ClaimKind.CORRECTS
    one = old.attribute in SINGLE or old.attribute.startswith(FAVOURITE) or old.attribute.endswith(EXACT)
    return one or (old.attribute not in MANY and new.kind in SAYS_NEW)


def _is_moved(new: Claim, old: Claim, newer: Held) -> bool:
    """Whether a date has changed; one that had passed by then was another occasion."""
    if not new.attribute.startswith(OF_DATE):
        return False
    mine, theirs = (set(claim.attribute.removeprefix(OF_DATE).split()) for claim in (new, old))
    says_new = new.kind in SAYS_NEW
    if mine != theirs and not (says_new and (mine <= theirs or theirs <= mine)):
        return False
    if old.valid_to and old.valid_to.date() < newer.last_said.date() and not says_new:
        return False
    if new.valid_from and new.valid_to and old.valid_from and old.valid_to:
        return new.valid_from > old.valid_to or new.valid_to < old.valid_from
    one, other = lexis.numbers(new.value), lexis.numbers(old.value)
    return one.isdisjoint(other) if one and other else not _agree(new, old)


def _agree(new: Claim, old: Claim) -> bool:
    """Whether two values of an attribute may hold together: one only says more than the other."""
    mine, theirs = _stems(new), _stems(old)
    if mine <= theirs or theirs <= mine:
        return True
    if any(new.value in group and old.value in group for group in AGREEING.get(old.attribute, ())):
        return True
    within = new.attribute == "home" and new.kind is ClaimKind.HOLDS
    return within and bool(mine & COUNTRIES) != bool(theirs & COUNTRIES)


def _stems(claim: Claim) -> set[str]:
    words = ("go" if word == "going" else word for word in lexis.tokens(claim.value))
    stems = lexis.stems(word for word in words if word not in lexis.STOP_WORDS)
    if claim.attribute == "home":
        return stems - DWELLING
    return stems - HELPERS if claim.attribute == DOES else stems


def _means_several(subject: str, known: Collection[str]) -> bool:
    mine = set(subject.split())
    others = {frozenset(words - mine) for words in (set(one.split()) for one in known) if mine < words}
    return subject not in {SELF, WORLD, ANY} and len(others) > 1


def _same_subject(one: str, other: str) -> bool:
    mine, theirs = set(one.split()), set(other.split())
    return mine <= theirs or theirs <= mine


def _belongs_to(claim: Claim, ended: Sequence[Claim]) -> bool:
    """Whether a claim is about what the person no longer has: the name of a cat that was given away."""
    owned = [set(lexis.tokens(one.value)) for one in ended if one.attribute == HAS]
    return claim.subject != SELF and any(set(claim.subject.split()) & words for words in owned)


def _weight(trust: Trust) -> int:
    return 0 if trust in OWN_WORD else trust.rank


def _when(held: Held) -> tuple[datetime, str]:
    return held.last_said, held.memory_id
