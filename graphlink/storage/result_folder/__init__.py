"""The result folder: Parquet tables and `run.json`, written from an engine and read back as Arrow.

In a result at an address (see `graphlink.storage.remote`) a table is a folder of part files, in a folder that
`run.json` names. It is read there, or from a copy on this machine.

Reading needs no engine and no pandas, and skips row groups that a query does not need: the tables are sorted
by key, so a few accounts are in a few row groups of each file.
"""
