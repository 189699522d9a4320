"""`python -m app` is `keepsake`."""

from app.main import main

main()
