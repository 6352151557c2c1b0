import {
  type Apdu,
  type ApduType,
  decodeApdu,
  encodeApdu,
  type GeneralBlockTransfer,
  releaseRequestReasons,
  releaseResponseReasons,
  serviceCipheringTags,
} from "../apdu/index.js";
import {
  bits,
  conformance,
  decimal,
  fields,
  hexadecimal,
  identifierUnder,
  joined,
  type Notation,
  named,
  objectName,
  oneOf,
  option,
  readDecimal,
  row,
  textual,
  truth,
  wrapped,
} from "./xml-notation.js";
import * as services from "./xml-services.js";
import { element, malformed, readXml, writeXml } from "./xml-text.js";

const context = identifierUnder("2.16.756.5.8.1.");
const mechanism = identifierUnder("2.16.756.5.8.2.");
const authentication = oneOf({
  charstring: ["charstring", wrapped("value", hexadecimal)],
  bitstring: ["bitstring", wrapped("value", bits)],
  external: ["external", wrapped("value", hexadecimal)],
  other: ["other", wrapped("value", hexadecimal)],
});
const userInformation = option("userInformation", hexadecimal);
const implementationInformation = option("implementationInformation", hexadecimal);

/** The optional names and numbers of one of the partners. */
const partner = (key: string) => [
  option(`${key}ApTitle`, hexadecimal, `${key}-AP-title`, `${key[0]?.toUpperCase()}${key.slice(1)}APTitle`),
  option(`${key}AeQualifier`, hexadecimal, `${key}-AE-qualifier`, `${key}-Ae-qualifier`),
  option(`${key}ApInvocationId`, decimal, `${key}-AP-invocation-id`),
  option(`${key}AeInvocationId`, decimal, `${key}-AE-invocation-id`),
];

const diagnostic: Notation = {
  write(value) {
    const { diagnostic: number, source } = value as { diagnostic: number; source: string };
    return element("", [element(source, [], String(number))]);
  },
  read({ children: [child, another] }) {
    const isKnown = child?.name === "acse-service-user" || child?.name === "acse-service-provider";
    if (!isKnown || another !== undefined) throw malformed("no diagnostic of user or provider");
    return { source: child.name, diagnostic: decimal.read(child) };
  },
};

const aarq = fields(
  option("protocolVersion", bits),
  row("applicationContextName", context),
  ...partner("called"),
  ...partner("calling"),
  option("senderAcseRequirements", bits),
  option("mechanismName", mechanism),
  option("callingAuthenticationValue", authentication),
  implementationInformation,
  userInformation,
);
const aare = fields(
  option("protocolVersion", bits),
  row("applicationContextName", context),
  row("result", decimal),
  row("resultSourceDiagnostic", diagnostic),
  ...partner("responding"),
  option("responderAcseRequirements", bits),
  option("mechanismName", mechanism),
  option("respondingAuthenticationValue", authentication),
  implementationInformation,
  userInformation,
);

const quality = (key: string) => option(key, decimal);
const initiateRequest = fields(
  option("dedicatedKey", hexadecimal),
  row("responseAllowed", truth),
  quality("proposedQualityOfService"),
  row("proposedDlmsVersionNumber", decimal),
  row("proposedConformance", conformance),
  row("clientMaxReceivePduSize", decimal),
);
const initiateResponse = fields(
  quality("negotiatedQualityOfService"),
  row("negotiatedDlmsVersionNumber", decimal),
  row("negotiatedConformance", conformance),
  row("serverMaxReceivePduSize", decimal),
  row("vaaName", objectName),
);

const content = row("content", hexadecimal, "ciphered-content");
const withTitle = fields(row("systemTitle", hexadecimal), content);
const header = [
  row("transactionId", hexadecimal),
  row("originatorSystemTitle", hexadecimal),
  row("recipientSystemTitle", hexadecimal),
  row("dateTime", hexadecimal),
  row("otherInformation", hexadecimal),
];
const keyInfo = oneOf({
  "identified-key": ["identified-key", fields(row("keyId", decimal))],
  "wrapped-key": ["wrapped-key", fields(row("kekId", decimal), row("keyCipheredData", hexadecimal))],
  "agreed-key": ["agreed-key", fields(row("keyParameters", hexadecimal), row("keyCipheredData", hexadecimal))],
});
/** The window in the lower six bits, then streaming and last-block. */
const blockControl = textual(
  ({ lastBlock, streaming, window }: GeneralBlockTransfer) =>
    String(window + (streaming ? 0x40 : 0) + (lastBlock ? 0x80 : 0)),
  (text) => {
    const octet = readDecimal(text);
    if (octet < 0 || octet > 0xff) throw malformed("a block-control that is not of one octet");
    return { lastBlock: octet >= 0x80, streaming: (octet & 0x40) !== 0, window: octet & 0x3f };
  },
);
const generalBlockTransfer = fields(
  joined("block-control", blockControl),
  row("blockNumber", decimal),
  row("blockNumberAck", decimal),
  row("blockData", hexadecimal),
);
const gateway = fields(
  row("networkId", decimal),
  row("physicalDeviceAddress", hexadecimal),
  row("apdu", hexadecimal, "apdu"),
);
const ciphered = wrapped("content", hexadecimal);

