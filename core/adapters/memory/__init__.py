"""The ports in memory: for tests, and the plainest statement of what they promise."""
