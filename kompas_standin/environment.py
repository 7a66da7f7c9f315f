"""The environment variables that route a crawler to a stand-in and make it trusted."""

from __future__ import annotations

from pathlib import Path


def environment(address: str, ca: Path) -> dict[str, str]:
    """Return the variables that make a stand-in at this address the proxy for everything."""
    proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), address)
    return {**proxies, "no_proxy": "", "NO_PROXY": "", "SSL_CERT_FILE": str(ca)}
