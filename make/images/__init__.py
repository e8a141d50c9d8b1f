"""The services as container images: slimmed while they are built, made repeatable, delivered to a registry."""
