"""`python -m handoff` is `abiline`."""

from handoff.cli import main

main()
