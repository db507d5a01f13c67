"""Print the lowest version of every dependency that pyproject.toml declares, as constraints for pip.

The extras named on the command line count too.
"""

import re
import sys
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
extras = project["optional-dependencies"]
for line in [*project["dependencies"], *(line for name in sys.argv[1:] for line in extras[name])]:
    bound = re.match(r"([\w.-]+)(?:\[[\w,-]+\])?>=([\w.]+)", line)
    if bound is None:
        sys.exit(f"{line}: expected a lower bound, such as name>=1.2")
    print(f"{bound[1]}=={bound[2]}")
