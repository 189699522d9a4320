"""The words and patterns by which `speech.py` tells sentences apart, over `lexis.plain` text."""

import re
from typing import Final


def any_of(*parts: str) -> re.Pattern[str]:
    """One pattern out of several."""
    return re.compile("|".join(parts))


def one_of(words: str) -> str:
    """Words written in a row as alternatives of a pattern."""
    return "|".join(words.split())


KIN: Final = one_of(
    "sister brother mother mum mom father dad parents? son daughter kids? child children baby wife "
    "husband partner boyfriend girlfriend fiance fiancee cousin aunt uncle niece nephew gran grandma "
    "grandpa grandmother grandfather friend boss colleague neighbour neighbor roommate flatmate dog cat "
    "puppy kitten pet horse family"
)
CONDITION: Final = one_of(
    "allergic vegan vegetarian diabetic coeliac celiac pregnant married divorced single engaged widowed "
    "retired unemployed deaf blind autistic gay lesbian trans bisexual jewish muslim christian hindu "
    "buddhist atheist left-handed lactose"
)
ILLNESS: Final = one_of(
    "insomnia asthma adhd anxiety depression migraines? diabetes epilepsy arthritis ptsd ocd cancer "
    "tinnitus eczema"
)
HABIT: Final = one_of(
    "live work study teach play own drive collect hate love like prefer enjoy fear speak have eat drink "
    "take run cook paint write sing volunteer need want plan do smoke swim cycle ride dance knit"
)
DONE: Final = one_of(
    "lived worked studied taught moved adopted bought married quit started stopped joined graduated "
    "broke lost got met had went visited finished"
)
PAST: Final = one_of(
    r"\w{2,}ed ate became began built came did drank drew drove fell felt found flew gave grew heard "
    r"knew left made paid ran read sang saw sold sent slept spent swam told took thought woke won wore "
    r"wrote"
)
ADVERBS: Final = r"(?:(?:\w+ly|also|just|still|always|never|do|do not|can not) )?"
POSSESSION: Final = (
    r"(?:car|bike|bicycle|motorbike|van|boat|house|garden|allotment|piano|guitar|cello|violin|drum kit"
    r"|greenhouse"
    r"|caravan|cabin|cottage|workshop|balcony|scar|tattoo|television|dishwasher|telescope|kayak|scooter)"
)
"""What people have and tell of."""
OCCASION: Final = (
    r"(?:exam|wedding|interview|appointment|birthday|flight|surgery|operation|concert|marathon|race|deadline"
    r"|thesis|defence|defense|presentation|party|graduation|trip|holiday|vacation|check-?up|audition"
    r"|exhibition|recital|match|meeting|conference|anniversary|test|due date|course|viewing|hearing"
    r"|tournament|ceremony|reunion|housewarming|move|visit|train|performance|gig|workshop|first day|scan"
    r"|lesson|funeral)"
)
"""What has a date."""
FACT: Final = any_of(
    rf"\bmy (?:\w+ ){{0,2}}(?:{KIN})\b",
    r"\bmy (?:\w+ ){1,3}(?:is|are|was|were|has|have|lives?|works?|died)\b",
    rf"\bi (?:am|was|have been) (?:\w+ )?(?:an?|from|{CONDITION})\b",
    rf"\b(?:i|we) {ADVERBS}(?:{HABIT}|{DONE}|grew up|was born|used to)\b",
    r"\bi have (?:been|never|always|worked|lived|moved|started|stopped|quit)\b",
    r"\b(?:i am|we are) (?:\w+ly |also |still |not )?"
    r"(?!feeling|thinking|looking|getting|going|being|doing|having)\w+ing\b",
    r"\b(?:i am|we are) thinking (?:of|about)\b",
)
"""Who or what somebody is, has, likes or does."""
BRIEF: Final = any_of(
    rf"\bi am (?:\w+ )?(?:{CONDITION})\b",
    rf"\bi have (?:\w+ )?(?:{ILLNESS})\b",
    r"\bit is my (?:\w+ )?(?:birthday|anniversary)\b",
    r"\bmy name is\b|\bcall me\b|\bi am called\b",
    rf"\bi have (?:also )?(?:an?|one|two|three|four|\d) (?:\w+ ){{0,2}}(?:{KIN})s?\b",
    rf"\b(?:i|we) (?:have|own) an? (?:[\w-]+ )?{POSSESSION}\b",
    r"\bi (?:really |also |do not )?(?:like|love|hate|prefer)"
    r" (?!(?:it|that|this|them|you|to|how|when|what|the|your|my|him|her)\b)\w+(?: \w+)?(?: too| as"
    r" well)?[.!]*$",
    r"\bi am (?:an? )?\w+ist\b|\bi am an? \w+[.!]*$|\bi am (?:\d+|\w+ty)(?: years old)?\b",
)
"""A fact that one word makes."""
NEWS: Final = any_of(
    r"\b(?:i|we) (?:have |has |just |finally |had to |recently |both |actually )*(?:quit|resigned|retired"
    r"|broke up|broken up|split up"
    r"|separated|graduated|dropped out|(?:got|was|were|been) (?:engaged|divorced|fired|laid off|made"
    r" redundant|let go|hired|promoted)|got married)\b",
    r"\b(?:the|my|our) (?:[\w-]+ ){0,3}?(?:has been|have been|was|were|got|is|are|had to be) (?:now )?"
    r"(?:moved|postponed|cancelled"
    r"|canceled|rescheduled|called off|pushed|brought forward|delayed|over|sold|gone|healed)\b",
    r"\b(?:the|my|our) (?:[\w-]+ ){0,3}?fell through\b",
    r"\bmy (?:\w+ ){1,3}(?:died|passed away|fell through)\b",
    r"\b(?:i|we) (?:do not|am not|are not|can not|no longer) (?:[\w-]+ ){0,8}?(?:any ?more|any longer)\b|\b"
    r"(?:i|we) no longer \w+",
    r"\b(?:i|we) (?:used to|stopped|gave up|sold|left|lost) (?:the |my |our )?\w+",
    r"\bit is (?:now |actually )?on the \d+|^the (?:[\w-]+ ){1,3}is (?:now |actually )(?:on|in|at)\b",
    rf"^the (?:[\w-]+ ){{0,2}}{OCCASION} (?:is|starts|takes place) (?:on|in|at) (?:the )?\w+",
    r"\b(?:i|we) (?:have |just |finally |had to |recently )*(?:moved|relocated) (?:back )?to \w+",
    r"\bthey (?:have |had to |just |finally )*(?:moved|postponed|rescheduled|cancelled|canceled|called off"
    r"|pushed|delayed)"
    r" (?:back )?(?:my|our|the) \w+",
)
"""Says that something has changed, however few its words."""
PUTS_RIGHT: Final = re.compile(
    r"^(?:(?:oh|wait|no|sorry|oops|ah|ugh|hm+|actually|correction|well)[,.:!]* )*"
    r"(?:i meant(?: to (?:say|write))? (?!to (?:say|write)\b|(?:that )?(?:i|my|we|our)\b)"
    r"|(?:it|that) (?:is|was) (?:actually |on |in )*(?:the )?[\w ]{1,25},? not "
    r"|not (?:on |in |at |the )*[\w ]{1,25},? but )"
    r"|^correction:? (?!my\b|i\b)"
)
"""Only puts right what was said just before it: "Sorry, I meant the 7th."."""
EVENT: Final = re.compile(rf"\b(?:i|we) {ADVERBS}(?:{PAST})\b")
"""Something that somebody did once."""
NAMES_ITSELF: Final = re.compile(r"\bI(?:['\u2019]| a)m [A-Z][a-z]+\b(?! (?:to|at|in)\b)")
"""As `I'm Ida` or `I'm Italian`, in the words as they are written."""

