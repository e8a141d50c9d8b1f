"""What counts as this machine: the one rule for plain http, for stand-in credentials and for development servers."""

from ipaddress import ip_address


def is_loopback(host: str | None) -> bool:
    """Return whether ``host``, as a URL has it, is localhost or an address of the loopback interface."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
