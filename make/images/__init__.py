"""The services as container images: slimmed, made repeatable, delivered to a registry."""
