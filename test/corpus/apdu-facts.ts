import { type Apdu, decodeApdu } from "../../src/apdu/index.js";
import { toHex } from "../../src/base/index.js";
import { type Data, decodeData } from "../../src/data/index.js";

type Facts = Record<string, unknown>;

/** Octets of the object identifiers that appear, as the corpus writes them. */
const identifierHex = (dotted: string) =>
  `6085740508${dotted
    .split(".")
    .slice(-2)
    .map((arc) => `0${arc}`)
    .join("")}`;
const bits = (bytes: Uint8Array, length: number) =>
  [...bytes]
    .map((octet) => octet.toString(2).padStart(8, "0"))
    .join("")
    .slice(0, length);
const hex24 = (value: number) => value.toString(16).toUpperCase().padStart(6, "0");
const obis = (instanceId: Uint8Array) => [...instanceId].join(".");
const orNull = (value: number | undefined) => value ?? null;

/** Data as the corpus writes it: pairs of type and value. */
export function pairOf(data: Data): unknown {
  switch (data.type) {
    case "array":
    case "structure":
      return [data.type, data.value.map(pairOf)];
    case "bit-string":
      return [data.type, bits(data.value.bytes, data.value.length)];
    case "octet-string":
    case "date-time":
    case "date":
    case "time":
      return [data.type, toHex(data.value)];
    case "long64":
    case "long64-unsigned":
      return [data.type, data.value.toString()];
    case "null-data":
    case "dont-care":
      return [data.type];
    case "compact-array":
      return [data.type, toHex(data.contents)];
    default:
      return [data.type, data.value];
  }
}

const attributeFacts = (attribute: { classId: number; instanceId: Uint8Array; attributeId: number }) => ({
  class: attribute.classId,
  obis: obis(attribute.instanceId),
  attribute: attribute.attributeId,
});

const resultFacts = (result: { ok: true; data: Uint8Array } | { ok: false; result: number }): Facts =>
  result.ok ? { data: pairOf(decodeData(result.data)) } : { dataAccessResult: result.result };

const choices: Readonly<Record<string, readonly string[]>> = {
  "get-request": ["normal", "next", "with-list"],
  "get-response": ["normal", "with-datablock", "with-list"],
  "set-request": ["normal", "with-first-datablock", "with-datablock", "with-list", "with-list-and-first-datablock"],
  "set-response": ["normal", "datablock", "last-datablock", "last-datablock-with-list", "with-list"],
  "action-request": [
    "normal",
    "next-pblock",
    "with-list",
    "with-first-pblock",
    "with-list-and-first-pblock",
    "with-pblock",
  ],
  "action-response": ["normal", "with-pblock", "with-list", "next-pblock"],
};

/** The same facts of `apdu` that `stated` has, under the same names; what has no counterpart is taken over. */
export function factsOf(apdu: Apdu, stated: object): object {
  const found = allFacts(apdu, stated as Facts);
  return Object.fromEntries(
    Object.entries(stated).map(([key, value]) => {
      const fact = key in found ? found[key] : value;
      return [key, typeof fact === "function" ? fact() : fact];
    }),
  );
}

function allFacts(apdu: Apdu, stated: Facts): Facts {
  const facts: Facts = {};
  if (typeof stated["apdu"] === "string" && /^[A-Z]{4}$/.test(stated["apdu"])) facts["apdu"] = apdu.type.toUpperCase();
  else if (typeof stated["apdu"] === "string") facts["apdu"] = stated["apdu"].replace(/^[^ ]+/, apdu.type);
  if (typeof stated["type"] === "string") facts["type"] = apdu.type;
  if ("choice" in apdu) facts["choice"] = (choices[apdu.type]?.indexOf(apdu.choice) ?? -1) + 1;
  if ("attribute" in apdu) facts["attribute"] = attributeFacts(apdu.attribute);
  if ("blockNumber" in apdu) Object.assign(facts, { blockNumber: apdu.blockNumber });
  if ("result" in apdu && typeof apdu.result === "number") facts["result"] = apdu.result;
  return Object.assign(facts, ownFacts(apdu, stated));
}

