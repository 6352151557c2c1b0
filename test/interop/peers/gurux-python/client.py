# SPDX-License-Identifier: GPL-2.0-only
"""A client made of Gurux's Python library, for interoperability tests; not part of the npm package.

Usage: client.py NAME=VALUE...   with the names of ClientOptions in ../../support/report.ts
Prints what it read and did as one JSON object; see ../../support/report.ts.
"""

import datetime
import enum
import json
import os
import socket
import sys

from gurux_dlms import GXBitString, GXByteBuffer, GXDateTime, GXReplyData
from gurux_dlms.ecdsa import GXPrivateKey, GXPublicKey
from gurux_dlms.enums import Authentication, Conformance, InterfaceType, Security
from gurux_dlms.GXDLMSException import GXDLMSException
from gurux_dlms.objects import (
    GXDLMSAssociationLogicalName,
    GXDLMSAssociationShortName,
    GXDLMSClock,
    GXDLMSData,
    GXDLMSDisconnectControl,
    GXDLMSProfileGeneric,
    GXDLMSRegister,
    GXDLMSSecuritySetup,
)
from gurux_dlms.objects.enums import GlobalKeyType, SecuritySuite
from gurux_dlms.secure import GXDLMSSecureClient

CLOCK = GXDLMSClock("0.0.1.0.0.255")
ENERGY = GXDLMSRegister("1.0.15.8.0.255")
VOLTAGE = GXDLMSRegister("1.0.32.7.0.255")
MISSING = GXDLMSRegister("1.0.250.8.0.255")
NOTE = GXDLMSData("0.0.96.1.9.255")
SWITCH = GXDLMSDisconnectControl("0.0.96.3.10.255")
PROFILE = GXDLMSProfileGeneric("1.0.99.1.0.255")
# Address of the client, and mechanism.
AUTHENTICATIONS = {
    "none": (16, Authentication.NONE),
    "low": (2, Authentication.LOW),
    "gmac": (1, Authentication.HIGH_GMAC),
    "md5": (103, Authentication.HIGH_MD5),
    "sha1": (104, Authentication.HIGH_SHA1),
    "sha256": (106, Authentication.HIGH_SHA256),
    "ecdsa": (107, Authentication.HIGH_ECDSA),
}


