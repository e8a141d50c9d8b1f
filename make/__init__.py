"""The programs behind make's targets, which run nothing that is deployed."""
