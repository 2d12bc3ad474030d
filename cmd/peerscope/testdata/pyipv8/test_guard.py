"""The loopback guard itself: python -m unittest test_guard. Nothing here sends a packet."""
import socket
import sys
import types
import unittest
from unittest import mock

import guard

PUBLIC = [("192.0.2.9", 6421), ("0.0.0.0", 6421), ("255.255.255.255", 6421), ("128.0.0.1", 6421), ("10.0.0.1", 6421),
          ("::", 6421), ("::ffff:192.0.2.9", 6421), ("fd00::2", 6421), ("localhost", 6421), ("example.org", 6421)]
LOOPBACK = [("127.0.0.1", 6421), ("127.255.255.254", 6421), ("::1", 6421), ("::1", 6421, 0, 0)]


class Escaped(Exception):
    """Stands for the end of the process."""


def instance(*bootstrappers):
    return types.SimpleNamespace(overlays=[types.SimpleNamespace(bootstrappers=list(bootstrappers))])


class GuardTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        guard.install()

    def setUp(self):
        patch = mock.patch.object(guard, "escape", side_effect=Escaped)
        patch.start()
        self.addCleanup(patch.stop)

    def test_socket_events(self):
        for event in guard._AUDITED:
            for address in PUBLIC:
                with self.subTest(event=event, address=address), self.assertRaises(Escaped):
                    sys.audit(event, None, address)
            for address in LOOPBACK:
                sys.audit(event, None, address)
        for event in guard._RESOLVING:
            with self.subTest(event=event), self.assertRaises(Escaped):
                sys.audit(event, "example.org", 0)

    def test_a_real_socket_raises_the_event(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            with mock.patch.object(guard, "is_loopback", return_value=False), self.assertRaises(Escaped):
                sock.sendto(b"", ("127.0.0.1", 9))

    def test_endpoints(self):
        from ipv8.messaging.interfaces.dispatcher.endpoint import DispatcherEndpoint
        from ipv8.messaging.interfaces.udp.endpoint import UDPEndpoint, UDPv6Endpoint

        for endpoint in (UDPEndpoint(), UDPv6Endpoint(), DispatcherEndpoint([])):
            for address in PUBLIC:
                with self.subTest(endpoint=endpoint, address=address), self.assertRaises(Escaped):
                    endpoint.send(address, b"")

    def test_bootstrappers(self):
        from ipv8.bootstrapping.dispersy.bootstrapper import DispersyBootstrapper
        from ipv8.bootstrapping.udpbroadcast.bootstrapper import UDPBroadcastBootstrapper

        ours = ("127.0.0.1", 7001)
        guard.check_instance(instance(DispersyBootstrapper([ours], [])), [ours])
        guard.check_instance(instance(), [])
        wrong = {
            "another address": [DispersyBootstrapper([ours, ("127.0.0.1", 7002)], [])],
            "a public address": [DispersyBootstrapper([("192.0.2.9", 7001)], [])],
            "a name": [DispersyBootstrapper([ours], [("example.org", 7001)])],
            "broadcast": [DispersyBootstrapper([ours], []), UDPBroadcastBootstrapper()],
            "none": [],
        }
        for name, bootstrappers in wrong.items():
            with self.subTest(name), self.assertRaises(Escaped):
                guard.check_instance(instance(*bootstrappers), [ours])
        with self.assertRaises(Escaped):
            guard.check_instance(instance(DispersyBootstrapper([ours], [])), [])


if __name__ == "__main__":
    unittest.main()
