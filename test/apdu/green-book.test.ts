import { describe, expect, it } from "vitest";
import {
  type Apdu,
  applicationContexts,
  authenticationMechanisms,
  conformanceOf,
  decodeApdu,
  encodeApdu,
} from "../../src/apdu/index.js";
import { fromHex, toHex } from "../../src/base/index.js";

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const octets = fromHex;
const authenticationUnit = { length: 1, bytes: Uint8Array.of(0x80) };
const confirmed = { invokeId: 1, confirmed: true, highPriority: true };
const register = { classId: 1, instanceId: octets("0000800000FF"), attributeId: 2 };

/** Both ways: the octets decode to the value and the value encodes to the octets. */
function holds(name: string, hex: string, apdu: Apdu): void {
  it(name, () => {
    expect(decodeApdu(octets(hex))).toEqual(apdu);
    expect(toHex(encodeApdu(apdu))).toBe(toHex(octets(hex)));
  });
}

describe("Green Book clause 11: association without ciphering", () => {
  const initiateRequest = "01 00 00 00 06 5F1F 04 00 007E1F 04B0";
  const initiateResponse = "08 00 06 5F1F 04 00 00501F 01F4 0007";

  holds("xDLMS InitiateRequest", initiateRequest, {
    type: "initiate-request",
    responseAllowed: true,
    proposedDlmsVersionNumber: 6,
    proposedConformance: conformanceOf([
      "priority-mgmt-supported",
      "attribute0-supported-with-get",
      "block-transfer-with-get-or-read",
      "block-transfer-with-set-or-write",
      "block-transfer-with-action",
      "multiple-references",
      "get",
      "set",
      "selective-access",
      "event-notification",
      "action",
    ]),
    clientMaxReceivePduSize: 1200,
  });
  holds(
    "xDLMS InitiateRequest with a dedicated key",
    "01 01 10 00112233445566778899AABBCCDDEEFF 00 00 06 5F1F0400 007E1F 04B0",
    {
      type: "initiate-request",
      dedicatedKey: octets("00112233445566778899AABBCCDDEEFF"),
      responseAllowed: true,
      proposedDlmsVersionNumber: 6,
      proposedConformance: 0x007e1f,
      clientMaxReceivePduSize: 1200,
    },
  );
  holds("xDLMS InitiateResponse", initiateResponse, {
    type: "initiate-response",
    negotiatedDlmsVersionNumber: 6,
    negotiatedConformance: 0x00501f,
    serverMaxReceivePduSize: 500,
    vaaName: 7,
  });
  holds("AARQ, lowest level", `60 1D A1 09 06 07 60857405080101 BE 10 04 0E ${initiateRequest}`, {
    type: "aarq",
    applicationContextName: applicationContexts["logical-name"],
    userInformation: octets(initiateRequest),
  });
  holds(
    "AARQ, low level security",
    `60 36 A1 09 06 07 60857405080101 8A 02 07 80 8B 07 60857405080201 AC 0A 80 08 3132333435363738 BE 10 04 0E ${initiateRequest}`,
    {
      type: "aarq",
      applicationContextName: applicationContexts["logical-name"],
      senderAcseRequirements: authenticationUnit,
      mechanismName: authenticationMechanisms.low,
      callingAuthenticationValue: { choice: "charstring", value: ascii("12345678") },
      userInformation: octets(initiateRequest),
    },
  );
  holds(
    "AARE, accepted",
    `61 29 A1 09 06 07 60857405080101 A2 03 02 01 00 A3 05 A1 03 02 01 00 BE 10 04 0E ${initiateResponse}`,
    {
      type: "aare",
      applicationContextName: applicationContexts["logical-name"],
      result: 0,
      resultSourceDiagnostic: { source: "acse-service-user", diagnostic: 0 },
      userInformation: octets(initiateResponse),
    },
  );
  holds(
    "AARE, refused since the DLMS version is too low",
    "61 1F A1 09 06 07 60857405080101 A2 03 02 01 01 A3 05 A1 03 02 01 01 BE 06 04 04 0E 01 06 01",
    {
      type: "aare",
      applicationContextName: applicationContexts["logical-name"],
      result: 1,
      resultSourceDiagnostic: { source: "acse-service-user", diagnostic: 1 },
      userInformation: octets("0E010601"),
    },
  );
  holds("the ConfirmedServiceError inside it", "0E 01 06 01", {
    type: "confirmed-service-error",
    service: 1,
    category: 6,
    value: 1,
  });
});

