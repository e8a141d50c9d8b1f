"""The book: commands, events, state, ``decide`` and ``evolve``. Pure: no I/O, no clock, no HTTP, no AWS."""
