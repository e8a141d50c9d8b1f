"""The books: state, commands, events, rules and listings. Pure: no I/O, clock, HTTP, AWS.

``manifest.BOOKS`` is all that the rest of ``core`` is handed of them.
"""
