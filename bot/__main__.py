"""`python -m bot` is the same as `faultline`."""

from bot.cli import main

main()
