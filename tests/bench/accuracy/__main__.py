"""`python -m tests.bench.accuracy`; see `table`."""

from tests.bench.accuracy.table import main

main()
