"""Addresses under which other devices on the network reach this machine, and the QR code of one."""

import ipaddress
import re
import socket
from collections.abc import Iterable

ANYWHERE = ("0.0.0.0", "::")
# interfaces that lead to virtual machines and containers of this machine, not to a classroom
VIRTUAL = re.compile(
    r"(docker|br-|veth|virbr|vmnet|vboxnet|vethernet|lxc|podman|cni|utun|awdl|llw|ifb)", re.I
)
ROUTED = ("192.0.2.1", 9)  # a documentation address; nothing is sent there


def reachable(host: str) -> list[str]:
    """Addresses to tell others for a server that listens on *host*, the most likely first; may be empty.

    Parameters
    ----------
    host : name or address that the server listens on; ``0.0.0.0`` for all
    """
    if host not in ANYWHERE:
        return [host]
    return sensible(_interfaces(), _address_of_default_route())


def sensible(interfaces: Iterable[tuple[str, str]], routed: str = "") -> list[str]:
    """IPv4 addresses that a classroom can use, that of the default route first.

    Virtual interfaces count only if there is nothing else, addresses of this machine alone never.

    Parameters
    ----------
    interfaces : name and address of each
    routed : the address from which this machine reaches others

    Examples
    --------
    >>> sensible([("lo", "127.0.0.1"), ("docker0", "172.17.0.1"), ("wlan0", "192.168.1.5")])
    ['192.168.1.5']
    >>> sensible([("eth0", "10.0.0.7"), ("wlan0", "192.168.1.5")], routed="192.168.1.5")
    ['192.168.1.5', '10.0.0.7']
    """
    usable = [(name, address) for name, address in interfaces if _is_for_others(address)]
    real = [address for name, address in usable if not VIRTUAL.match(name)]
    found = list(dict.fromkeys(real or [address for _, address in usable]))
    return sorted(found, key=lambda address: address != routed)


def web_address(host: str, port: int) -> str:
    """The address of a server for a browser.

    >>> web_address("192.168.1.5", 8765), web_address("fe80::1", 80)
    ('http://192.168.1.5:8765', 'http://[fe80::1]:80')
    """
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def qr_code(text: str) -> str:
    """A QR code as a picture for a web page (an SVG in a ``data:`` address)."""
    import segno

    return segno.make(text, error="m", micro=False).svg_data_uri(scale=8, border=2)


def _is_for_others(address: str) -> bool:
    try:
        number = ipaddress.ip_address(address)
    except ValueError:
        return False
    return number.version == 4 and not (number.is_loopback or number.is_link_local or number.is_unspecified)


def _interfaces() -> list[tuple[str, str]]:
    import ifaddr

    return [
        (str(adapter.nice_name), ip.ip)
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if isinstance(ip.ip, str)
    ]


def _address_of_default_route() -> str:
    """The address from which this machine reaches others; empty without a network. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ROUTED)
        except OSError:
            return ""
        return str(probe.getsockname()[0])
