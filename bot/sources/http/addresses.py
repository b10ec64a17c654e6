"""Which network addresses a source may live at: public ones, so that no feed can make us knock at doors at home.

The check is made on the address that a socket is about to connect to. It thus holds for names, numbers in any spelling,
redirects, and names that resolve differently the second time.
"""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, TypeVar

from aiohttp.abc import AbstractResolver, ResolveResult

# RFC 6052: an IPv4 address in the last four bytes, reached through a translator.
_NAT64 = IPv6Network("64:ff9b::/96")
# RFC 5214: an IPv4 address in the last four bytes, behind one of these.
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)

# Not public, whatever the version of Python says.
_SPECIAL = tuple(
    map(
        ip_network,
        (
            # learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
            "168.63.129.16/32",
            "161.26.0.0/16",  # IBM Cloud's services for its machines, and the next one
            "166.8.0.0/14",
            "192.0.0.0/24",  # IETF's protocols, RFC 6890; Oracle's cloud served metadata at 192.0.0.192
            "192.88.99.0/24",  # relays of 6to4, RFC 7526
            "64:ff9b:1::/48",  # translators within a network, RFC 8215
            "3fff::/20",  # documentation, RFC 9637
            "5f00::/16",  # segments of routes, RFC 9602
            "100::/63",  # discarded, RFC 6666 and RFC 9780
        ),
    )
)

T = TypeVar("T")
AddressInfo = tuple[Any, Any, int, str, tuple[Any, ...]]


class PrivateAddressError(OSError):
    """The address is not one of the public internet."""

    def __init__(self, address: str) -> None:
        super().__init__(f"refers to a private address ({address})")


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet.

    Not private, loopback, link-local (where clouds serve their metadata), shared (RFC 6598), multicast, reserved,
    unspecified, or a cloud's own, nor IPv6 that wraps such an IPv4 address.
    """
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        in_last_four = ip in _NAT64 or int(ip) >> 32 & 0xFFFFFFFF in _ISATAP
        teredo = ip.teredo[1] if ip.teredo else None
        wrapped = IPv4Address(int(ip) & 0xFFFFFFFF) if in_last_four else ip.ipv4_mapped or ip.sixtofour or teredo
        if wrapped is not None:
            return is_public(str(wrapped))
    odd = ip.is_multicast or ip.is_reserved or (isinstance(ip, IPv6Address) and ip.is_site_local)
    return ip.is_global and not odd and not any(ip in network for network in _SPECIAL)


def open_socket(info: AddressInfo) -> socket.socket:
    """A socket for any address."""
    family, type_, protocol, _, _ = info
    return socket.socket(family, type_, protocol)


def open_public_socket(info: AddressInfo) -> socket.socket:
    """A socket for an address of the public internet; raises PrivateAddressError for another."""
    address = str(info[4][0])
    if not is_public(address):
        raise PrivateAddressError(address)
    return open_socket(info)


class DaemonResolver(AbstractResolver):
    """Resolves names in daemon threads.

    getaddrinfo cannot be stopped and takes half a minute where name servers are silent. In the loop's own executor a
    few such calls hold up all others, and the end of the program waits for them.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        infos = await _in_daemon_thread(
            lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        )
        numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [
            ResolveResult(hostname=host, host=str(address[0]), port=port, family=kind, proto=protocol, flags=numeric)
            for kind, _, protocol, _, address in infos
        ]

    async def close(self) -> None:
        """Nothing to close."""


async def _in_daemon_thread(function: Callable[[], T]) -> T:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def settle(act: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop has closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(lambda: None if answer.done() else act())

    def work() -> None:
        try:
            result = function()
        except (OSError, UnicodeError) as error:
            settle(partial(answer.set_exception, error))
        else:
            settle(partial(answer.set_result, result))

    threading.Thread(target=work, daemon=True).start()
    return await answer