TELLING: Final = (
    "sorry(?=,? (?:i|my|our) )|(?:sorry,? )?i meant(?: to (?:say|write))?|(?:small |quick )?(?:correction"
    "|update)|"
    "remember|don't forget|do not forget|note|please note|please remember|fyi"
    "|just so you know|you should know"
    "|trust me|believe me|did you know|i told you|i want you to know|by the way|btw|also|and|but|so|well|yeah"
    "|yes|yep|yup|no|nope|nah|oh|ok|okay"
    "|haha|hey|hi|hello|wow|actually|anyway|honestly|sure|true|right|unfortunately|luckily|guess what"
)
LEAD_IN: Final = re.compile(rf"^(?:(?:{TELLING})(?:\b[,!:\s]*(?:that\b)?|$)\s*)+")
"""Openings that say nothing themselves, an explicit "remember that" among them."""
BEFORE_COLON: Final = re.compile(
    r"^(?!i\b|my\b|we\b)[^:.!?]{2,40}: (?=(?:i|we|my|our)\b)|^i (?:said|got"
    r"|wrote|told you) [^:.!?]{2,30}: (?=(?:i|we|my|our)\b)"
)
"""What only announces what comes: "so it's official: ..."."""
OPENING: Final = re.compile(
    r"^(?:(?:hey|hi|hello|dear|yep|yeah|yes|yup|no|nope|nah|oh|wow|whoa|well|so|and|but|plus|also|anyway"
    r"|anyways"
    r"|actually|ok|okay|btw|by the way|for example|of course|guess what|you know|thanks"
    r"|sure|haha|besides|honestly|trust me|believe me)\b"
    r"(?:,? (?-i:[A-Z])\w+(?=[,!]))?[,!:.]*\s+)+",
    re.IGNORECASE,
)
"""Openings, as they are written, that a line can do without; a name that somebody is called by among them."""
ADDRESSING: Final = re.compile(
    r"[,-]*\s*\bsince (?:we (?:last )?(?:chat(?:ted)?|talk(?:ed)?|spoken?|met)(?: last)?"
    r"|(?:our|the) last (?:chat|talk|conversation))"
    r"\b,?\s*",
    re.IGNORECASE,
)
"""What is said only because of the talk itself."""
TAG: Final = re.compile(r",? (?:right|remember|you know|you see|huh|eh|is it not|do not you|have not i)\?$")
VOCATIVE: Final = re.compile(
    r"^(?:(?:\w+,? )?[A-Z]\w+[,!]\s*)+|^(?:Hey|Hi|Hello|Dear|Yep|Yeah|Thanks|Wow),? [A-Z]\w+\b"
    r"|, [A-Z]\w+(?=[.!?]*$)"
)
"""A name that somebody is called by: at the start before a comma, or at the end behind one."""

