"""Exit status of the command line."""

DONE = 0
MACHINE_FAILED = 1  # disk, permission or memory; or a network that no solver could solve
WRONG_INPUT = 2
SOME_FAILED = 3  # some runs of a comparison failed; the others are kept
INTERRUPTED = 130  # Ctrl-C
