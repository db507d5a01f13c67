"""Runs that update an earlier result: its model weighs the data, and it stands for files read before."""

from graphlink.updating.task import check_alone, update_task

__all__ = ["check_alone", "update_task"]
