import { describe, expect, it } from "vitest";
import {
  type Aarq,
  type Apdu,
  applicationContexts,
  authenticationMechanisms,
  conformanceNames,
  decodeApdu,
  nameIn,
} from "../../src/apdu/index.js";
import {
  type Authentication,
  ClientAssociation,
  type ClientAssociationEvent,
  type ClientAssociationOptions,
  ServerAssociation,
  type ServiceRequest,
  type ServiceResponse,
  type ShortNames,
} from "../../src/association/index.js";
import { DlmsError, toHex } from "../../src/base/index.js";
import { decodeData } from "../../src/data/index.js";
import { type Capture, capturesOf, corpus, opener, securityOf } from "../association/captures.js";
import { crypto } from "../association/joined.js";

const requestOf = (apdu: Apdu): ServiceRequest | undefined => {
  switch (apdu.type) {
    case "get-request":
      if (apdu.choice === "normal") return { service: "get", items: [apdu] };
      return apdu.choice === "with-list" ? { service: "get", items: apdu.attributes } : undefined;
    case "set-request":
      return apdu.choice === "normal" ? { service: "set", items: [apdu] } : undefined;
    case "action-request":
      return apdu.choice === "normal" ? { service: "action", items: [apdu] } : undefined;
    case "read-request":
      return {
        service: "get",
        items: apdu.variables.map((variable) => ({ attribute: named("name" in variable ? variable.name : 0) })),
      };
    default:
      return undefined;
  }
};

/** A short name as an attribute that carries it, since a capture does not tell what it stands for. */
const named = (name: number) => ({
  classId: 0,
  instanceId: new Uint8Array([0, 0, 0, 0, name >> 8, name & 0xff]),
  attributeId: 1,
});
const shortNames: ShortNames = {
  nameOf: ({ instanceId }) => (instanceId[4]! << 8) | instanceId[5]!,
  targetOf: (name) => ({ attribute: named(name) }),
};

/** The protocol version that some clients add says what is the default anyway. */
function comparableAarq({ protocolVersion, ...aarq }: Aarq): Omit<Aarq, "protocolVersion"> {
  if (protocolVersion) expect([protocolVersion.length, protocolVersion.bytes[0]]).toEqual([1, 0x80]);
  return aarq;
}

const byName = (aarq: Aarq) => aarq.applicationContextName === applicationContexts["short-name"];

/** Options with which our client proposes what the captured one did, with its challenge. */
function optionsLike(aarq: Aarq, capture: Capture, from: number): ClientAssociationOptions {
  const title = aarq.callingApTitle;
  const keys = capture.keys;
  const plain =
    title && keys["encryptionKey"] ? opener(keys, title).unprotect(aarq.userInformation!).apdu : aarq.userInformation!;
  const initiate = decodeApdu(plain);
  if (initiate.type !== "initiate-request") throw new Error("no initiate-request");
  const mechanism = nameIn(authenticationMechanisms, aarq.mechanismName ?? authenticationMechanisms.none)!;
  const value = aarq.callingAuthenticationValue?.value as Uint8Array;
  const next = capture.messages.slice(from).map(({ apdu }) => apdu);
  const proof = (type: "action-request" | "action-response") => {
    const action = next.find((apdu) => apdu?.type === type);
    if (action?.type === "action-request" && action.choice === "normal") return decodeData(action.parameter!);
    if (action?.type === "action-response" && action.choice === "normal" && action.response.returned?.ok)
      return decodeData(action.response.returned.data);
    return undefined;
  };
  const authentication: Authentication =
    mechanism === "low"
      ? { mechanism, password: value }
      : mechanism === "hls-manufacturer"
        ? {
            mechanism,
            prove: () => (proof("action-request") as { value: Uint8Array }).value,
            verify: (_, given) => toHex(given) === toHex((proof("action-response") as { value: Uint8Array }).value),
          }
        : { mechanism: mechanism as "none" | "hls-gmac" };
  let counter = new DataView(aarq.userInformation!.buffer, aarq.userInformation!.byteOffset).getUint32(3);
  const dedicated = initiate.dedicatedKey && { dedicatedKey: initiate.dedicatedKey };
  const encryptedOnly = capture.id === "mel-encryption" && { protection: "encrypted" as const };
  return {
    authentication,
    ...(byName(aarq) && { referencing: "short-name", shortNames }),
    invokeIds: "constant",
    crypto: { ...crypto, randomBytes: () => value },
    conformance: new Set(conformanceNames(initiate.proposedConformance)),
    maxPduSize: initiate.clientMaxReceivePduSize,
    ...(title && {
      security: { ...securityOf(keys, title, { next: () => counter++ }), ...dedicated, ...encryptedOnly },
    }),
  };
}

/** The octets without priority and service class, which each client sets as it likes. */
const comparable = (octets: Uint8Array) => {
  const copy = octets.slice();
  if (copy[0]! >= 0xc0 && copy[0]! <= 0xc7) copy[2]! &= 0x3f;
  return toHex(copy);
};

