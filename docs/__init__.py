"""The sources of the documentation site, and what its build adds to Sphinx (`docs/extension`)."""
