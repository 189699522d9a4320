"""The forms by which pasted, forwarded, quoted and dictated text shows."""

import re
from typing import Final

QUOTATION: Final = re.compile(
    '"[^"]+"|\u201c[^\u201c\u201d"]+[\u201d"]|\u201e[^\u201c-\u201e"]+[\u201c\u201d"]|\u00ab[^\u00ab\u00bb]+\u00bb'
    "|\u00bb[^\u00ab\u00bb]+\u00ab|(?:^|(?<=[\\s:(]))'[^'\n]{12,}'(?=[\\s.,;)!?]|$)"
    "|(?:^|(?<=\\s))(?://|##|==|--|~~|\\*\\*\\*)\\s.{20,}?(?:\\s(?://|##|==|--|~~|\\*\\*\\*)|\\Z)",
    re.DOTALL,
)
RETOLD: Final = re.compile(
    r"\b(?:sa(?:id|ys|ying)|told|tells|shout(?:ed|s|ing)|whisper(?:ed|s)|sang|sings|chant\w*|yell(?:ed|s)"
    r"|ask(?:ed|s)|called|calls|answered|replied|mumbled|laughed|went|goes|reads?|is|was|like|joked?|motto"
    r"|sign|printed|wrote|written|meinte|sagte?|dijo|dit|zei|disse)\b[^.!?\n\"\u201c\u201e\u00ab]{0,25}$",
    re.IGNORECASE,
)
"""What stands before something that somebody said, where it is retold."""
FORWARDED: Final = re.compile(
    r"^[ \t]*(?:(?:fwd?|fw|re|wg|aw|tr|rv)\s*:"
    r"|(?:from|to|sent|subject|date|cc|von|an|betreff|de|para|asunto|objet)\s*:\s"
    r"|\[?\d{1,2}[:.]\d{2}(?:\s*[ap]m)?\]?\s*[-,]?\s*\w+\s*:|[-_=*#]{3,})",
    re.IGNORECASE | re.MULTILINE,
)
LETTER: Final = re.compile(
    r"^\s*(?:dear|hello|hi|sehr geehrte[rs]?|liebe[rs]?|estimad[oa]|querid[oa]|ch[e\u00e8]re?)"
    r"\s+[^\n,!]{2,40}[,!]\s*\n|(?:^|[\n.!?,])[ \t]{0,4}(?:with )?(?:kind|best|warm) (?:regards|wishes)\b"
    r"|(?:^|[\n.!?,])[ \t]{0,4}(?:yours (?:sincerely|faithfully|truly)|sincerely,?\s*(?:yours|\n|$))"
    r"|\bmit freundlichen gr\u00fc\u00dfen\b|\bcordialement\b"
    r"|\bsaludos cordiales\b|\bunsubscribe\b",
    re.IGNORECASE,
)
ITEM: Final = re.compile(r"^[ \t]*(?:[-*\u2022\u2013+]|\(?\d{1,2}[.):]|[a-h]\))[ \t]+\S", re.MULTILINE)
LABELLED: Final = re.compile(
    r"(?:^|[\n|;{\[(])[ \t\"]*[A-Za-z][\w /-]{1,24}[\"]?[ \t]*[:=][ \t]*\S[^|;\n]*(?=[\n|;}\])]|$)"
)
MARKUP: Final = re.compile(
    r"\{\{|\}\}|</?[a-z_]{2,}[^>\n]*>|\{\s*\"|\[[A-Z][A-Z _-]{2,}[^\]]*\]|^#{1,4} \S",
    re.MULTILINE,
)
THIS: Final = r"(?:this|that|it|these|those|what|the following|the text|the lines?)"
HAND_ON: Final = (
    r"(?:tell you|give you|let you know|let you have|remind you|read you|send you|paste|copy(?: and paste)?"
    rf"|pass (?:on|{THIS})|(?:say|write|type|enter|put|send|read|note|add|forward)(?: you)? {THIS})"
)
MADE_TO: Final = (
    r"(?:(?:told|asked|wants?|wanted|had|got|made|says?|begged|urged|instructed) (?:me|us)(?: to)?"
    r"|(?:i'?m|i am|i was|was|am) (?:supposed |meant |asked |told )?to|supposed to|asked to|told to)"
)
PASTING: Final = re.compile(
    rf"\b(?:cop(?:y|ied|ying) (?:and|&|in|over|from|out|{THIS})|copy[ -]?past\w*"
    rf"|past(?:e|ed|ing) (?:{THIS}|in|here|from|below|into|as)"
    rf"|forward(?:ed|ing)? (?:{THIS}|from|to me|message)"
    r"|(?:i'?ll|i|let me|just|to) paste|dictat(?:ed|es|ing)|word for word|verbatim|as is\s*:"
    rf"|(?:type|write|put|enter|say|read) {THIS}(?: \w+){{0,4}}\s*[:\u201c\"]"
    rf"|(?:sent|mailed|texted|messaged|forwarded) (?:me|us|round) {THIS}"
    rf"|(?:found|saw|read|got) {THIS}(?: \w+){{0,6}}\s*:|{MADE_TO} {HAND_ON}|on behalf of)\b"
    r"|\b(?:einf\u00fcgen|eingef\u00fcgt|kopier\w*|weitergeleitet\w*|(?:lo|la|os|te) pego|pegar|pegado"
    r"|reenvi\w*"
    r"|je colle|coll[e\u00e9]r?|transf\u00e9r\w*|incoll\w*|plakken|geplakt)\b",
    re.IGNORECASE,
)
"""Words by which somebody hands on what another wrote, or had them write."""
A_TEXT: Final = (
    r"(?:e-?mail|mail|letter|message|text|post|note|notice|leaflet|flyer|article|page|website|forum"
    r"|newsletter|form|statement|transcript|caption|summary|template|script|prompt|nachricht|brief|gruppe"
    r"|correo|mensaje|texto|grupo|lettre|courriel|messaggio|bericht|tekst"
    r"|channel|kanal|canal|ai|ki|ia|chat ?bot)"
)
TEXT_BEFORE: Final = re.compile(
    rf"(?:^|[.!?\n] ?)[^.!?:\n]{{0,90}}\b{A_TEXT}s?\b[^.!?:\n]{{0,60}}:[ \t]*(?=\S|\n)"
    r"|\b(?:here(?:'s| is| are)|this is|hier ist|hier der|ecco|voici|aqu\u00ed (?:est\u00e1|va)|see|read"
    r"|look at|check out|summari[sz]e|translate|proofread|rewrite"
    r"|(?:they|he|she|it|who) (?:wrote|sent|posted))\b"
    r"[^.!?\n]{0,80}:[ \t]*(?=\S|\n)",
    re.IGNORECASE,
)
"""Words that announce a text."""
ABOUT_THE_USER: Final = re.compile(
    r"\b(?:the|this|that|each|every) (?:user|account holder|human)\b(?! (?:group|manual|name|interface))"
    r"|\buser(?:'s)? (?:profile|prefers?|wants?|is|has|likes?|preferences?|memory|note)\b|^\s*user\b"
    r"|\{\{user\}\}|\bmemory (?:update|entry|note)\b|\b(?:profile|settings?) (?:update|entry)\b",
    re.IGNORECASE,
)
ABOUT_A_CLIENT: Final = re.compile(
    r"\b(?:the|this|our|each|every) (?:customer|client|patient|member|owner|subscriber|reader|writer)\b"
    r"|^\W*(?:she|he|they|her|his|their)\b(?:'s)? (?:is|was|has|had|wants?|prefers?|likes?|loves?|asked"
    r"|told|said|needs?|trusts?|believes?|should|must|no longer|now|always|never|doctor|name"
    r"|husband|wife|preferred)\b",
    re.IGNORECASE,
)
"""Whom a text without an I may speak of as of a third; said of the person only where it lays down rules."""
ABOUT_WHO_ANSWERS: Final = re.compile(
    r"\b(?:the|this|your|any|every) (?:\w+ )?(?:assistant|companion|ai|chat ?bot|bot|language model)\b"
    r"[^.!?\n]{0,60}?\b(?:must|should|shall|has to|have to|is to|are to|may not|needs to|adds?|recommends?"
    r"|answers?|replies)\b|\b(?:system|developer) (?:prompt|message|instruction)s?\b"
    r"|\b(?:assistant|companion|ai)s?\s*:|\bas an ai\b"
    r"|\bnote (?:to|for) (?:the )?(?:assistant|companion|ai|model|bot|system)\b",
    re.IGNORECASE,
)
RULE: Final = re.compile(
    r"\b(?:is|are) (?:to be|not to be|always|never|only)\b"
    r"|\b(?:must|shall) (?:not |always |never |only )?(?:be )?\w+|\bfrom now on\b"
    r"|\b(?:when|whenever|if|once) [^,.;]{3,60}, ?(?:then )?(?:the|always|never|say|recommend|tell|answer"
    r"|suggest|remind|mention)\b|\b(?:should|may) (?:always|never|only|be|not be)\b",
    re.IGNORECASE,
)
SAYS_I: Final = re.compile(
    r"\b(?:I|me|my|mine|we|our|us|ich|mich|mir|mein\w*|wir|uns|unser\w*|yo|mi|mis|je|j|moi|mon|ma|mes|nous|notre"
    r"|io|mio|mia|miei|ik|mij|mijn|wij|ons|eu|meu|minha|jag|mig|min|mitt|vi)\b",
    re.IGNORECASE,
)
LINK: Final = re.compile(r"\bhttps?://\S+|\bwww\.\S+")
ADDRESS: Final = re.compile(
    rf"{LINK.pattern}|[\w.+-]+@[\w-]+\.\w+"
    r"|\b[\w-]{3,}\.(?:com|org|net|info|biz|io|app|shop|store|online|site|link|club|cash|xyz|gov|edu|co|uk|us"
    r"|ca|au|eu|de|fr|es|pl|nl|ch|se|ru|cn|example|test)\b(?:/\S*)?",
    re.IGNORECASE,
)
"""An address of the web or of mail, which people copy rather than type."""
OWN_ADDRESS: Final = re.compile(
    r"\b(?:I|we|ich|wir|je|nous|yo|io)\b"
    r"|\b(?:my|our|mein\w*|unser\w*|mon|ma|notre|mi|mio|mia) (?:\w+ ){0,3}(?:e-?mails?|mails?|address(?:es)?"
    r"|adresse|site|website|web ?page|page|blog|shop|domain|profile|portfolio|channel|account|seite|correo"
    r"|sito)\b",
    re.IGNORECASE,
)
"""Who tells of an address of their own, or what they did there."""
SAVED: Final = re.compile(
    rf"\b{MADE_TO} (?:save|store|keep|note|note down|write down|remember|add)(?: {THIS})?[ \t]*[:\u201c\"]"
    rf"|\b(?:they|she|he) (?:says?|said)(?: to)? (?:save|store|keep|note|remember)(?: {THIS})?[ \t]*:"
    r"|^[ \t]*(?:also|more|and|another|one more|next)[ \t,]*(?:one )?from (?:her|him|them|the same \w+)\b"
    r"[^.:\n]{0,40}:|^[ \t]*part \d+ of \d+\b",
    re.IGNORECASE | re.MULTILINE,
)
"""Somebody had it kept, or more of the same follows."""
PASTED_IT: Final = re.compile(r"\bso I (?:have |just )?(?:past|copi)\w* (?:it|this|that)\b", re.IGNORECASE)
"""What stands before it was handed on."""
SHOUTING: Final = re.compile(r"\b[A-Z]{3,}(?:[ ,]+[A-Z]{2,}){2,}\b")
