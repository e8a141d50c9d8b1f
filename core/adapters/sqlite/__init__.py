"""The ports in one SQLite file: the embedded default, safe under several threads and processes."""
