"""The library as Python users call it; everything public is named in `graphlink` itself."""
