"""Keeps a py-ipv8 process on loopback, or ends it.

py-ipv8 comes with the addresses of a public network, and its walk goes wherever a packet says. Every script beside this
one calls install() before it opens a socket. Two layers, so that one slip does not reach the wire: the send method of
py-ipv8's UDP endpoints, and CPython's audit events of the socket module, which no code in this process can go around.
A destination outside 127.0.0.0/8 and ::1 ends the process with status 97 and a line on stderr that names it.
"""
import ipaddress
import os
import sys
import traceback
import warnings

EXIT_STATUS = 97

_AUDITED = ("socket.sendto", "socket.sendmsg", "socket.connect", "socket.bind")
_RESOLVING = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo")


def is_loopback(host):
    """Whether host is a numeric address of 127.0.0.0/8 or ::1; names are not, whatever they resolve to."""
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return False
    return ip in ipaddress.ip_network("127.0.0.0/8") or ip == ipaddress.ip_address("::1")


def escape(what, address):
    """End the process at once: nothing may catch this, and no packet may follow."""
    sys.stderr.write("loopback guard: %s to %r refused\n" % (what, address))
    traceback.print_stack(file=sys.stderr)
    sys.stderr.flush()
    os._exit(EXIT_STATUS)


def _check(what, address):
    if not (isinstance(address, tuple) and address and isinstance(address[0], str) and is_loopback(address[0])):
        escape(what, address)


def _audit(event, args):
    if event in _AUDITED:
        address = args[1]
        # Unix sockets have a path; a sendmsg on a connected socket has None, and its connect was checked.
        if isinstance(address, (str, bytes)) or (event == "socket.sendmsg" and address is None):
            return
        _check(event, address)
    elif event in _RESOLVING:
        host = args[0][0] if isinstance(args[0], tuple) else args[0]
        _check(event, (host,))


def _guard_endpoint(endpoint_class):
    send = endpoint_class.send

    def guarded(self, socket_address, packet):
        _check(endpoint_class.__name__ + ".send", tuple(socket_address))
        send(self, socket_address, packet)

    endpoint_class.send = guarded


def _hide_interfaces():
    """Let py-ipv8 see no interface of this host.

    Its LAN address is then 127.0.0.1, as on a host without a network; with the real interfaces its nodes would send each
    other to the addresses of those. On ::1 it has no interface address left either way and then trips over the four
    parts of its own socket's address, so that is cut to two.
    """
    from ipv8 import overlay
    from ipv8.messaging.interfaces import endpoint
    from ipv8.messaging.interfaces.lan_addresses import interfaces
    from ipv8.messaging.interfaces.udp import endpoint as udp

    def none(*_args, **_kwargs):
        return []

    interfaces.get_lan_addresses = endpoint.get_lan_addresses = none
    interfaces.get_providers = overlay.get_providers = none
    full_address = udp.UDPv6Endpoint.get_address
    udp.UDPv6Endpoint.get_address = lambda self: udp.UDPv6Address(*full_address(self)[:2])


def install():
    """Guard the process. Call once, before the first socket is opened and before anything else of py-ipv8 is imported."""
    # The cryptography that still has the sect curves announces their end at every import.
    warnings.filterwarnings("ignore", module=r"ipv8\.keyvault")
    from ipv8.messaging.interfaces.dispatcher import endpoint as dispatcher
    from ipv8.messaging.interfaces.udp import endpoint as udp

    _hide_interfaces()
    for endpoint_class in (udp.UDPEndpoint, dispatcher.DispatcherEndpoint):
        _guard_endpoint(endpoint_class)
    sys.addaudithook(_audit)


def check_instance(ipv8, trackers):
    """End the process unless the bootstrappers of an IPv8 instance know the given addresses only, and no name."""
    from ipv8.bootstrapping.dispersy.bootstrapper import DispersyBootstrapper

    wanted = {tuple(address) for address in trackers}
    for overlay in ipv8.overlays:
        for bootstrapper in overlay.bootstrappers:
            if type(bootstrapper) is not DispersyBootstrapper:
                escape("bootstrapper", type(bootstrapper).__name__)
            if list(bootstrapper.dns_addresses):
                escape("bootstrap name", bootstrapper.dns_addresses)
            addresses = {tuple(address) for address in bootstrapper.ip_addresses}
            if addresses != wanted or not all(is_loopback(host) for host, _ in addresses):
                escape("bootstrap", sorted(addresses))
        if bool(overlay.bootstrappers) != bool(wanted):
            escape("number of bootstrappers", len(overlay.bootstrappers))
