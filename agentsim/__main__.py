"""``python -m agentsim`` is the command line."""

import sys

from agentsim.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
