"""The composition root: the only place that hands the domain to the engine, and chooses adapters.

It has a module for each thing that a program does, and is used as ``stores.read_model()``. Nothing
is made at import, and only what is asked for is imported, so that a cold start pays for its own
request alone.
"""
