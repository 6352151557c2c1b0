# SPDX-License-Identifier: MIT
"""A client made of the Python library dlms-cosem, for interoperability tests; not part of the npm package.

Usage: client.py NAME=VALUE...   with the names of ClientOptions in ../../support/report.ts
Prints what it read and did as one JSON object; see ../../support/report.ts.
"""

import json
import socket
import sys

from dlms_cosem import cosem, utils
from dlms_cosem.clients.blocking_tcp_transport import BlockingTcpTransport
from dlms_cosem.clients.dlms_client import DataResultError, DlmsClient
from dlms_cosem.clients.hdlc_transport import SerialHdlcTransport
from dlms_cosem.cosem.capture_object import CaptureObject
from dlms_cosem.cosem.selective_access import RangeDescriptor
from dlms_cosem.dlms_data import DoubleLongUnsignedData, IntegerData, OctetStringData
from dlms_cosem.enumerations import AuthenticationMechanism, CosemInterface
from dlms_cosem.hdlc import frames, state
from dlms_cosem.time import datetime_from_bytes


class SocketLine:
    """The library speaks HDLC over serial ports alone; this gives it a socket that looks like one."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 8)
        self.received = bytearray()

    def write(self, octets):
        self.socket.sendall(octets)

    def read(self, length):
        while len(self.received) < length:
            octets = self.socket.recv(4096)
            if not octets:
                raise ConnectionError("the meter closed the line")
            self.received += octets
        taken, self.received = bytes(self.received[:length]), self.received[length:]
        return taken


class HdlcLine(SerialHdlcTransport):
    """The library expects two check sequences in each UA, so it cannot read the short one that answers a DISC."""

    def next_event(self):
        """The library reads up to the next flag and waits for ever where a frame ends in a check that looks like one."""
        connection = self.hdlc_connection
        while True:
            event = connection.next_event()
            if event is not state.NEED_DATA:
                return event
            # What it took for the end of the frame was inside of it: there is more to look through.
            if connection.buffer_search_position < len(connection.buffer):
                continue
            connection.receive_data(self._read_frame())

    def _read_frame(self):
        head = self._serial.read(3)
        length = (head[1] & 0x07) << 8 | head[2]
        return head + self._serial.read(length - 1)

    def disconnect(self):
        disc = frames.DisconnectFrame(self.server_hdlc_address, self.client_hdlc_address)
        self._write_bytes(self.hdlc_connection.send(disc))
        answer = self._read_frame()
        # Flag, format of two octets, client address, server address of two octets, then the control field.
        if answer[6] != 0x73:
            raise ValueError(f"no UA: {answer.hex()}")


class WrapperLine(BlockingTcpTransport):
    """`_recv_bytes` of the library spins for ever once the meter has closed the line."""

    def _recv_bytes(self, amount):
        octets = b""
        while len(octets) < amount:
            more = self.tcp_socket.recv(amount - len(octets))
            if not more:
                raise ConnectionError("the meter closed the line")
            octets += more
        return octets


def client(port, link, authentication, password, key, counter):
    address = {"none": 16, "low": 2, "gmac": 1}[authentication]
    if link == "hdlc":
        line = HdlcLine(
            client_logical_address=address,
            server_logical_address=1,
            server_physical_address=17,
            serial_port="",
            serial=SocketLine(port),
        )
    else:
        line = WrapperLine("127.0.0.1", port, address, 1)
    security = {
        "none": {},
        "low": {"authentication_method": AuthenticationMechanism.LLS, "password": password.encode("ascii")},
        "gmac": {
            "authentication_method": AuthenticationMechanism.HLS_GMAC,
            "encryption_key": bytes.fromhex(key),
            "authentication_key": bytes.fromhex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
            "client_system_title": b"UTI\x00\x00\x00\x00\x01",
            "client_initial_invocation_counter": counter,
        },
    }[authentication]
    return DlmsClient(client_logical_address=address, server_logical_address=1, io_interface=line, **security)


def attribute(class_id, name, number):
    return cosem.CosemAttribute(CosemInterface(class_id), cosem.Obis.from_string(name), number)


def plain(value):
    """A value as JSON: octets in hexadecimal, arrays and structures as lists."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex().upper()
    if isinstance(value, (list, tuple)):
        return [plain(element) for element in value]
    return value


def moment(octets):
    return datetime_from_bytes(octets)[0]


def report(meter, start, end):
    energy, voltage = attribute(3, "1.0.15.8.0.255", 2), attribute(3, "1.0.32.7.0.255", 2)
    profile, note = attribute(7, "1.0.99.1.0.255", 2), attribute(1, "0.0.96.1.9.255", 2)

    def read(of, selection=None):
        return plain(utils.parse_as_dlms_data(meter.get(of, selection)))

    def scaler(of):
        return read(cosem.CosemAttribute(of.interface, of.instance, 3))

    clock = attribute(8, "0.0.1.0.0.255", 2)
    answer = {"peer": "u9n", "clock": read(clock)}
    answer["energy"] = [read(energy), scaler(energy)]
    answer["voltage"] = [read(voltage), scaler(voltage)]
    answer["objects"] = read(attribute(15, "0.0.40.0.0.255", 2))
    answer["columns"] = read(attribute(7, "1.0.99.1.0.255", 3))
    answer["all"] = read(profile)
    answer["range"] = read(profile, RangeDescriptor(CaptureObject(clock), moment(start), moment(end)))
    # Longer ones cannot be ciphered: both `OctetStringData` and `GeneralGlobalCipher` write a length as one octet.
    text = bytes((7 * i + 40) & 0xFF for i in range(40))
    meter.set(note, OctetStringData(text).to_bytes())
    answer["note"] = [read(note)]
    answer["denied"] = meter.set(energy, DoubleLongUnsignedData(0).to_bytes()).result.value
    try:
        answer["missing"] = read(attribute(3, "1.0.250.8.0.255", 2))
    except DataResultError as refused:
        answer["missing"] = 4 if "OBJECT_UNDEFINED" in str(refused) else str(refused)
    output = attribute(70, "0.0.96.3.10.255", 2)
    states = [read(output)]
    for number in (1, 2):
        method = cosem.CosemMethod(output.interface, output.instance, number)
        # Raises when the result is another than success.
        meter.action(method, IntegerData(0).to_bytes())
        states += [0, read(output)]
    answer["switch"] = states
    return answer


def main():
    told = dict(argument.split("=", 1) for argument in sys.argv[1:])
    names = ("link", "authentication", "password", "key")
    meter = client(int(told["port"]), *(told[name] for name in names), int(told["counter"]))
    with meter.session():
        answer = report(meter, bytes.fromhex(told["from"]), bytes.fromhex(told["to"]))
    print(json.dumps(answer))


main()
