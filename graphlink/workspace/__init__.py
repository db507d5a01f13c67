"""The workspace of a team: what it knows, decides and watches, across runs.

Results are immutable folders; a workspace next to them is the only thing that changes, and it changes by
appended events. `graphlink.workspace.folder` is what a workspace consists of, `graphlink.workspace.store`
where it keeps its rows. Nothing here runs the pipeline: `graphlink.monitoring` does, one floor above.
"""
