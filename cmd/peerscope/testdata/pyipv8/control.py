"""JSON lines with the process that started us: messages on stdout, commands on stdin."""
import asyncio
import json
import sys


def say(kind, **fields):
    """Write one message. A reader that is gone ends this process, as it would end any other filter."""
    sys.stdout.write(json.dumps({"type": kind, **fields}, separators=(",", ":")) + "\n")
    sys.stdout.flush()


async def commands():
    """Yield the commands from stdin; the end of the input ends it, so that no process outlives its starter."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    async for line in reader:
        if line.strip():
            yield json.loads(line)


def endpoint_address(text):
    """Read "127.0.0.1:7001" or "[::1]:7001" as (host, port)."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def address_text(address):
    """The inverse of endpoint_address, for any py-ipv8 address."""
    host, port = address[0], address[1]
    return "[%s]:%d" % (host, port) if ":" in host else "%s:%d" % (host, port)
