"""`python -m secondhand` is the command `secondhand`."""

from secondhand.cli import main

main()
