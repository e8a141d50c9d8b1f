"""What only a laptop needs: a runner, a development identity provider, a projector loop, DynamoDB Local.

Nothing here is deployed. Each program runs as ``python -m apps.local.NAME``; make has a target for it.
"""
