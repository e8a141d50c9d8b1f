"""The OpenAPI document of both services, generated from what they are made of."""
