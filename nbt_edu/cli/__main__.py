"""`python -m nbt_edu.cli`."""

import sys

from . import main

sys.exit(main())