describe("Green Book clause 12: association with ciphering", () => {
  const ciphered =
    "21 30 30 01234567 801302FF8A7874133D414CED25B42534D28DB0047720606B175BD52211BE6841DB204D39EE6FDB8E356855";

  holds("glo-initiateRequest", ciphered, { type: "glo-initiate-request", content: octets(ciphered).subarray(2) });
  holds(
    "AARQ, ciphered context",
    `60 66 A1 09 06 07 60857405080103 A6 0A 04 08 4D4D4D0000BC614E 8A 02 07 80 8B 07 60857405080201 AC 0A 80 08 3132333435363738 BE 34 04 32 ${ciphered}`,
    {
      type: "aarq",
      applicationContextName: applicationContexts["logical-name-ciphered"],
      callingApTitle: octets("4D4D4D0000BC614E"),
      senderAcseRequirements: authenticationUnit,
      mechanismName: authenticationMechanisms.low,
      callingAuthenticationValue: { choice: "charstring", value: ascii("12345678") },
      userInformation: octets(ciphered),
    },
  );
  holds("RLRQ without user-information", "62 03 80 01 00", { type: "rlrq", reason: 0 });
  holds(
    "RLRE with a ciphered initiateResponse",
    "63 28 80 01 00 BE 23 04 21 28 1F 30 01234567 891214A0845E475714383F65BC19745CA235906525E4F3E1C893",
    {
      type: "rlre",
      reason: 0,
      userInformation: octets("281F3001234567891214A0845E475714383F65BC19745CA235906525E4F3E1C893"),
    },
  );
  holds("glo-get-request", "C8 1E 30 01234567 411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B", {
    type: "glo-get-request",
    content: octets("3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B"),
  });
});

/** Bodies of the examples; the invoke-id is C1 throughout. */
describe("Green Book clause 14.1: GET, SET and ACTION", () => {
  const fifty = "0102030405060708091011121314151617181920212223242526272829303132333435363738394041424344454647484950";

  holds("GET.request normal", "C0 01 C1 0001 0000800000FF 02 00", {
    type: "get-request",
    choice: "normal",
    invokeIdAndPriority: confirmed,
    attribute: register,
  });
  holds("GET.request with list", "C0 03 C1 02 0001 0000800000FF 02 00 0001 0000800100FF 02 00", {
    type: "get-request",
    choice: "with-list",
    invokeIdAndPriority: confirmed,
    attributes: [{ attribute: register }, { attribute: { ...register, instanceId: octets("0000800100FF") } }],
  });
  holds(
    "GET.response with data block",
    "C4 02 C1 00 00000001 00 1E 093201020304050607080910111213141516171819202122232425262728",
    {
      type: "get-response",
      choice: "with-datablock",
      invokeIdAndPriority: confirmed,
      lastBlock: false,
      blockNumber: 1,
      result: { ok: true, data: octets("093201020304050607080910111213141516171819202122232425262728") },
    },
  );
  holds("SET.request normal", `C1 01 C1 0001 0000800000FF 02 00 09 32 ${fifty}`, {
    type: "set-request",
    choice: "normal",
    invokeIdAndPriority: confirmed,
    attribute: register,
    value: octets(`0932${fifty}`),
  });
  holds(
    "SET.request with first data block",
    "C1 02 C1 0001 0000800000FF 02 00 00 00000001 15 093201020304050607080910111213141516171819",
    {
      type: "set-request",
      choice: "with-first-datablock",
      invokeIdAndPriority: confirmed,
      attribute: register,
      datablock: { lastBlock: false, blockNumber: 1, rawData: octets("093201020304050607080910111213141516171819") },
    },
  );
  holds("SET.request with data block", "C1 03 C1 01 00000002 08 2021222324252627", {
    type: "set-request",
    choice: "with-datablock",
    invokeIdAndPriority: confirmed,
    datablock: { lastBlock: true, blockNumber: 2, rawData: octets("2021222324252627") },
  });
  holds("SET.response normal", "C5 01 C1 01", {
    type: "set-response",
    choice: "normal",
    invokeIdAndPriority: confirmed,
    result: 1,
  });
  holds("SET.response for a data block", "C5 02 C1 00000001", {
    type: "set-response",
    choice: "datablock",
    invokeIdAndPriority: confirmed,
    blockNumber: 1,
  });
  holds("ACTION.request normal", "C3 01 C1 0001 0000800000FF 08 01 09 06 010203040506", {
    type: "action-request",
    choice: "normal",
    invokeIdAndPriority: confirmed,
    method: { classId: 1, instanceId: octets("0000800000FF"), methodId: 8 },
    parameter: octets("0906010203040506"),
  });
  holds("ACTION.request with pblock", "C3 06 C1 00 00000007 06 010203040506", {
    type: "action-request",
    choice: "with-pblock",
    invokeIdAndPriority: confirmed,
    pblock: { lastBlock: false, blockNumber: 7, rawData: octets("010203040506") },
  });
  holds(
    "ACTION.request with list",
    "C3 03 C1 02 0001 0000800000FF 08 0002 0000810000FD 07 02 09 06 010203040506 09 05 1112131415",
    {
      type: "action-request",
      choice: "with-list",
      invokeIdAndPriority: confirmed,
      methods: [
        { classId: 1, instanceId: octets("0000800000FF"), methodId: 8 },
        { classId: 2, instanceId: octets("0000810000FD"), methodId: 7 },
      ],
      parameters: [octets("0906010203040506"), octets("09051112131415")],
    },
  );
  holds("ACTION.response normal", "C7 01 C1 02 01 00 09 05 1112131415", {
    type: "action-response",
    choice: "normal",
    invokeIdAndPriority: confirmed,
    response: { result: 2, returned: { ok: true, data: octets("09051112131415") } },
  });
  holds("ACTION.response next pblock", "C7 04 C1 00000007", {
    type: "action-response",
    choice: "next-pblock",
    invokeIdAndPriority: confirmed,
    blockNumber: 7,
  });
});

