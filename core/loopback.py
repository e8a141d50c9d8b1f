"""What counts as this machine: one rule for plain http, credentials and development servers."""

from ipaddress import ip_address


def is_loopback(host: str | None) -> bool:
    """Return whether ``host`` (of a URL) is localhost or an address of the loopback interface."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