/** Undefined for a message that was damaged in the capture. */
function readable(read: () => Uint8Array): Uint8Array | undefined {
  try {
    return read();
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return undefined;
  }
}

/** Plays the meter's side of a capture to our client, which asks what the captured one asked. */
function replay(capture: Capture) {
  const events: ClientAssociationEvent[] = [];
  let client: ClientAssociation | undefined;
  let reader = (octets: Uint8Array) => octets;
  let compared = 0;
  let skipping = false;
  capture.messages.forEach(({ direction, bytes, apdu }, i) => {
    if (direction === "rx") {
      if (!skipping) client?.receive(bytes, 0);
    } else if (apdu?.type === "aarq") {
      skipping = false;
      client = new ClientAssociation(optionsLike(apdu, capture, i));
      client.send({ type: "associate" }, 0);
      const title = apdu.callingApTitle;
      reader = title ? (octets) => opener(capture.keys, title).unprotect(octets).apdu : (octets) => octets;
      const ours = decodeApdu(client.takeOutput()!);
      expect({ ...ours, userInformation: undefined }).toEqual({ ...comparableAarq(apdu), userInformation: undefined });
      expect(decodeApdu(reader((ours as Aarq).userInformation!))).toEqual(decodeApdu(reader(apdu.userInformation!)));
      compared++;
    } else if (apdu?.type === "rlrq") client?.send({ type: "release" }, 0);
    else {
      const request = apdu && requestOf(apdu);
      const output = client?.takeOutput();
      if (request && !output) client?.send({ type: "request", id: i, request }, 0);
      const sent = output ?? client?.takeOutput();
      skipping = sent === undefined;
      if (sent) {
        const theirs = readable(() => reader(bytes));
        if (theirs) expect(comparable(reader(sent))).toBe(comparable(theirs));
        if (theirs) compared++;
      }
    }
    for (let event = client?.nextEvent(); event; event = client?.nextEvent()) {
      events.push(event);
      if (event.type !== "key-operation") continue;
      const outcome = event.operation.perform() as Uint8Array | boolean;
      client?.send({ type: "key-answer", id: event.id, outcome }, 0);
    }
  });
  return { events, compared, count: (type: string) => events.filter((event) => event.type === type).length };
}

const responseOf = (apdu: Apdu | undefined): ServiceResponse | undefined => {
  if (apdu?.type === "get-response" && apdu.choice === "normal") return { service: "get", results: [apdu.result] };
  if (apdu?.type === "get-response" && apdu.choice === "with-list") return { service: "get", results: apdu.results };
  if (apdu?.type === "set-response" && apdu.choice === "normal") return { service: "set", results: [apdu.result] };
  if (apdu?.type === "action-response" && apdu.choice === "normal")
    return { service: "action", results: [apdu.response] };
  if (apdu?.type === "read-response")
    return {
      service: "get",
      results: apdu.results.map((result) =>
        result.choice === "data" ? { ok: true, data: result.data } : { ok: false, result: 250 },
      ),
    };
  return undefined;
};

/** Plays the client's side of a capture to our meter, which is told the captured answers. */
function replayToMeter(capture: Capture) {
  let meter: ServerAssociation | undefined;
  let reader = (octets: Uint8Array) => octets;
  let compared = 0;
  const { messages, keys } = capture;
  messages.forEach(({ direction, bytes, apdu }, i) => {
    const answer = messages[i + 1]?.apdu;
    if (direction === "rx" || !apdu) return;
    if (apdu.type === "aarq" && answer?.type === "aare") {
      meter = undefined;
      const title = answer.respondingApTitle;
      if (answer.result !== 0 || answer.mechanismName === authenticationMechanisms["hls-manufacturer"]) return;
      reader = title ? (octets) => opener(keys, title).unprotect(octets).apdu : (octets) => octets;
      const initiate = decodeApdu(reader(answer.userInformation!));
      if (initiate.type !== "initiate-response") throw new Error("no initiate-response");
      const mechanism = nameIn(authenticationMechanisms, apdu.mechanismName ?? authenticationMechanisms.none)!;
      const password = apdu.callingAuthenticationValue?.value as Uint8Array;
      const challenge = answer.respondingAuthenticationValue?.value as Uint8Array;
      const counters = messages.slice(i + 1).flatMap((m) => (m.direction === "rx" ? countersOf(m.bytes, m.apdu) : []));
      const authentication = mechanism === "low" ? { mechanism, password } : { mechanism: mechanism as "hls-gmac" };
      meter = new ServerAssociation({
        clientSap: 1,
        crypto: { ...crypto, randomBytes: () => challenge },
        profiles: [
          {
            clientSap: 1,
            authentication,
            conformance: new Set(conformanceNames(initiate.negotiatedConformance)),
            maxPduSize: initiate.serverMaxReceivePduSize,
            ...(byName(apdu) && { referencing: "short-name", shortNames }),
            ...(title && { security: securityOf(keys, title, { next: () => counters.shift() ?? 0xffff }) }),
          },
        ],
      });
      meter.receive(bytes);
      const ours = decodeApdu(meter.takeOutput()!);
      expect({ ...ours, userInformation: undefined }).toEqual({ ...answer, userInformation: undefined });
      expect(decodeApdu(reader((ours as typeof answer).userInformation!))).toEqual(
        decodeApdu(reader(answer.userInformation!)),
      );
      compared++;
      return;
    }
    meter?.receive(bytes);
    for (let event = meter?.nextEvent(); event; event = meter?.nextEvent()) {
      const response = responseOf(answer);
      if (event.type === "request" && response) meter?.send({ type: "respond", id: event.id, response });
    }
    const output = meter?.takeOutput();
    // Where the captured meter used blocks or service class differently, it shows its own choice, not a rule.
    if (!output || (apdu.type !== "rlrq" && !responseOf(answer))) return;
    expect(toHex(reader(output))).toBe(toHex(reader(messages[i + 1]!.bytes)));
    compared++;
  });
  return compared;
}

