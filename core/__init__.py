"""The hexagon of Books CQRS, shared by the command and the query service."""