class Session:
    """The library makes and reads messages; the socket is ours."""

    def __init__(self, told):
        link, authentication = told["link"], told["authentication"]
        client = GXDLMSSecureClient(told["referencing"] == "logical-name")
        client.interfaceType = InterfaceType.HDLC if link == "hdlc" else InterfaceType.WRAPPER
        client.clientAddress, client.authentication = AUTHENTICATIONS[authentication]
        client.serverAddress = client.getServerAddress(1, 17) if link == "hdlc" else 1
        if authentication == "low":
            client.password = told["password"].encode("ascii")
        if authentication in ("md5", "sha1", "sha256"):
            client.password = told["secret"].encode("ascii")
        if authentication == "ecdsa":
            peer = GXPublicKey.fromRawBytes(bytearray.fromhex("04" + told["peerPublicKey"]))
            own = GXPrivateKey.fromRawBytes(bytearray.fromhex(told["privateKey"]))
            client.ciphering.signingKeyPair = (peer, own)
            # The library draws 16 octets; ECDSA has 32 at least.
            client.ctoSChallenge = bytearray(os.urandom(32))
        if authentication == "gmac":
            suite = int(told["suite"])
            # Clients of the mock meter: one for each suite.
            client.clientAddress += 10 * suite
            client.ciphering.securitySuite = (SecuritySuite.SUITE_0, SecuritySuite.SUITE_1, SecuritySuite.SUITE_2)[suite]
            client.ciphering.security = {
                "authenticated": Security.AUTHENTICATION,
                "encrypted": Security.ENCRYPTION,
                "authenticated-encrypted": Security.AUTHENTICATION_ENCRYPTION,
            }[told["protection"]]
            client.ciphering.systemTitle = bytearray(b"GRX\x00\x00\x00\x00\x01")
            client.ciphering.blockCipherKey = bytearray.fromhex(told["key"])
            client.ciphering.authenticationKey = bytearray(0xD0 + i for i in range(len(told["key"]) // 2))
            if told["dedicated"] == "true":
                client.ciphering.dedicatedKey = bytearray(os.urandom(len(told["key"]) // 2))
            if told["general"] == "true":
                client.proposedConformance |= Conformance.GENERAL_PROTECTION
            else:
                client.proposedConformance &= ~Conformance.GENERAL_PROTECTION
            client.ciphering.invocationCounter = int(told["counter"])
        if told["generalBlocks"] == "true":
            client.proposedConformance |= Conformance.GENERAL_BLOCK_TRANSFER
            client.maxReceivePDUSize = 512
        self.client = client
        self.socket = socket.create_connection(("127.0.0.1", int(told["port"])), 8)

    def exchange(self, message, reply):
        """Sends one frame or packet and reads until the library says that its answer is whole."""
        self.socket.sendall(bytes(message))
        reply.error = 0
        incoming = GXByteBuffer()
        notify = GXReplyData()
        while not self.client.getData(incoming, reply, notify):
            octets = self.socket.recv(4096)
            if not octets:
                raise ConnectionError("the meter closed the line")
            incoming.set(octets)

    def request(self, messages):
        """Sends all parts of a request, then asks for more until the answer is whole."""
        reply = GXReplyData()
        # `readList` gives a list of lists where all other methods give a list.
        for message in flat(messages):
            reply.clear()
            self.exchange(message, reply)
            while reply.isMoreData():
                self.exchange(self.client.receiverReady(reply), reply)
            if reply.error:
                raise GXDLMSException(reply.error)
        return reply

    def open(self):
        client = self.client
        snrm = client.snrmRequest()
        if snrm:
            reply = GXReplyData()
            self.exchange(snrm, reply)
            client.parseUAResponse(reply.data)
        client.parseAareResponse(self.request(client.aarqRequest()).data)
        if client.authentication > Authentication.LOW:
            reply = self.request(client.getApplicationAssociationRequest())
            client.parseApplicationAssociationResponse(reply.data)

    def renew(self, master, key):
        """Transfers a new unicast key, and goes on under it."""
        transfer = [(GlobalKeyType.UNICAST_ENCRYPTION, key)]
        self.request(GXDLMSSecuritySetup().globalKeyTransfer(self.client, master, transfer))
        self.client.ciphering.blockCipherKey = key

    def name(self):
        """Gives the objects their short names, as the meter lists them."""
        self.client.parseObjects(self.request([self.client.getObjectsRequest()]).data, True)
        listed = {item.logicalName: item.shortName for item in self.client.objects}
        MISSING.shortName = 0x7000
        for item in (CLOCK, ENERGY, VOLTAGE, NOTE, SWITCH, PROFILE):
            item.shortName = listed[item.logicalName]

    def close(self):
        release = self.client.releaseRequest()
        if release:
            self.request(release)
        disconnect = self.client.disconnectRequest()
        if disconnect and self.client.interfaceType == InterfaceType.HDLC:
            self.exchange(disconnect, GXReplyData())
        self.socket.close()

    def read(self, item, attribute):
        return plain(self.request(self.client.read(item, attribute)).value)

    def result(self, messages):
        """The result of a request that may be refused."""
        try:
            self.request(messages)
            return 0
        except GXDLMSException as refused:
            return int(refused.errorCode)

    def write_note(self, length):
        NOTE.value = bytearray((7 * i + length) & 0xFF for i in range(length))
        self.request(self.client.write(NOTE, 2))
        return self.read(NOTE, 2)


def flat(messages):
    for message in messages:
        if isinstance(message, list):
            yield from message
        else:
            yield message


def plain(value):
    """A value as JSON: octets in hexadecimal, arrays and structures as lists."""
    if isinstance(value, (bytes, bytearray)):
        return value.hex().upper()
    if isinstance(value, GXBitString):
        return str(value)
    if isinstance(value, GXDateTime):
        raise TypeError("a date-time was taken apart")
    if isinstance(value, (list, tuple)):
        return [plain(element) for element in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, enum.Enum):
        return value.value
    return int(value)


def moment(octets):
    """A date-time with its zone: the deviation of COSEM has the opposite sign."""
    deviation = int.from_bytes(octets[9:11], "big", signed=True)
    zone = datetime.timezone(datetime.timedelta(minutes=-deviation))
    date = datetime.datetime(octets[0] << 8 | octets[1], octets[2], octets[3], octets[5], octets[6], octets[7], tzinfo=zone)
    return GXDateTime(date)


def report(session, start, end):
    client = session.client
    read = session.read
    answer = {"peer": "gurux-python"}
    answer["clock"] = read(CLOCK, 2)
    answer["energy"] = [read(ENERGY, 2), read(ENERGY, 3)]
    answer["voltage"] = [read(VOLTAGE, 2), read(VOLTAGE, 3)]
    answer["list"] = plain(session.request(client.readList([(ENERGY, 3), (VOLTAGE, 3), (NOTE, 2)])).value)
    by_name = client.useLogicalNameReferencing
    answer["objects"] = read(GXDLMSAssociationLogicalName() if by_name else GXDLMSAssociationShortName(), 2)
    answer["columns"] = read(PROFILE, 3)
    answer["all"] = read(PROFILE, 2)
    answer["entries"] = plain(session.request(client.readRowsByEntry(PROFILE, 3, 96)).value)
    answer["range"] = plain(session.request(client.readRowsByRange(PROFILE, moment(start), moment(end))).value)
    answer["note"] = [session.write_note(40), session.write_note(3000)]
    ENERGY.value = 0
    answer["denied"] = session.result(client.write(ENERGY, 2))
    answer["missing"] = session.result(client.read(MISSING, 2))
    states = [read(SWITCH, 2)]
    for action in (SWITCH.remoteDisconnect, SWITCH.remoteReconnect):
        states += [session.result(action(client)), read(SWITCH, 2)]
    answer["switch"] = states
    return answer


def main():
    told = dict(argument.split("=", 1) for argument in sys.argv[1:])
    session = Session(told)
    session.open()
    if told["referencing"] == "short-name":
        session.name()
    if "newKey" in told:
        session.renew(bytearray.fromhex(told["masterKey"]), bytearray.fromhex(told["newKey"]))
    answer = report(session, bytes.fromhex(told["from"]), bytes.fromhex(told["to"]))
    session.close()
    print(json.dumps(answer))


main()
