/** Classes of IP communication (IEC 62056-6-2). */
import { array, sharedType, structure } from "../composite-types.js";
import { action, attribute, defineClass, fixed, method, query } from "../define.js";
import { NtpAuthentication } from "../enumerations.js";
import {
  anyData,
  bool,
  enumeration,
  enumOf,
  logicalName,
  noParameter,
  octetString,
  taggedDateTime,
  uint8,
  uint16,
  uint32,
} from "../simple-types.js";
import { octets } from "./records.js";

const typedIpv6Address = /* @__PURE__ */ sharedType(() =>
  structure({ iPv6AddressType: enumeration, iPv6Address: octetString(16) }),
);

const authenticationKey = /* @__PURE__ */ sharedType(() => structure({ keyId: uint32, key: octets }));

/** TCP-UDP setup, version 0. */
export const TcpUdpSetup = /* @__PURE__ */ defineClass(() => ({
  id: 41,
  version: 0,
  name: "tcpUdpSetup",
  attributes: {
    tcpUdpPort: fixed(2, uint16),
    ipReference: fixed(3, logicalName),
    mss: fixed(4, uint16),
    nbOfSimConn: fixed(5, uint8),
    inactivityTimeOut: fixed(6, uint16),
  },
}));

/** IPv4 setup, version 0. */
export const Ipv4Setup = /* @__PURE__ */ defineClass(() => ({
  id: 42,
  version: 0,
  name: "ipv4Setup",
  attributes: {
    dlReference: fixed(2, logicalName),
    ipAddress: attribute(3, uint32),
    multicastIpAddress: attribute(4, array(uint32)),
    ipOptions: attribute(5, array(structure({ ipOptionType: uint8, ipOptionLength: uint8, ipOptionData: octets }))),
    subnetMask: attribute(6, uint32),
    gatewayIpAddress: attribute(7, uint32),
    useDhcpFlag: fixed(8, bool),
    primaryDnsAddress: attribute(9, uint32),
    secondaryDnsAddress: attribute(10, uint32),
  },
  methods: {
    addMcIpAddress: method(1, uint32),
    deleteMcIpAddress: method(2, uint32),
    getNbofMcIpAddresses: query(3, noParameter, uint16),
  },
  methodOffset: 0x60,
}));

/** MAC address setup, version 0. */
export const MacAddressSetup = /* @__PURE__ */ defineClass(() => ({
  id: 43,
  version: 0,
  name: "macAddressSetup",
  attributes: {
    macAddress: fixed(2, octets),
  },
}));

/** PPP setup, version 0. */
export const PppSetup = /* @__PURE__ */ defineClass(() => ({
  id: 44,
  version: 0,
  name: "pppSetup",
  attributes: {
    phyReference: fixed(2, logicalName),
    lcpOptions: fixed(3, array(structure({ lcpOptionType: uint8, lcpOptionLength: uint8, lcpOptionData: anyData }))),
    ipcpOptions: fixed(
      4,
      array(structure({ ipcpOptionType: uint8, ipcpOptionLength: uint8, ipcpOptionData: anyData })),
    ),
    pppAuthentication: fixed(5, anyData),
  },
}));

/** SMTP setup, version 0. */
export const SmtpSetup = /* @__PURE__ */ defineClass(() => ({
  id: 46,
  version: 0,
  name: "smtpSetup",
  attributes: {
    serverPort: fixed(2, uint16),
    userName: fixed(3, octets),
    loginPassword: fixed(4, octets),
    serverAddress: fixed(5, octets),
    senderAddress: fixed(6, octets),
  },
}));

/** IPv6 setup, version 0. */
export const Ipv6Setup = /* @__PURE__ */ defineClass(() => ({
  id: 48,
  version: 0,
  name: "ipv6Setup",
  attributes: {
    dlReference: fixed(2, logicalName),
    addressConfigMode: fixed(3, enumeration),
    unicastIPv6Addresses: attribute(4, array(octetString(16))),
    multicastIPv6Addresses: fixed(5, array(octetString(16))),
    gatewayIPv6Addresses: fixed(6, array(octetString(16))),
    primaryDnsAddress: fixed(7, octetString(16)),
    secondaryDnsAddress: fixed(8, octetString(16)),
    trafficClass: fixed(9, uint8),
    neighborDiscoverySetup: fixed(
      10,
      array(structure({ rsMaxRetry: uint8, rsRetryWaitTime: uint16, raSendPeriod: uint32 })),
    ),
  },
  methods: {
    addIPv6Address: method(1, typedIpv6Address),
    removeIPv6Address: method(2, typedIpv6Address),
  },
  methodOffset: 0x60,
}));

/** NTP setup, version 0. */
export const NtpSetup = /* @__PURE__ */ defineClass(() => ({
  id: 100,
  version: 0,
  name: "ntpSetup",
  attributes: {
    activated: fixed(2, bool),
    serverAddress: fixed(3, octets),
    serverPort: fixed(4, uint16),
    authenticationMethod: fixed(5, enumOf(NtpAuthentication)),
    authenticationKeys: fixed(6, array(authenticationKey)),
    clientKey: fixed(7, octets),
  },
  methods: {
    synchronize: action(1),
    addAuthenticationKey: method(2, authenticationKey),
    deleteAuthenticationKey: method(3, uint32),
  },
  methodOffset: 0x38,
}));

/** CoAP setup, version 0. */
export const CoapSetup = /* @__PURE__ */ defineClass(() => ({
  id: 152,
  version: 0,
  name: "coapSetup",
  attributes: {
    udpReference: fixed(2, logicalName),
    ackTimeout: fixed(3, uint16),
    ackRandomFactor: fixed(4, uint16),
    maxRetransmit: fixed(5, uint16),
    nstart: fixed(6, uint16),
    delayAckTimeout: fixed(7, uint16),
    exponentialBackOff: fixed(8, uint16),
    probingRate: fixed(9, uint16),
    coAPUriPath: fixed(10, octets),
    transportMode: fixed(11, enumeration),
    version: attribute(12, anyData),
    tokenLength: fixed(13, uint8),
  },
}));

/** CoAP diagnostic, version 0. */
export const CoapDiagnostic = /* @__PURE__ */ defineClass(() => ({
  id: 153,
  version: 0,
  name: "coapDiagnostic",
  attributes: {
    messagesCounter: attribute(
      2,
      structure({
        tx: uint32,
        rx: uint32,
        txResend: uint32,
        txReset: uint32,
        rxReset: uint32,
        txAck: uint32,
        rxAck: uint32,
        rxDrop: uint32,
        txNonPiggybacked: uint32,
        maxRtxExceeded: uint32,
      }),
    ),
    requestResponseCounter: attribute(
      3,
      structure({
        rxRequests: uint32,
        txRequests: uint32,
        rxResponse: uint32,
        txResponse: uint32,
        txClientError: uint32,
        rxClientError: uint32,
        txServerError: uint32,
        rxServerError: uint32,
      }),
    ),
    coapBtCounter: attribute(4, structure({ btStarted: uint32, btCompleted: uint32, btTimeout: uint32 })),
    captureTime: attribute(5, structure({ attributeId: uint8, timeStamp: taggedDateTime })),
  },
  methods: {
    reset: action(1),
  },
  methodOffset: 0x30,
}));
