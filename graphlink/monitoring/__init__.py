"""Runs of a workspace, day after day, and the workspace as people use it from Python and the command line."""

from graphlink.monitoring.session import Workspace, open_workspace
from graphlink.monitoring.updates import Update

__all__ = ["Update", "Workspace", "open_workspace"]
