"""What only a laptop needs: runner, gateway, identity provider, projector loop, DynamoDB Local.

Nothing here is deployed. Each program runs as ``python -m apps.local.NAME``; make has a target for
it.
"""
