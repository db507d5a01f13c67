"""One page for a review: what is claimed, how sure, why, what would break it, and a place to decide and sign.

It is one file without anything from elsewhere: it opens from a disk, offline, and its own policy forbids it
to load or send anything. Tables, charts and a small drawing stand without script; the large drawing needs it.
"""

from __future__ import annotations

from graphlink.export.page.review import review_page

__all__ = [
    "review_page",
]
