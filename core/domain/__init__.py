"""The books: state, commands, events, rules, and what listings find them by. Pure: no I/O, clock, HTTP or AWS.

``manifest.BOOKS`` is all that the rest of ``core`` is handed of them.
"""
