"""A tracker on py-ipv8's Community class, for Peerscope's interoperation tests.

Written from the IPv8 reference (11.3), since py-ipv8's own tracker script is not in its package: it answers introduction
requests (246) under any community id, asks its peers 246 now and then, and forgets those that do not answer. Its key is a
fresh one of the level "very-low". The first line on stdout is a "hello", then a "report" a second; stdin as in node.py.
"""
import argparse
import asyncio
import random
import sys
import time
from importlib.metadata import version

import control
import guard
import keys

ASK_INTERVAL = 10.0  # seconds between questions to one peer, and between rounds of them
ANSWER_TIME = 5.0  # seconds a peer has to answer one
SAMPLE = 8  # peers of a round
MAX_PEERS = 100  # the newest are kept


class Tracker:
    """Peers by community id. The Community below does the packets."""

    def __init__(self, endpoint, key):
        self.endpoint = endpoint
        self.community = make_community(endpoint, key, self)
        self.members = {}  # public key blob -> (peer, set of community ids)
        self.answers = {}  # public key blob -> questions answered
        self.asked = {}  # public key blob -> time of the last question
        self.pending = {}  # 16-bit identifier -> (public key blob, community id, time)

    def on_packet(self, source, data):
        if len(data) < 23 or data[:2] != b"\x00\x02":
            return
        if data[22] == 246:
            self.on_request(source, data)
        elif data[22] == 245:
            self.on_response(source, data)

    def on_request(self, source, data):
        """Remember the sender, introduce it to someone of the same community, and someone to it."""
        from ipv8.messaging.payload import IntroductionRequestPayload
        from ipv8.peer import Peer

        auth, _, payload = self.community._ez_unpack_auth(IntroductionRequestPayload, data)
        prefix, community = data[:22], data[2:22]
        sender = Peer(auth.public_key_bin, source)
        _, services = self.members.get(auth.public_key_bin, (None, set()))
        self.members[auth.public_key_bin] = (sender, services | {community})
        others = [peer for blob, (peer, ids) in self.members.items() if community in ids and blob != auth.public_key_bin]
        # Community sends the puncture request by itself while it makes the response.
        self.community.next_introduction = random.choice(others) if others else None
        response = self.community.create_introduction_response(
            payload.destination_address, source, payload.identifier,
            introduction=self.community.next_introduction, prefix=prefix)
        self.endpoint.send(source, response)

    def on_response(self, source, data):
        from ipv8.messaging.payload import IntroductionResponsePayload

        auth, _, payload = self.community._ez_unpack_auth(IntroductionResponsePayload, data)
        question = self.pending.pop(payload.identifier, None)
        if question is not None:
            self.answers[auth.public_key_bin] = self.answers.get(auth.public_key_bin, 0) + 1
        if question is not None and payload.peer_limit_reached:
            self.forget(auth.public_key_bin, data[2:22])

    def forget(self, blob, community):
        """Take a peer out of a community, and out of the tracker when that was its last."""
        if blob in self.members:
            _, services = self.members[blob]
            services.discard(community)
            if not services:
                del self.members[blob]
                self.asked.pop(blob, None)

    def ask_round(self, now):
        """Ask a sample of the peers whether they are still there, and keep the newest hundred."""
        for blob in random.sample(sorted(self.members), min(SAMPLE, len(self.members))):
            if now - self.asked.get(blob, 0) > ASK_INTERVAL:
                self.asked[blob] = now
                self.ask(blob, now)
        for blob in list(self.members)[:-MAX_PEERS]:
            del self.members[blob]

    def ask(self, blob, now):
        from ipv8.messaging.payload import IntroductionRequestPayload

        peer, services = self.members[blob]
        community = random.choice(sorted(services))
        packet = self.community.create_introduction_request(peer.address, prefix=b"\x00\x02" + community)
        _, _, payload = self.community._ez_unpack_auth(IntroductionRequestPayload, packet)
        self.pending[payload.identifier] = (blob, community, now)
        self.endpoint.send(peer.address, packet)

    def expire(self, now):
        for identifier, (blob, community, asked) in list(self.pending.items()):
            if now - asked > ANSWER_TIME:
                del self.pending[identifier]
                self.forget(blob, community)

    def report(self):
        return [{"mid": keys.mid(blob), "address": control.address_text(peer.address),
                 "answers": self.answers.get(blob, 0), "services": sorted(service.hex() for service in services)}
                for blob, (peer, services) in self.members.items()]


def make_community(endpoint, key, tracker):
    """A Community that hears every packet of the endpoint, whatever its prefix."""
    from ipv8.community import Community, CommunitySettings
    from ipv8.peer import Peer
    from ipv8.peerdiscovery.network import Network

    class TrackerCommunity(Community):
        community_id = random.randbytes(20)
        next_introduction = None

        def on_packet(self, packet, warn_unknown=True):
            source, data = packet
            try:
                tracker.on_packet(source, data)
            except Exception as error:  # whatever a packet held, as py-ipv8's handlers do
                sys.stderr.write("tracker: packet from %s dropped: %r\n" % (source, error))

        def get_peer_for_introduction(self, exclude=None, new_style=False):
            return self.next_introduction

    settings = CommunitySettings(my_peer=Peer(key), endpoint=endpoint, network=Network(), max_peers=-1)
    community = TrackerCommunity(settings)
    endpoint.add_listener(community)
    return community


async def work_forever(tracker):
    last_round = time.time()
    while True:
        now = time.time()
        tracker.expire(now)
        if now - last_round >= ASK_INTERVAL:
            last_round = now
            tracker.ask_round(now)
        control.say("report", time=now, members=tracker.report())
        await asyncio.sleep(1.0)


async def main():
    parser = argparse.ArgumentParser(description="a py-ipv8 tracker on loopback")
    parser.add_argument("--listen", default="127.0.0.1:0", help="host:port on loopback; port 0 picks one")
    host, port = control.endpoint_address(parser.parse_args().listen)
    guard.install()
    from ipv8.messaging.interfaces.udp.endpoint import UDPEndpoint

    endpoint = UDPEndpoint(port, host)
    if not await endpoint.open():
        raise SystemExit("cannot listen on %s:%d" % (host, port))
    key = keys.new_key("very-low")
    tracker = Tracker(endpoint, key)
    control.say("hello", pyipv8=version("pyipv8"), mid=keys.mid(key.pub().key_to_bin()),
                address=control.address_text(endpoint.get_address()))
    worker = asyncio.ensure_future(work_forever(tracker))
    async for command in control.commands():
        if command["cmd"] == "stop":
            break
    worker.cancel()
    await tracker.community.unload()
    endpoint.close()


if __name__ == "__main__":
    asyncio.run(main())
