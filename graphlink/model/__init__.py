"""Observations -> links: identifiers, blocking, match weights, exclusivity, evidence."""
