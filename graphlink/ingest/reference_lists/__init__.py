"""Reference lists: addresses -> labels (router, VPN, carrier NAT, ...), autonomous systems and countries.

`lists` and `databases` read files, `networks` holds their networks as columns, `collected` merges all lists,
`labelling` is the step that joins them with the addresses of the input.
"""

from graphlink.ingest.reference_lists.collected import ReferenceLists, read_reference_lists
from graphlink.ingest.reference_lists.labelling import label_identifiers
from graphlink.ingest.reference_lists.types import TYPES

__all__ = ["TYPES", "ReferenceLists", "label_identifiers", "read_reference_lists"]
