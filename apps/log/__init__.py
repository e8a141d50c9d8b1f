"""Programs on the whole log: its copy to a file and back, and the views that lack some of it."""
