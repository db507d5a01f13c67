"""Spark, the distributed engine: the only package that imports pyspark.

Only what Spark Connect knows is used (SQL, Parquet, Arrow), so that a session of this machine, a server
elsewhere and what else speaks Connect do alike. Every table is written out as Parquet when it is made, and a
view of its name reads it: no plan grows from step to step, and nothing is kept in a cache.

Files of this machine are read and their cells cleaned by the embedded engine, batch by batch, so that rows
are rejected for the same reasons under the same numbers. Parquet at an address is read by Spark, and all
that follows is Spark's.
"""

from __future__ import annotations

from graphlink.engine.spark.engine import SparkEngine

__all__ = ["SparkEngine"]
