# SPDX-License-Identifier: GPL-2.0-only
"""Reads pushes with Gurux's Python library, for interoperability tests; not part of the npm package.

Usage: pushes.py wrapper|hdlc plain|ciphered HEX
Prints the value of the push as JSON, octets in hexadecimal.
"""

import contextlib
import json
import os
import sys

from gurux_dlms import GXByteBuffer, GXDLMSClient, GXReplyData
from gurux_dlms.enums import Authentication, InterfaceType, Security
from gurux_dlms.secure import GXDLMSSecureClient

link, protection, octets = sys.argv[1:4]
interface = InterfaceType.HDLC if link == "hdlc" else InterfaceType.WRAPPER
ciphered = protection == "ciphered"
client = GXDLMSSecureClient(True, 1 if ciphered else 16, 1, Authentication.NONE, None, interface)
if link == "hdlc":
    client.serverAddress = GXDLMSClient.getServerAddress(1, 17)
if ciphered:
    client.ciphering.security = Security.AUTHENTICATION_ENCRYPTION
    client.ciphering.blockCipherKey = bytearray.fromhex("000102030405060708090A0B0C0D0E0F")
    client.ciphering.authenticationKey = bytearray.fromhex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF")
    client.ciphering.systemTitle = bytearray.fromhex("4142430000000001")
reply, notify = GXReplyData(), GXReplyData()
buffer = GXByteBuffer(bytearray.fromhex(octets))
# The library prints what it does.
with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
    for _ in range(100):
        if buffer.position >= buffer.size:
            break
        client.getData(buffer, reply, notify)


def plain(value):
    if isinstance(value, (bytes, bytearray)):
        return value.hex().upper()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


print(json.dumps(plain(notify.value)))
