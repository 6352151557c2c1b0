import { describe, expect, it } from "vitest";
import { decodeApdu, encodeApdu } from "../../src/apdu/index.js";
import type { ServiceRequest, ShortNames } from "../../src/association/index.js";
import { toHex } from "../../src/base/index.js";
import { clock, get, hex, Joined, octets } from "./joined.js";

const method = { classId: 70, instanceId: hex("0000600300FF"), methodId: 1 };
const shortNames: ShortNames = {
  nameOf: (reference) => ("methodId" in reference ? 0x0900 : 0x0100),
  targetOf: (name) => (name === 0x0900 ? { method } : { attribute: clock }),
};
const long = octets(900);
const joined = (result = 0) =>
  new Joined({
    client: { referencing: "short-name", shortNames, maxPduSize: 128 },
    profile: {
      referencing: "short-name",
      shortNames,
      maxPduSize: 128,
      conformance: new Set([
        "read",
        "write",
        "block-transfer-with-get-or-read",
        "block-transfer-with-set-or-write",
        "parameterized-access",
      ] as const),
    },
    answer: (request) =>
      request.service === "action"
        ? { service: "action", results: [{ result }] }
        : { service: "get", results: [{ ok: true, data: long }] },
  }).associate();

describe("methods that return nothing are invoked by Write", () => {
  const action: ServiceRequest = {
    service: "action",
    items: [{ method, parameter: hex("0F00"), returnsNothing: true }],
  };

  it("one short name, its parameter as the value", () => {
    const pair = joined();
    expect(pair.ask(action)).toMatchObject({ response: { service: "action", results: [{ result: 0 }] } });
    expect(pair.wire.slice(-2).map(({ apdu }) => toHex(apdu))).toEqual(["0601020900010F00", "0D0100"]);
    expect(pair.ofServer("request")[0]?.request).toEqual(action);
  });

  it("refused: the meter's reason is the result", () => {
    expect(joined(3).ask(action)).toMatchObject({ response: { results: [{ result: 3 }] } });
  });

  it("a parameter longer than an APDU goes in blocks", () => {
    const pair = joined();
    const big: ServiceRequest = { service: "action", items: [{ method, parameter: long, returnsNothing: true }] };
    expect(pair.ask(big)).toMatchObject({ response: { service: "action", results: [{ result: 0 }] } });
    expect(pair.ofServer("request")[0]?.request).toEqual(big);
  });
});

it("a streamed value has nothing of the response around it", () => {
  const pair = joined();
  expect(pair.ask(get(clock), { streaming: true })).toMatchObject({ type: "response" });
  const parts = pair.of("part").map(({ data }) => toHex(data));
  expect(parts.length).toBeGreaterThan(5);
  expect(parts.join("")).toBe(toHex(long));
});

describe("blocks that hold the value without the header of a read response", () => {
  /** Takes count and choice out of the first block, as servers of Gurux leave them out. */
  const bare = (apdu: Uint8Array): Uint8Array => {
    const decoded = apdu[0] === 0x0c ? decodeApdu(apdu) : undefined;
    const [block] = decoded?.type === "read-response" ? decoded.results : [];
    if (block?.choice !== "data-block-result" || block.blockNumber !== 1) return apdu;
    return encodeApdu({ type: "read-response", results: [{ ...block, rawData: block.rawData.subarray(2) }] });
  };

  it.each([false, true])("are taken and told (streaming %s)", (streaming) => {
    const pair = joined();
    pair.fault = (apdu, towards) => [towards === "client" ? bare(apdu) : apdu];
    const outcome = pair.ask(get(clock), { streaming });
    const whole = outcome?.type === "response" && outcome.response.service === "get" ? outcome.response.results[0] : {};
    const parts = pair.of("part").map(({ data }) => toHex(data));
    expect(streaming ? parts.join("") : toHex((whole as { data: Uint8Array }).data)).toBe(toHex(long));
    expect(pair.notices).toEqual(["read-header-missing"]);
  });
});

describe("reply_to_HLS_authentication", () => {
  const secret = octets(16);
  const authentication = { mechanism: "hls-md5", secret } as const;
  const pair = () =>
    new Joined({
      client: { referencing: "short-name", shortNames, authentication },
      profile: {
        referencing: "short-name",
        shortNames,
        authentication,
        conformance: new Set(["read", "write"] as const),
      },
    });
  /** The Read of pass 3 as the Write that clients of Gurux send. */
  const written = (apdu: Uint8Array): Uint8Array => {
    const decoded = apdu[0] === 0x05 ? decodeApdu(apdu) : undefined;
    const [variable] = decoded?.type === "read-request" ? decoded.variables : [];
    if (variable?.choice !== "parameterized-access") return apdu;
    const variables = [{ choice: "variable-name", name: variable.name } as const];
    return encodeApdu({ type: "write-request", variables, values: [variable.parameter] });
  };

  it("goes out by Read, and is taken by Write as well", () => {
    const joined = pair();
    joined.fault = (apdu, towards) => [towards === "server" ? written(apdu) : apdu];
    joined.associate();
    expect(joined.of("associated")).toHaveLength(1);
    expect(joined.wire.some(({ apdu }) => toHex(apdu).startsWith("050104FA58"))).toBe(true);
    expect(joined.wire.at(-1)?.apdu[0]).toBe(0x0c);
  });

  it("is refused by Write too when the proof does not hold", () => {
    const joined = pair();
    joined.fault = (apdu, towards) => [towards === "server" ? written(apdu).map(flipLast) : apdu];
    joined.associate();
    expect(joined.of("associated")).toHaveLength(0);
    expect(joined.ofServer("rejected")[0]?.error.code).toBe("hls-authentication-failed");
  });
  const flipLast = (octet: number, at: number, all: Uint8Array) =>
    all[0] === 0x06 && at === all.length - 1 ? octet ^ 1 : octet;
});
