"""Timing: joint behaviour of two accounts, as evidence in bits beyond what shared habits would give.

Strangers share the hours of the day, the days of the week and the day of a launch; some share a schedule.
Each behaviour is compared with a null that keeps these. For lockstep that is the pair itself, one of the two
shifted by up to two hours (keeps hour, weekday and launch), and each account against itself, shifted by whole
hours and whole days (keeps schedules). The likeliest of the three counts, so that an honest job at a full
hour explains itself.
Crews are tested as such, with the same nulls (`crews`).
"""

from __future__ import annotations

from graphlink.model.timing.behaviours import find_joint_behaviour

__all__ = ["find_joint_behaviour"]
