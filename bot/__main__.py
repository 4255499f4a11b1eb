"""`python -m bot` is `twoticks`."""

from bot.cli import main

main()