/** Counters that a captured meter used up for a message: its proof inside, and the message itself. */
function countersOf(bytes: Uint8Array, apdu: Apdu | undefined): number[] {
  const at = apdu?.type === "aare" ? apdu.userInformation : bytes;
  const own = at && at.length > 7 ? [new DataView(at.buffer, at.byteOffset).getUint32(3)] : [];
  if (apdu?.type !== "action-response" || apdu.choice !== "normal" || !apdu.response.returned?.ok) return own;
  const proof = decodeData(apdu.response.returned.data);
  if (proof.type !== "octet-string" || proof.value.length !== 17) return own;
  return [new DataView(proof.value.buffer, proof.value.byteOffset).getUint32(1), ...own];
}

/** Answers of ours that equal the captured meter's. */
const expectedOfMeter: Readonly<Record<string, number>> = {
  "lgz-ln-none-get-release": 3,
  "mel-authentication-and-encryption": 5,
  "mel-encryption": 3,
  "mel-low-level-sec": 2,
  "jdlms-clock-session": 10,
  "lg-sn-51282380": 5,
  "gurux-output-0": 15,
  "gurux-output-epri-0": 19,
  "gurux-output-ciphered-director-0": 1,
};

/** What must come of each capture: messages of ours that equal the captured client's, and how the requests ended. */
const expected: Readonly<Record<string, { equal: number; associated: number; responses: number; rejected?: string }>> =
  {
    "kfm-wrong-key-refused": { equal: 1, associated: 0, responses: 0, rejected: "deciphering-error" },
    "lgz-ln-none-get-release": { equal: 2, associated: 1, responses: 1 },
    "mel-authentication-and-encryption": { equal: 5, associated: 2, responses: 2 },
    // The captured proof of its client is damaged, and it reads nothing afterwards.
    "mel-encryption": { equal: 3, associated: 2, responses: 1 },
    "mel-low-level-sec": { equal: 2, associated: 1, responses: 1 },
    "jdlms-clock-session": { equal: 12, associated: 1, responses: 11 },
    "lg-sn-51282380": { equal: 5, associated: 1, responses: 4 },
    "gurux-output-0": { equal: 19, associated: 1, responses: 16 },
    "gurux-output-epri-0": { equal: 19, associated: 1, responses: 18 },
    "gurux-output-ciphered-hls-authenc-0": { equal: 19, associated: 1, responses: 15 },
    "gurux-output-ciphered-director-0": { equal: 1, associated: 1, responses: 0 },
  };

describe("captured sessions, the meter's side played to our client", () => {
  const captures = corpus
    ? ["apdu-sessions", "hdlc-sessions", "tcp-wrapper-sessions"].flatMap((family) => capturesOf(family))
    : [];
  if (!corpus) it("reads the corpus", ({ skip }) => skip("set DLMS_CORPUS to the folder that holds it"));
  for (const capture of captures) {
    const outcome = expected[capture.id];
    if (!outcome) continue;
    it(capture.id, () => {
      const { events, compared, count } = replay(capture);
      expect(compared).toBe(outcome.equal);
      expect(count("associated")).toBe(outcome.associated);
      expect(count("response")).toBe(outcome.responses);
      expect(count("failed")).toBe(0);
      const rejected = events.find((event) => event.type === "rejected");
      if (outcome.rejected) expect(rejected?.error.message).toContain(outcome.rejected);
      else expect(rejected).toBeUndefined();
    });
  }
});

describe("captured sessions, the client's side played to our meter", () => {
  const captures = corpus
    ? ["apdu-sessions", "hdlc-sessions", "tcp-wrapper-sessions"].flatMap((family) => capturesOf(family))
    : [];
  if (!corpus) it("reads the corpus", ({ skip }) => skip("set DLMS_CORPUS to the folder that holds it"));
  for (const capture of captures.filter(({ id }) => id in expectedOfMeter))
    it(capture.id, () => expect(replayToMeter(capture)).toBe(expectedOfMeter[capture.id]));
});