describe("Green Book clause 9.5: single APDUs after the abstract syntax", () => {
  const long = { invokeId: 1, selfDescriptive: false, breakOnError: false, confirmed: true, highPriority: false };

  holds("ReadRequest with a parameterised access", "05 02 02 FA08 04 FA10 01 11 05", {
    type: "read-request",
    variables: [
      { choice: "variable-name", name: 0xfa08 },
      { choice: "parameterized-access", name: 0xfa10, selector: 1, parameter: octets("1105") },
    ],
  });
  holds("ReadResponse in blocks", "0C 01 02 00 0001 03 010203", {
    type: "read-response",
    results: [{ choice: "data-block-result", lastBlock: false, blockNumber: 1, rawData: octets("010203") }],
  });
  holds("WriteResponse", "0D 02 00 01 03", {
    type: "write-response",
    results: [{ choice: "success" }, { choice: "data-access-error", result: 3 }],
  });
  holds("ACCESS.response", "DA 40000001 00 00 01 11 07 02 01 00 03 0B", {
    type: "access-response",
    longInvokeIdAndPriority: long,
    dateTime: new Uint8Array(),
    data: [octets("1107")],
    results: [
      { choice: "get", result: 0 },
      { choice: "action", result: 11 },
    ],
  });
  holds("ExceptionResponse with the counter expected", "D8 01 06 00001234", {
    type: "exception-response",
    stateError: 1,
    serviceError: 6,
    invocationCounter: 0x1234,
  });
  holds("General-Block-Transfer", "E0 C3 0004 0005 03 616263", {
    type: "general-block-transfer",
    lastBlock: true,
    streaming: true,
    window: 3,
    blockNumber: 4,
    blockNumberAck: 5,
    blockData: ascii("abc"),
  });
  holds("general-ciphering with an agreed key", "DD 01 AA 00 00 00 00 01 02 01 02 02 BBCC 05 3100000001", {
    type: "general-ciphering",
    transactionId: octets("AA"),
    originatorSystemTitle: new Uint8Array(),
    recipientSystemTitle: new Uint8Array(),
    dateTime: new Uint8Array(),
    otherInformation: new Uint8Array(),
    keyInfo: { choice: "agreed-key", keyParameters: octets("02"), keyCipheredData: octets("BBCC") },
    content: octets("3100000001"),
  });
  holds("gateway-request", "E6 00 02 0102 C001C1 0001 0000800000FF 0200", {
    type: "gateway-request",
    networkId: 0,
    physicalDeviceAddress: octets("0102"),
    apdu: octets("C001C100010000800000FF0200"),
  });
});