type CipheringType = keyof typeof serviceCipheringTags;

/** How each APDU is written. */
const notations: { readonly [T in Exclude<ApduType, CipheringType>]: Notation } = {
  aarq,
  aare,
  rlrq: fields(option("reason", named(releaseRequestReasons)), userInformation),
  rlre: fields(option("reason", named(releaseResponseReasons)), userInformation),
  "initiate-request": initiateRequest,
  "initiate-response": initiateResponse,
  "confirmed-service-error": services.confirmedServiceError,
  "get-request": services.getRequest,
  "get-response": services.getResponse,
  "set-request": services.setRequest,
  "set-response": services.setResponse,
  "action-request": services.actionRequest,
  "action-response": services.actionResponse,
  "event-notification-request": services.eventNotification,
  "data-notification": services.dataNotification,
  "data-notification-confirm": services.dataNotificationConfirm,
  "access-request": services.accessRequest,
  "access-response": services.accessResponse,
  "exception-response": services.exceptionResponse,
  "read-request": services.readRequest,
  "read-response": services.readResponse,
  "write-request": services.writeRequest,
  "write-response": services.writeResponse,
  "unconfirmed-write-request": services.writeRequest,
  "information-report-request": services.informationReport,
  "general-block-transfer": generalBlockTransfer,
  "general-glo-ciphering": withTitle,
  "general-ded-ciphering": withTitle,
  "general-ciphering": fields(...header, option("keyInfo", keyInfo), content),
  "general-signing": fields(...header, row("content", hexadecimal), option("signature", hexadecimal)),
  "gateway-request": gateway,
  "gateway-response": gateway,
};

/** APDUs whose element is not named as they are: those that the older standard brought, in camel case. */
const elementNames: { readonly [T in ApduType]?: string } = {
  "initiate-request": "initiateRequest",
  "initiate-response": "initiateResponse",
  "confirmed-service-error": "confirmedServiceError",
  "read-request": "readRequest",
  "read-response": "readResponse",
  "write-request": "writeRequest",
  "write-response": "writeResponse",
  "unconfirmed-write-request": "unconfirmedWriteRequest",
  "information-report-request": "informationReportRequest",
};
const typesOfElements: ReadonlyMap<string, ApduType> = new Map([
  ...[...Object.keys(notations), ...Object.keys(serviceCipheringTags)].map((type) => [type, type] as const),
  ...Object.entries(elementNames).map(([type, name]) => [name, type] as const),
] as [string, ApduType][]);
const acse: ReadonlySet<string> = new Set(["aarq", "aare", "rlrq", "rlre"]);
const xdlmsRoot = "xDLMS-APDU";
const acseRoot = "aCSE-APDU";

function notationOf(type: ApduType): Notation {
  return Object.hasOwn(notations, type) ? notations[type as keyof typeof notations] : ciphered;
}

/**
 * An APDU in the XML form of the COSEMpdu schema. Ciphered contents and blocks are hexadecimal. It shows all that the
 * APDU holds, secrets too. What a sender wrote otherwise than the standard does is written as the standard does.
 * @throws DecodeError when the octets, or encoded Data inside, do not follow the standard.
 */
export function apduToXml(apdu: Apdu | Uint8Array): string {
  const value = apdu instanceof Uint8Array ? decodeApdu(apdu) : apdu;
  const node = { ...notationOf(value.type).write(value), name: elementNames[value.type] ?? value.type };
  return writeXml(element(acse.has(value.type) ? acseRoot : xdlmsRoot, [node]));
}

/**
 * The octets of an APDU in the XML form of the COSEMpdu schema. Only elements, text and comments are read: no document
 * types, no entities but the five; at most 16 Mi characters.
 * @throws DecodeError `malformed` or `limit-exceeded`; UsageError `value-does-not-fit` for a value out of range.
 */
export function xmlToApdu(text: string): Uint8Array {
  const root = readXml(text);
  const [node, another] = root.children;
  if ((root.name !== xdlmsRoot && root.name !== acseRoot) || node === undefined || another !== undefined)
    throw malformed("no xDLMS-APDU or aCSE-APDU of one APDU");
  const type = typesOfElements.get(node.name);
  if (type === undefined) throw malformed(`<${node.name}>, which is no APDU`);
  if (acse.has(type) !== (root.name === acseRoot)) throw malformed(`<${node.name}> in <${root.name}>`);
  return encodeApdu({ ...(notationOf(type).read(node) as object), type } as unknown as Apdu);
}
