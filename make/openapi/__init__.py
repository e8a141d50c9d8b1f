"""``make openapi-breaking``: what of a new OpenAPI document breaks the clients of an old one."""
