"""One py-ipv8 node that only answers, to compare Peerscope's processor time with.

    python bench_node.py --listen 127.0.0.1:8090

A DiscoveryCommunity without a peer limit, without bootstrap addresses and without strategies, so that every packet that
it sends is an answer. On stdout: one "hello", then one "stats" for each line {"cmd":"stats"} on stdin: the verified
peers, how many communities they are in altogether, the processor seconds (user and system) of the process so far and its
resident memory. {"cmd":"stop"} or the end of the input ends it.
"""
import argparse
import asyncio
import os
import resource
import sys
import tempfile
import time
from importlib.metadata import version

import control
import guard
import keys


def configuration(host, port, key):
    from ipv8.configuration import ConfigBuilder

    builder = ConfigBuilder().clear_keys().clear_overlays().set_log_level("ERROR")
    builder.set_working_directory(tempfile.gettempdir()).add_key_from_bin("me", keys.private_text(key))
    builder.add_overlay("DiscoveryCommunity", "me", [], [], {"max_peers": -1}, [])
    config = builder.finalize()
    config["interfaces"] = [{"interface": "UDPIPv6" if ":" in host else "UDPIPv4", "ip": host, "port": port}]
    return config


def resident_bytes():
    """Resident memory now, or its peak where there is no /proc."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def stats(ipv8):
    times = os.times()
    peers = list(ipv8.network.verified_peers)
    services = sum(len(ipv8.network.get_services_for_peer(peer)) for peer in peers)
    return {"time": time.time(), "verified": len(peers), "services": services, "cpu_user_s": times.user,
            "cpu_system_s": times.system, "cpu_s": time.process_time(), "resident_bytes": resident_bytes(),
            "global_time": ipv8.overlays[0].global_time}


async def main():
    parser = argparse.ArgumentParser(description="a py-ipv8 node that only answers, on loopback")
    parser.add_argument("--listen", default="127.0.0.1:0", help="host:port on loopback; port 0 picks one")
    host, port = control.endpoint_address(parser.parse_args().listen)
    guard.install()
    from ipv8_service import IPv8

    key = keys.new_key("curve25519")
    ipv8 = IPv8(configuration(host, port, key))
    await ipv8.start()
    guard.check_instance(ipv8, [])
    address = control.address_text(ipv8.endpoint.get_address())
    if port and control.endpoint_address(address)[1] != port:
        raise SystemExit("port %d is taken" % port)  # py-ipv8 would go on with another one
    control.say("hello", pyipv8=version("pyipv8"), python=sys.version.split()[0], mid=keys.mid(key.pub().key_to_bin()),
                address=address, pid=os.getpid())
    async for command in control.commands():
        if command["cmd"] == "stop":
            break
        control.say("stats", **stats(ipv8))
    await ipv8.stop()


if __name__ == "__main__":
    asyncio.run(main())
