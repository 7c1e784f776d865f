"""`python -m callwright` is the same as the `callwright` command."""

import sys

from callwright.cli import main

sys.exit(main())
