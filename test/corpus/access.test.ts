import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type AccessRequest, type AccessResponse, decodeApdu } from "../../src/apdu/index.js";
import { type AccessItemResult, ClientAssociation, ServerAssociation } from "../../src/association/index.js";
import { fromHex, toHex } from "../../src/base/index.js";

const corpus = process.env["DLMS_CORPUS"];
const conformance = new Set(["access" as const]);

interface Exchange {
  readonly asked: Uint8Array;
  readonly answered: Uint8Array;
}

/** Every text of a vector file, in order. */
function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

const decoded = (octets: Uint8Array) => decodeApdu(octets) as AccessRequest | AccessResponse;
const idOf = (octets: Uint8Array) => decoded(octets).longInvokeIdAndPriority.invokeId;

/** ACCESS requests of a file, each with the answer that follows under its long invoke id. */
function exchangesIn(file: string): Exchange[] {
  const isAccess = /^D[9A][0-9A-F]0[0-9A-F]{6}([0-9A-F]{2})+$/;
  const texts = textsOf(JSON.parse(readFileSync(file, "utf8"))).filter((text) => isAccess.test(text));
  const found = new Map<string, Exchange>();
  let asked: Uint8Array | undefined;
  for (const octets of texts.map((text) => fromHex(text))) {
    if (octets[0] === 0xd9) asked = octets;
    else if (asked && idOf(asked) === idOf(octets)) found.set(toHex(asked), { asked, answered: octets });
  }
  return [...found.values()];
}

const exchanges = corpus
  ? readdirSync(corpus)
      .filter((name) => name.endsWith(".json"))
      .flatMap((name) => exchangesIn(join(corpus, name)))
  : [];

/** A meter that grants ACCESS and needs no AARQ. */
function meterHearing(asked: Uint8Array) {
  const preEstablished = { peerMaxPduSize: 0, conformance };
  const profile = { clientSap: 1, authentication: { mechanism: "none" as const }, conformance, preEstablished };
  const meter = new ServerAssociation({ clientSap: 1, profiles: [profile] });
  meter.nextEvent();
  meter.receive(asked);
  const event = meter.nextEvent();
  if (event?.type !== "request" || event.request.service !== "access") throw new Error(`no request: ${event?.type}`);
  return { meter, id: event.id, request: event.request, unconfirmed: event.unconfirmed };
}

function resultsOf({ results, data }: AccessResponse): AccessItemResult[] {
  return results.map(({ choice, result }, i) => {
    const own = data[i];
    return { kind: choice, result, ...(own && own[0] !== 0 && { data: own }) };
  });
}

describe("captured and published ACCESS messages", () => {
  if (!corpus) it("reads the corpus", ({ skip }) => skip("set DLMS_CORPUS to the folder that holds it"));
  else it("are there", () => expect(exchanges.length).toBeGreaterThanOrEqual(8));

  for (const { asked, answered } of exchanges) {
    const name = toHex(asked.subarray(0, 12));
    const answer = decoded(answered) as AccessResponse;

    it(`${name}: our meter gives the same answer`, () => {
      const { meter, id, unconfirmed } = meterHearing(asked);
      meter.send({ type: "respond", id, response: { service: "access", results: resultsOf(answer) } });
      // The standard lets a write without the service class bit go unanswered, which the captured meter did not.
      const output = meter.takeOutput();
      if (unconfirmed) expect(output).toBeUndefined();
      else expect(toHex(output ?? new Uint8Array())).toBe(toHex(answered));
    });

    it(`${name}: our client asks the same and takes the answer`, () => {
      const { request } = meterHearing(asked);
      const client = new ClientAssociation({ preEstablished: { peerMaxPduSize: 0, conformance } });
      client.send({ type: "associate" }, 0);
      client.nextEvent();
      client.send({ type: "request", id: 1, request }, 0);
      const ours = client.takeOutput() ?? new Uint8Array();
      // Priority, service class and id are each client's own.
      expect(toHex(ours.subarray(5))).toBe(toHex(asked.subarray(5)));
      const echoed = answered.slice();
      echoed.set(ours.subarray(1, 5), 1);
      client.receive(echoed, 0);
      expect(client.nextEvent()).toMatchObject({
        type: "response",
        response: { service: "access", results: resultsOf(answer) },
      });
    });
  }
});
