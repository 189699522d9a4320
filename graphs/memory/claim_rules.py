"""The attributes that people speak of, each with how it is said: patterns over marked clauses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from graphs.memory.claim_words import ADV, BE, DATE, MONTH, NUMBER, PETS, RELATIVES, S, V
from graphs.memory.speech_patterns import ILLNESS, OCCASION, POSSESSION, one_of


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to say one attribute; `{}` in the attribute is the pattern's group `a`."""

    attribute: str
    pattern: re.Pattern[str]
    begins: bool = False
    """Whether saying it like this says that it is new."""
    ends: bool = False
    """Whether saying it like this says that it is over."""
    value: str = ""
    """The value where the pattern has none."""


def _rule(attribute: str, pattern: str, *, begins: bool = False, ends: bool = False, value: str = "") -> Rule:
    return Rule(attribute, re.compile(pattern), begins, ends, value)


PROFESSION: Final = (
    r"(?:nurse|teacher|doctor|engineer|lawyer|carpenter|electrician|plumber|baker|chef|cook|waiter|waitress"
    r"|barista|librarian|accountant|architect|designer|developer|programmer|translator|journalist|editor"
    r"|photographer|mechanic|driver|pilot|farmer|gardener|florist|hairdresser|barber|cashier|clerk|secretary"
    r"|consultant|manager|analyst|researcher|scientist|professor|lecturer|student|apprentice|intern|paramedic"
    r"|firefighter|police officer|soldier|vet|veterinarian|dentist|pharmacist|physiotherapist|therapist"
    r"|psychologist|midwife|carer|caretaker|cleaner|receptionist|salesman|saleswoman|shop assistant|bartender"
    r"|tour guide|guide|conductor|beekeeper|fisherman|sailor|postman|courier|welder|tailor|jeweller"
    r"|\w+ologist"
    r"|freelancer|freelance \w+|zookeeper|keeper|curator|restorer|potter|bookseller|optician|surgeon)"
)
THING: Final = one_of(
    "car bike bicycle phone laptop computer camera tablet boss manager dentist doctor"
    " therapist landlord "
    "landlady flatmate roommate supervisor coach gym bank van motorbike scooter commute"
    " shift"
)
EXACT: Final = r"(?:phone number|number|email(?: address)?|address|postcode|locker|licence plate|password)"
MOVED: Final = (
    r"(?:moved|postponed|pushed(?: back)?|put off|put back|rescheduled|delayed|brought forward|shifted"
    r"|changed"
    r"|switched)"
)
SET: Final = r"(?:scheduled|planned|set|booked|due|fixed|going to be|taking place|happening)"
BODY: Final = one_of(
    "knee leg arm ankle foot wrist hand shoulder back neck hip finger toe tooth ear eye elbow rib"
)
ILL: Final = (
    rf"(?:{ILLNESS}|cold|flu|covid|fever|headaches?|back pain|pneumonia|bronchitis|long covid"
    r"|high blood pressure|anaemia|anemia|hay fever|shingles|tonsillitis)"
)
DIETS: Final = r"(?:vegan|vegetarian|pescatarian|pescetarian|keto|gluten-free|dairy-free|paleo|flexitarian)"
STATUS: Final = (
    r"(?P<v>single|married|engaged|divorced|widowed|separated|dating|seeing someone|in a relationship"
    r"|going out)"
)
AT: Final = r"(?:back |right |full[- ]time |part[- ]time |again |now |shifts |nights |as an? [\w ]+? )*"
JOB: Final = r"(?:[\w-]+ ){0,2}?(?:job|position|role|post|work|traineeship|internship|apprenticeship)"

