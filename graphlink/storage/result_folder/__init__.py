"""The result folder: Parquet tables and `run.json`, written from an engine and read back as Arrow.

A result that was written at an address (see `graphlink.storage.remote`) has folders of parts for tables, in a
folder that `run.json` names; it is read where it is, or from a copy on this machine.

Reading needs no engine and no pandas, and skips what a question does not touch: the tables are sorted by key,
so a few accounts are in a few row groups of each file.
"""
