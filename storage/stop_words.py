"""English words that say little about what is looked for."""

TEXT = """
a about after again all also am an and any are aren as at be because been before being both but by
can cannot could couldn d did didn do does doesn doing don down during each ever few for from further
get give go got had hadn has hasn have haven having he her here hers herself him himself his how i if
in into is isn it its itself just know let like ll m make many may me might mine more most much must
my myself no nor not now of off on once one only or other our ours ourselves out over own please re
s same shall she should shouldn so some such t than that the their theirs them themselves then there
these they this those through to too under until up us ve very was wasn we were weren what when where
which while who whom whose why will with won would wouldn yes you your yours yourself yourselves
remember recall tell told say said
"""
STOP_WORDS = frozenset(TEXT.split())
