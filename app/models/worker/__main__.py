"""`python -m app.models.worker`, which the program starts by itself."""

import sys

from app.models.worker.serving import main

main(sys.argv[1:])
