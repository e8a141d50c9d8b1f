"""Programs on single views: which of them are stale, and one made again from the log."""
