"""Reads a note of a meter behind a gateway: network 3, physical device address 0102."""
import json
import socket
import sys

from gurux_dlms import GXByteBuffer, GXDLMSClient, GXReplyData
from gurux_dlms.GXDLMSGateway import GXDLMSGateway
from gurux_dlms.enums import Authentication, InterfaceType
from gurux_dlms.objects import GXDLMSData

line = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
client = GXDLMSClient(True, 2, 1, Authentication.LOW, "12345678", InterfaceType.WRAPPER)
client.gateway = GXDLMSGateway()
client.gateway.networkId = 3
client.gateway.physicalDeviceAddress = b"\x01\x02"


def ask(requests):
    reply = GXReplyData()
    for request in requests if isinstance(requests, list) else [requests]:
        line.sendall(request)
        received = GXByteBuffer()
        while True:
            received.set(line.recv(65536))
            if client.getData(received, reply, None):
                break
    return reply


client.parseAareResponse(ask(client.aarqRequest()).data)
note = GXDLMSData("0.0.96.1.9.255")
client.updateValue(note, 2, ask(client.read(note, 2)).value)
print(json.dumps(bytes(note.value).hex()))
