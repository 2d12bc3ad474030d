"""Runs py-ipv8 nodes on loopback and tells about them, for Peerscope's interoperation tests.

    python node.py --count 10 --key-level curve25519 --communities 3 --pool 5 --seed 1 --tracker 127.0.0.1:8090

Each node is an IPv8 instance with its own key, socket and network: the DiscoveryCommunity with py-ipv8's default
strategies, and a few communities with random ids out of a pool that the seed fixes. On stdout: one "hello" with the
nodes and their ids, then a "report" a second. On stdin: {"cmd":"walk","node":0,"address":"[::1]:7001"},
{"cmd":"kill","node":0} and {"cmd":"stop"}; each is answered by a "done".
"""
import argparse
import asyncio
import random
import sys
import tempfile
import time
from importlib.metadata import version

import control
import guard
import keys


def arguments():
    parser = argparse.ArgumentParser(description="py-ipv8 nodes on loopback")
    parser.add_argument("--count", type=int, default=10, help="nodes in this process")
    parser.add_argument("--key-level", default="curve25519", help="key level, or several with commas, taken in turn")
    parser.add_argument("--communities", type=int, default=3, help="random communities of each node")
    parser.add_argument("--pool", type=int, default=5, help="random communities altogether")
    parser.add_argument("--seed", type=int, default=1, help="fixes the pool and who is in what")
    parser.add_argument("--tracker", action="append", default=[], help="host:port on loopback; none: nobody to ask")
    parser.add_argument("--ipv6", action="store_true", help="sockets on ::1 only")
    options = parser.parse_args()
    options.tracker = [control.endpoint_address(text) for text in options.tracker]
    for address in options.tracker:
        if not guard.is_loopback(address[0]):
            parser.error("a tracker must have a loopback address")
    return options


def community_classes(options):
    """The pool, as py-ipv8 wants it: class names to Community classes that differ in their id only."""
    from ipv8.community import Community

    rng = random.Random(options.seed)
    ids = [rng.randbytes(20) for _ in range(options.pool)]
    return {"Random%d" % i: type("Random%d" % i, (Community,), {"community_id": id_}) for i, id_ in enumerate(ids)}


def configuration(options, key, class_names):
    """py-ipv8's defaults, but for the bootstrap addresses, the socket's address and the key."""
    from ipv8.configuration import (Bootstrapper, BootstrapperDefinition, ConfigBuilder, Strategy, WalkerDefinition)

    walk = WalkerDefinition(Strategy.RandomWalk, 20, {"timeout": 3.0})
    churn = WalkerDefinition(Strategy.RandomChurn, -1, {})
    similarity = WalkerDefinition(Strategy.PeriodicSimilarity, -1, {})
    bootstrap = []
    if options.tracker:
        bootstrap = [BootstrapperDefinition(Bootstrapper.DispersyBootstrapper,
                                            {"ip_addresses": options.tracker, "dns_addresses": []})]
    builder = ConfigBuilder().clear_keys().clear_overlays().set_log_level("WARNING")
    builder.set_working_directory(tempfile.gettempdir()).add_key_from_bin("me", keys.private_text(key))
    builder.add_overlay("DiscoveryCommunity", "me", [walk, churn, similarity], bootstrap, {}, [])
    for name in class_names:
        builder.add_overlay(name, "me", [walk], bootstrap, {}, [])
    config = builder.finalize()
    config["interfaces"] = [{"interface": "UDPIPv6" if options.ipv6 else "UDPIPv4",
                             "ip": "::1" if options.ipv6 else "127.0.0.1", "port": 0}]
    return config


class Node:
    """One IPv8 instance and what there is to say about it."""

    def __init__(self, number, options, pool, rng):
        from ipv8_service import IPv8

        self.number = number
        self.options = options
        levels = options.key_level.split(",")
        self.key = keys.new_key(levels[number % len(levels)])
        names = sorted(rng.sample(sorted(pool), options.communities))
        self.ipv8 = IPv8(configuration(options, self.key, names), extra_communities=pool)
        self.running = False

    async def start(self):
        guard.check_instance(self.ipv8, self.options.tracker)
        await self.ipv8.start()
        guard.check_instance(self.ipv8, self.options.tracker)
        self.running = True

    async def stop(self):
        """Stop answering; the protocol knows no goodbye."""
        if self.running:
            self.running = False
            await self.ipv8.stop()

    def walk(self, address):
        """Send an introduction request of the DiscoveryCommunity there."""
        from ipv8.messaging.interfaces.udp.endpoint import UDPv4Address, UDPv6Address

        kind = UDPv6Address if ":" in address[0] else UDPv4Address
        self.ipv8.overlays[0].walk_to(kind(*address))

    def hello(self):
        blob = self.key.pub().key_to_bin()
        return {"node": self.number, "mid": keys.mid(blob), "public_key": blob.hex(), "key_type": keys.key_type(blob),
                "address": control.address_text(self.ipv8.endpoint.get_address()),
                "communities": [overlay.community_id.hex() for overlay in self.ipv8.overlays]}

    def report(self):
        network = self.ipv8.network
        return {"node": self.number, "running": self.running, "global_time": self.ipv8.overlays[0].global_time,
                "walkable": len(network.get_walkable_addresses()),
                "peers": [self.peer(peer) for peer in list(network.verified_peers)]}

    def peer(self, peer):
        """A verified peer, times in milliseconds."""
        services = self.ipv8.network.get_services_for_peer(peer)
        median = peer.get_median_ping()
        return {"mid": peer.mid.hex(), "key_type": keys.key_type(peer.public_key.key_to_bin()),
                "address": control.address_text(peer.address),
                "addresses": [control.address_text(address) for address in peer.addresses.values()],
                "services": sorted(service.hex() for service in services),
                "pings_ms": [ping * 1000 for ping in peer.pings],
                "median_ms": None if median is None else median * 1000}


async def report_forever(nodes):
    while True:
        control.say("report", time=time.time(), nodes=[node.report() for node in nodes])
        await asyncio.sleep(1.0)


async def obey(nodes):
    async for command in control.commands():
        verb = command["cmd"]
        if verb == "stop":
            return
        if verb == "kill":
            await nodes[command["node"]].stop()
        elif verb == "walk":
            nodes[command["node"]].walk(control.endpoint_address(command["address"]))
        else:
            raise SystemExit("unknown command %r" % verb)
        control.say("done", cmd=verb, node=command["node"])


async def main():
    options = arguments()
    guard.install()
    pool = community_classes(options)
    rng = random.Random(options.seed + 1)
    nodes = [Node(number, options, pool, rng) for number in range(options.count)]
    for node in nodes:
        await node.start()
    control.say("hello", pyipv8=version("pyipv8"), python=sys.version.split()[0],
                pool=[community.community_id.hex() for community in pool.values()],
                nodes=[node.hello() for node in nodes])
    reporter = asyncio.ensure_future(report_forever(nodes))
    await obey(nodes)
    reporter.cancel()
    for node in nodes:
        await node.stop()


if __name__ == "__main__":
    asyncio.run(main())
