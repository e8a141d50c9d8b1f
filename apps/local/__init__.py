"""The laptop's part: a runner, a development identity provider, a projector loop, an importer.

Nothing here is deployed. Each program runs as `python -m apps.local.NAME`; make has a target for it.
"""