function ownFacts(apdu: Apdu, stated: Facts): Facts {
  switch (apdu.type) {
    case "aarq":
    case "aare":
      return associationFacts(apdu, stated);
    case "rlrq":
    case "rlre":
      return { reason: apdu.reason };
    case "initiate-request":
      return {
        dedicatedKey: apdu.dedicatedKey === undefined ? null : toHex(apdu.dedicatedKey),
        responseAllowed: apdu.responseAllowed,
        qos: orNull(apdu.proposedQualityOfService),
        dlmsVersion: apdu.proposedDlmsVersionNumber,
        conformance: hex24(apdu.proposedConformance),
        clientMaxReceivePduSize: apdu.clientMaxReceivePduSize,
      };
    case "initiate-response":
      return {
        qos: orNull(apdu.negotiatedQualityOfService),
        dlmsVersion: apdu.negotiatedDlmsVersionNumber,
        conformance: hex24(apdu.negotiatedConformance),
        serverMaxReceivePduSize: apdu.serverMaxReceivePduSize,
        vaaName: toHex(Uint8Array.of(apdu.vaaName >> 8, apdu.vaaName)),
      };
    case "confirmed-service-error":
      return { serviceError: [apdu.service, apdu.category, apdu.value] };
    case "get-request":
      return apdu.choice === "with-list"
        ? { attributes: apdu.attributes.map(({ attribute }) => attributeFacts(attribute)) }
        : {};
    case "get-response":
      return getFacts(apdu);
    case "set-request":
      return "datablock" in apdu ? { ...apdu.datablock, rawData: toHex(apdu.datablock.rawData) } : {};
    case "action-request":
      return actionFacts(apdu);
    case "action-response":
      return apdu.choice === "normal"
        ? { result: apdu.response.result, ...(apdu.response.returned && resultFacts(apdu.response.returned)) }
        : {};
    case "read-request":
      return {
        variables: apdu.variables.map((variable) => ({
          access: variable.choice,
          ...("name" in variable ? { name: toHex(Uint8Array.of(variable.name >> 8, variable.name)) } : {}),
        })),
      };
    case "read-response":
      return {
        results: apdu.results.map((result) =>
          result.choice === "data" ? { data: pairOf(decodeData(result.data)) } : result,
        ),
      };
    case "event-notification-request":
      return { time: toHex(apdu.time ?? new Uint8Array()), data: pairOf(decodeData(apdu.value)) };
    case "data-notification":
      return {
        body: () => pairOf(decodeData(apdu.body)),
        dateTime: apdu.dateTime.length === 0 ? null : toHex(apdu.dateTime),
      };
    case "general-block-transfer":
      return { ...apdu, apdu: apdu.type, blockData: toHex(apdu.blockData) };
    case "access-request":
      return {
        specifications: apdu.specifications.map((specification) => ({
          choice: specification.choice,
          ...("attribute" in specification ? attributeFacts(specification.attribute) : {}),
        })),
        data: apdu.data.map((data) => pairOf(decodeData(data))),
      };
    default:
      return "content" in apdu ? contentFacts(apdu.content, apdu) : {};
  }
}

function contentFacts(content: Uint8Array, apdu: Apdu): Facts {
  const title = "systemTitle" in apdu ? { systemTitle: toHex(apdu.systemTitle) } : {};
  return {
    ...title,
    securityControl: toHex(content.subarray(0, 1)),
    invocationCounter: Number.parseInt(toHex(content.subarray(1, 5)), 16),
  };
}

function getFacts(apdu: Extract<Apdu, { type: "get-response" }>): Facts {
  if (apdu.choice === "with-list") return { results: apdu.results.map(resultFacts) };
  if (apdu.choice === "normal") return resultFacts(apdu.result);
  const { lastBlock, result } = apdu;
  return { lastBlock, ...(result.ok ? { rawData: toHex(result.data) } : { dataAccessResult: result.result }) };
}

function actionFacts(apdu: Extract<Apdu, { type: "action-request" }>): Facts {
  if (!("method" in apdu)) return {};
  const { classId, instanceId, methodId } = apdu.method;
  return {
    method: { class: classId, obis: obis(instanceId), method: methodId },
    ...("parameter" in apdu && apdu.parameter ? { parameters: pairOf(decodeData(apdu.parameter)) } : {}),
  };
}

function associationFacts(apdu: Extract<Apdu, { type: "aarq" | "aare" }>, stated: Facts): Facts {
  const facts: Facts = { applicationContextOid: identifierHex(apdu.applicationContextName) };
  const isRequest = apdu.type === "aarq";
  const title = isRequest ? apdu.callingApTitle : apdu.respondingApTitle;
  if (title !== undefined) facts[isRequest ? "callingApTitle" : "respondingApTitle"] = toHex(title);
  const requirements = isRequest ? apdu.senderAcseRequirements : apdu.responderAcseRequirements;
  if (requirements !== undefined)
    facts["acseRequirements"] = toHex(
      Uint8Array.of(8 * requirements.bytes.length - requirements.length, ...requirements.bytes),
    );
  const value = isRequest ? apdu.callingAuthenticationValue : apdu.respondingAuthenticationValue;
  if (value !== undefined && value.choice === "charstring") facts["authenticationValue"] = toHex(value.value);
  if (apdu.type === "aare") {
    facts["result"] = apdu.result;
    const { source, diagnostic } = apdu.resultSourceDiagnostic;
    facts["diagnostic"] = { source: source.replace("acse-", ""), value: diagnostic };
  }
  const information = stated["userInformation"];
  if (apdu.userInformation !== undefined && typeof information === "object" && information !== null) {
    const hex = "hex" in information ? { hex: toHex(apdu.userInformation) } : {};
    facts["userInformation"] = { ...factsOf(decodeApdu(apdu.userInformation), information), ...hex };
  }
  return facts;
}
