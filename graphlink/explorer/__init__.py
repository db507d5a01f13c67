"""The explorer: a local server that shows a finished result, and the API under it (docs/explorer-api.md)."""