RULES: Final = (
    _rule("home", rf"{S}{ADV}(?:live|lives|living|reside|resides|based|settled) (?:back |alone |together "
          rf"|now |right |here |still |out )*"
          rf"(?:in|near|at|outside) {V}"),
    _rule("home", rf"{S}{ADV}(?:have |has )(?:been living|lived) (?:in|near|at) {V}"),
    _rule("home", rf"{S}{ADV}(?:moved|relocated|emigrated|settled) (?:back |over |out |all the way |down "
          rf"|up |house |away )*"
          rf"(?:from [^,.;@]+? )?(?:to|into|in) (?!with\b){V}", begins=True),
    _rule("home", rf"my (?:new )?(?:home|place|flat|apartment|house) is (?:now )?in {V}"),
    _rule("home", rf"{S}{ADV}(?:moved|moving) (?:away from|out of) {V}", ends=True),
    _rule("home", rf"{S}{ADV}(?:left|leave) (?=[a-z]+$|[a-z]+ (?:for good|behind|in|last|after|for)\b){V}",
              ends=True),
    _rule("origin", rf"{S}{ADV}(?:(?:am|is|are) (?:originally )?from|grew up in|born in|come from|comes"
          rf" from) {V}"),
    _rule("work", rf"{S}{ADV}(?:work|works|(?<=have )worked|(?<=has )worked|working|employed|job) {AT}"
          rf"(?:at|for) "
          rf"(?!home\b|myself\b|hours\b|a living\b|the moment\b|it\b|years\b|a long\b|(?:\w+ )?(?:years"
          rf"|months|weeks)\b){V}"),
    _rule("work", rf"{S}{ADV}(?:started|start|begin|began|starting|beginning) (?:a |an |my |the )?(?:{JOB}"
          rf"|working)(?: as [\w ]+?)?"
          rf" (?:at|for|with|in) {V}", begins=True),
    _rule("work", rf"{S}{ADV}(?:started|starting|begin|beginning) (?:at|with) {V}", begins=True),
    _rule("work", rf"{S}{ADV}(?:got|found|landed|took|accepted|have|has|started|signed) (?!to\b|been\b)"
          rf"(?:a |an |the |my )?{JOB}(?: as [\w ]+?)?"
          rf" (?:at|with|for|in) {V}", begins=True),
    _rule("work", rf"{S}{ADV}(?:hired|employed|taken on) (?:by|at) {V}", begins=True),
    _rule("work", rf"{S}{ADV}(?:switched|moved|transferred|went|changed)(?: jobs)?(?: over)? from"
          rf" [^,.;@]+? to (?=.*\b(?:job|team|firm|company|school|hospital|museum|cafe|bank|shop|bakery"
          rf"|clinic|library|hotel|office)\b){V}", begins=True),
    _rule("work", rf"my (?:new )?(?:job|work|employer|workplace|company) is (?:now )?(?:at |with )?{V}"),
    _rule("work", rf"{S}{ADV}(?:quit|left|leave|leaving|lost|resigned from|fired from|laid off from|gave"
          rf" up|given up|walked out of)"
          rf" (?:my |the |her |his |their |that )?(?:[\w-]+ )?(?:job|work|position|post)\b(?: (?:at|with"
          rf"|in|as) {V})?", ends=True),
    _rule("work", rf"{S}{ADV}(?:fired|laid off|made redundant|let go|unemployed|out of work|out of a job"
          rf"|resigned|retired"
          r"|handed in my notice|between jobs)\b", ends=True),
    _rule("work", rf"{S}{ADV}(?:fired|laid off|resigned) (?:from|by) {V}", ends=True),
    _rule("work", rf"{S}{ADV}(?:changed|switched) jobs\b(?! from)", ends=True),
    _rule("work", rf"my first day at (?:the )?(?!school\b){V}", begins=True),
    _rule("job", rf"{S}{ADV}promoted to (?:the )?{V}", begins=True),
    _rule("job", rf"{S}{ADV}(?:work|works|working|employed|started|trained|qualified) (?:now )?as (?:an? "
          rf"|the )?(?P<v>[\w-]+(?: [\w-]+)?)(?= ?$| ?[,.;]| (?:at|in|for|with|and|now|since|on|again)\b)"),
    _rule("job", rf"{S}(?:{ADV}){BE} (?:now |still )?an? (?:[\w-]+ )??(?P<v>(?:[\w-]+ )?{PROFESSION})(?="
          rf" ?$| ?[,.;]| (?:at|in|for|with|and|now|since|by|again|who|these|any)\b)"),
    _rule("job", rf"{S}{ADV}retired\b", begins=True, value="retired"),
    _rule("school", rf"{S}{ADV}(?:study|studies|studying|enrolled|go|goes|going|started|studied) (?:[\w-]+"
          rf" )??(?:at|to) (?P<v>(?:[\w'-]+ ){{0,3}}(?:school|university|college|academy|uni|conservatory"
          rf"|polytechnic))\b"),
    _rule("school", rf"{S}{ADV}(?:dropped out|graduated)\b(?: (?:of|from) {V})?", ends=True),
    _rule("studies", rf"{S}{ADV}(?:study|studies|studying|majoring in|major in) (?!at\b|for\b|in\b"
          rf"|hard\b){V}"),
    _rule("studies", rf"{S}{ADV}(?:switched|changed|transferred)(?: my (?:major|degree|course|subject))?"
          rf"(?: from [^,.;@]+?)? to (?=.*)(?P<v>[\w ]+?)(?= (?:at|in|now|since)\b|[,.;]|$)(?<=(?:ogy|ics"
          rf"|ory|ine|law|art|sic|try|ing|ure))", begins=True),
    _rule("relationship", rf"{S}{ADV}{BE} (?:happily |now |finally |still |recently |newly )*{STATUS}\b"),
    _rule("relationship", rf"{S}{ADV}(?:got|getting|get|gotten|became) (?P<v>engaged|divorced)\b",
              begins=True),
    _rule("relationship", rf"{S}{ADV}(?:dating|going out with|seeing an? (?:man|woman|guy|girl|boy|lovely"
          rf"|nice))\b", value="dating"),
    _rule("household", rf"{S}{ADV}(?:live|lives|living|moved in) (?:now |together )?(?P<v>with [\w' ]+?"
          rf"|alone|on my own|by myself)(?= ?$| ?[,.;]| (?:in|at|near|and|now|again|since|on|because|who"
          rf"|for)\b)"),
    _rule("relationship", rf"{S}(?:just |finally |have |has )*(?:got|gotten) (?P<v>married)\b", begins=True),
    _rule("relationship", rf"{S}{ADV}(?:broke up|broken up|split up|split|separated|parted ways|called off"
          rf" (?:the|our) (?:engagement|wedding))\b",
          ends=True),
    _rule("partner", rf"{S}{ADV}(?:dating|seeing|engaged to|married to|going out with|in a relationship"
          rf" with|together with)"
          rf" (?!someone|somebody|each|an?\b|the\b|my\b){V}"),
    _rule("diet", rf"{S}{ADV}(?:became |become |went |gone |turned |going |turning )?(?:a |eating |being "
          rf"|eat |on a )?(?P<v>{DIETS})\b(?! (?:food|restaurant"
          rf"|recipes?|cake|cooking|place))"),
    _rule("diet", rf"{S}(?:(?:do|just|now|have|has|started|am|is) )*(?:eat|eats|eating|eaten) (?P<v>meat"
          rf"|fish|everything|dairy)(?= again| now| these days)", begins=True),
    _rule("eats", rf"{S}{ADV}(?:eat|eats|eating) (?P<v>meat|fish|dairy|gluten|sugar|eggs|pork|beef)\b(?!"
          rf" again)"),
    _rule("allergy", rf"{S}{ADV}allergic to {V}"),
    _rule("name", r"my (?:real |full |new |first )?name is (?:now )?(?:actually )?(?P<v>[\w'-]+)"),
    _rule("name", r"(?:^|and |but |please |just )call me (?P<v>[\w'-]+)"),
    _rule("name", r"@0 (?:(?:now|go|am) )*(?:called|by|go by|goes by) (?P<v>[\w'-]+)(?= ?$| ?[,.;]| (?:now"
          r"|these|instead)\b)"),
    _rule("name", r"@0 (?:have )?(?:changed|legally changed) my (?:first |last )?name to (?P<v>[\w'-]+)",
              begins=True),
    _rule("age", rf"{S}(?:just |now |am |is |are |will be )*(?:am|is|are|turned|turning) (?P<v>{NUMBER})"
          rf"(?: years old)?(?= ?$| ?[,.;!]| (?:now|today|years|on|last|this|yesterday|in)\b)"),
    _rule("favourite {}", rf"my (?:\w+ )?(?:(?:all-time|absolute|new) )*favou?rite (?P<a>[\w ]{{1,30}}?) "
          rf"(?:is|are|has become|became|has always been) (?:now )?(?:probably |definitely )?{V}"),
    _rule("favourite {}", r"(?P<v>[^,.;:!?()@]+?) (?:is|are) (?:now )?my (?:new )?(?:absolute |all-time"
          r" )?favou?rite (?P<a>\w+(?: \w+)?)"),
    _rule("{}", rf"my (?:new |own |current )?(?P<a>{EXACT}) is (?:now )?{V}"),
    _rule("{}", rf"my (?:new |own |current |other |second )?(?P<a>{THING}) is (?:now )?(?:called |named )?"
          rf"(?P<v>(?:an? |the )[\w' -]+?)(?= ?$| ?[,.;]| (?:and|but|with|who|which|that|from|now)\b)"),
    _rule("{}", rf"{S}{ADV}(?:bought|got|have|has|drive|drives|ride|own|use|using|switched to|traded .+"
          rf" for|replaced .+ with|picked up) (?!to\b|been\b|that\b|this\b)(?:an? |the |my )?(?P<v>"
          rf"(?:[\w-]+ ){{0,2}}?(?P<a>{THING}))(?= ?$| ?[,.;]| (?:and|but|for|from|now|last|yesterday"
          rf"|today|in|which|that|because|to|so|called)\b)"),
    _rule("car", rf"{S}{ADV}(?:drive|drives|driving) (?:an? |my )(?!{THING}){V}"),
    _rule("has", rf"{S}{ADV}(?:have|has|got|adopted|own|owns|rescued|bought) (?P<v>(?:an?|one|two|three"
          rf"|four|five|six|\d|another|no) (?:[\w-]+ ){{0,3}}?{RELATIVES}s?)\b"),
    _rule("has", rf"{S}{ADV}(?:own|owns|inherited|bought) (?P<v>(?:an?|two|three) [\w -]+?)(?= ?$| ?[,.;]|"
          rf" (?:and|but|for|from|last|yesterday|today|in|which|that|because|to|so|with|on|at)\b)"),
    _rule("has", rf"{S}{ADV}(?:have|has|got) (?P<v>(?:an?|two|three) (?:[\w-]+ ){{0,2}}?{POSSESSION})\b"),
    _rule("health", rf"{S}{ADV}(?:have|has|got|caught|suffer from|suffers from|diagnosed with|struggle"
          rf" with|suffering from) (?:an? |the |my |bad |terrible )*(?P<v>{ILL})\b"),
    _rule("health", rf"{S}{ADV}(?:broke|sprained|injured|hurt|twisted|pulled|fractured|dislocated|tore"
          rf"|strained|messed up) my (?:left |right |lower |other )?(?P<v>{BODY})\b"),
    _rule("health", rf"my (?:left |right |lower |other )?(?P<v>{BODY}) (?:still |really |has been |is "
          rf"|hurts?\b|aches?\b)+(?:hurting|aching|sore|broken|swollen|stiff|injured|sprained|in a cast"
          rf"|bad|killing me|acting up)?(?= ?$| ?[,.;!]| (?:when|since|from|after|and|again|so|a lot|badly"
          rf"|because|if|at|all)\b)"),
    _rule("health", rf"{S}{ADV}(?P<v>pregnant|expecting|diabetic|left-handed|colour-blind|deaf|blind)\b"),
    _rule("health", rf"my (?:left |right )?(?P<v>{BODY}|{ILL}) (?:(?:is|are|has|have|feels?|got) )+(?:all "
          rf"|completely |fully |finally |much )*(?:fine|better|healed|ok|okay|gone|well|cured|cleared up"
          rf"|over|good)\b", ends=True),
    _rule("health", rf"{S}{ADV}(?:recovered from|over|got over|cured of|rid of|shook off) (?:the |my |that"
          rf" )?(?:\w+ )?(?P<v>{ILL}|{BODY})\b", ends=True),
    _rule("like", rf"{S}{ADV}(?:do )?(?:like|likes|love|loves|enjoy|enjoys|adore|adores|liking|enjoying"
          rf"|loving|into|fond of|a fan of|keen on) (?!(?:it|this|that|those|these|them|how|what|when|him"
          rf"|her|you|being|the (?:way|idea|fact|taste|look|sound))\b){V}"),
    _rule("like", rf"{S}{ADV}(?:went off|gone off|hate|hates|can not stand|fed up with|sick of|tired of"
          rf"|over) {V}", ends=True),
    _rule("dislike", rf"{S}{ADV}(?:hate|hates|can not stand|detest|dislike|dislikes) {V}"),
    _rule("smoking", rf"{S}{ADV}(?P<v>smoke|smokes|smoking)\b(?! (?:salmon|alarm|detector))"),
    _rule("trip", rf"{S}{ADV}(?:going|travelling|traveling|flying|heading|off) to (?=.*\b(?:{MONTH}|spring"
          rf"|summer|autumn|fall|winter|next|tomorrow|holiday|vacation|for a (?:week|weekend|month)|for"
          rf" two weeks|instead|weekend|christmas|easter)\b)(?!work\b|the (?:gym|dentist|doctor|cinema"
          rf"|shop)\b){V}"),
)  # fmt: skip
DATES: Final = (
    re.compile(rf"(?P<whose>(?:my|our|the) (?:[\w-]+'s )?|@(?P<s>\d+)'s )(?P<a>(?:[\w-]+ ){{0,2}}{OCCASION})"
               r"(?: (?:at|with|in|for|to|from|of) [\w ]+?)? (?:is|are|will be|has been|was|got|have been"
               r"|takes place"
               r"|comes up)"
               rf"(?: (?:now|actually|finally|only|already))*(?P<moved> {MOVED})?(?: {SET})?(?: from"
               rf" [\w ]+?)?"
               rf"(?: (?:now|for|to|on|in|at|until|till))* {DATE}"),
    re.compile(rf"@(?P<s>\d+) {ADV}(?:have|has|got|booked|scheduled) (?P<whose>an? |my |the |our )?"
               rf"(?P<a>(?:[\w-]+ ){{0,2}}{OCCASION})(?: (?:at|with|for) [\w' ]+?)?(?: (?:on|in|at))?"
               rf" {DATE}"),
    re.compile(rf"(?P<moved>{MOVED}) (?P<whose>my|our|the|@(?P<s>\d+)'s) (?P<a>(?:[\w-]+ ){{0,2}}{OCCASION})"
               rf"(?: from [\w ]+?)? (?:to|until|till|for) (?:the )?{DATE}"),
    re.compile(rf"@(?P<s>\d+) {ADV}(?:getting|get) (?P<a>married)(?: now| only)*(?: (?:on|in|at))* {DATE}"),
)  # fmt: skip
"""When something is."""
PUT_OFF: Final = re.compile(
    rf"(?:postponed|put off|pushed back) (?P<whose>my|our|the|@(?P<s>\d+)'s) (?P<a>(?:[\w-]+"
    rf" ){{0,2}}{OCCASION})\b"
)
"""That it is not when it was to be."""
TRADED: Final = re.compile(
    rf"{S}{ADV}(?:traded|swapped|replaced|exchanged) (?:my |the |our |in my )(?:old )?(?P<v>[\w' -]+?) "
    rf"(?:for|with|by)\b"
)
"""One thing for another."""
DIED: Final = re.compile(rf"{S}(?:{ADV})(?:died|passed away|put (?:her|him|them) down|run over)\b")
GONE: Final = re.compile(
    rf"{S}{ADV}(?:(?:quit|gave up|given up|sold|cancelled|canceled|called off|got rid of|gave away|given away"
    rf"|returned|threw away|threw out|broke up with|broken up with|scrapped|donated|rehomed)"
    rf" (?:on )?(?:my |the |our |that |a |all |his |her |their |both )*"
    rf"|(?:left|dropped|lost|ended|stopped) (?:my |the |our )(?!(?:keys?|way|house|party|time|track|game"
    rf"|match)\b))"
    rf"(?!(?:up|off|out|for|of|on|in|at|to|some|it|them|this|that)\b){V}"
)
GONE_TOO: Final = re.compile(
    r"(?:my|the|our) (?P<v>[\w -]+?) (?:is|are|was|were|has been|got|have been) (?:cancelled|canceled"
    r"|called off"
    r"|over|sold|stolen|finished|closed|off|gone)\b|(?:my|the|our) (?P<v2>[\w -]+?) fell through"
)
"""What is over though nobody told what it was."""
NAMED: Final = re.compile(
    rf"(?P<kin>{RELATIVES})(?:,? (?:is |was )?(?:called|named)|'s name is) "
    rf"(?P<v>[\w'-]+)"
)
PETS_RE: Final = re.compile(rf"^(?:{PETS})s?$")

SINGLE: Final = frozenset({
    "home", "work", "job", "school", "studies", "relationship", "partner", "diet", "name", "age", "smoking",
})  # fmt: skip
"""What somebody has one of: another value means that the one before is over."""
LASTING: Final = SINGLE | {"origin", "allergy", "has", "health", "eats"}
"""What belongs to the profile of a person."""
AGREEING: Final[Mapping[str, tuple[frozenset[str], ...]]] = {
    "relationship": (
        frozenset({"dating", "seeing someone", "in a relationship", "going out"}),
        frozenset({"single", "divorced", "separated", "widowed"}),
    ),
}
"""Values that may hold together."""