QUESTION: Final = any_of(
    r"\?[\"')*\s]*$",
    r"^(?:what|who|where|when|why|how|which|whose|do|does|did|are|is|was|were|can|could|will"
    r"|would|should|have"
    r"|has|may|shall) (?:you|i|we|he|she|they|it|the|that|this|there|my|your|about|is|are)\b",
)
COURTESY: Final = re.compile(
    r"^(?:thanks?|cheers|congrat\w*|good (?:luck|night|morning|evening|to|for|job|point|idea"
    r"|bye)|goodbye|bye|take care|see you|bet|talk"
    r"|sounds|glad|great|nice|lovely|cool|awesome|amazing|happy to"
    r"|sorry|no problem|no worries|welcome|hope|you are|that is|that was|that sounds"
    r"|it is(?! my)|it was(?! my)|keep|let me know"
    r"|i (?:really |totally |so |completely )?(?:appreciate|agree|know|see|hear|mean|bet"
    r"|guess|understand|hope|wonder"
    r"|feel you|get it|am with you)"
    r"|i am (?:\w+ )?(?:glad|happy|sorry|proud|grateful|thankful|here|pleased)"
    r" (?:to hear|to help|for|of|that|you)"
    r"|i (?:have to|must|should|need to|got to|will) (?:go|run|leave|get going|be off|let you)"
    r"|i will (?:let you know|keep you|tell you|show you|check|try|think|see|do)"
    r"|i am off|i am going to (?:go|have|sleep|bed|head))\b"
)
OPINION: Final = re.compile(
    r"^i (?:\w+ly |do not |also |just |still )?(?:think|believe|feel like|reckon|find that"
    r"|am sure|am certain)\b"
    r"(?! (?:that )?(?:i|my)\b)"
    r"|^we (?:all )?(?:need|should|must|can)\b"
)
"""Claims about the world rather than about the person."""
ORDER: Final = re.compile(
    r"^(?:please\b.*|let us|let me|tell|give|show|write|make|ignore|forget|explain|describe"
    r"|list|read|repeat|answer"
    r"|act|pretend|be|stop|help|say|send|look|listen|guess|wait|call (?!me)|find|search|open"
    r"|delete|translate"
    r"|summari[sz]e|from now on|always|never|do not|remember|try|consider|check|take|go|come"
    r"|keep|enjoy|have)\b"
)
UNREAL: Final = any_of(
    r"(?<!\bas )(?<!\beven )\bif\b",
    r"\bimagin(?:e|ing)\b|\bsuppos(?:e|ing)\b|\bhypothetical|\bpretend|\blet us say\b"
    r"|\bonce upon\b|\bapril fool",
    r"\bi wish\b|\bin my dreams?\b|\bi (?:dream(?:ed|t)|had a dream)\b|\bwould have\b"
    r"|\bi would rather\b",
    r"\bin (?:the|a) (?:story|game|film|movie|book|novel)\b",
    r"\bi (?:do not|did not) (?:know|remember|mean)\b",
)
JOKE: Final = re.compile(
    r"\b(?:lol|lmao|rofl|(?:ha){2,}h?|(?:he){2,}|jk)\W*$|/s$|[\U0001F61C\U0001F609\U0001F92A]\W*$|;-?\)$"
)
RETRACTION: Final = any_of(
    r"\b(?:just|only) (?:kidding|joking|messing)\b|\bi (?:am|was) (?:\w+ )?(?:kidding|joking"
    r"|lying)\b|^jk\b",
    r"\bi made (?:that|it) up\b|\b(?:that|it) (?:is|was) (?:just |only )?(?:a joke|not true|a lie)\b",
    r"^(?:scratch that|never mind|april fools?)\b|^no,? (?:wait|sorry)\b|\bi take (?:that|it) back\b",
)
SELF: Final = re.compile(r"\b(?:i|me|my|mine|myself|we|us|our|ours)\b")
OTHER: Final = re.compile(r"\b(?:you(?! (?:know|see)\b)|your|yours|yourself|u|ur)\b")
PRONOUN: Final = any_of(
    r"^(?:he|she|they|it(?! (?:is|was) my\b)|his|her|their|its|him|them|who|which|both)\b",
    r"^(?:this|that|these|those) (?:is|was|are|were|has|have|had|made|will|would|means?|meant)\b",
)
LEANS: Final = any_of(
    PRONOUN.pattern,
    r"^(?:\w+ ){0,5}(?:it(?! (?:is|was) my\b)|them|him|he|she|they|there(?! (?:is|are|was|were)\b))\b",
)
"""Begins with, or soon has, a pronoun that stands for something said before."""
MOOD: Final = re.compile(
    r"^i (?:am|feel|was|felt) (?:\w+ )?"
    r"(?:tired|fine|good|ok|okay|back|busy|bored|hungry|sad|happy|excited|sure|ready|confused|great)\b"
)
