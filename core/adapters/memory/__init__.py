"""The ports in the memory of one process: for tests, and the plainest statement of what the ports promise."""
