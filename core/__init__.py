"""The hexagon, shared by the command and the query service."""
