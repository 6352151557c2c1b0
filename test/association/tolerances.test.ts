import { describe, expect, it } from "vitest";
import { type Aare, decodeApdu, encodeApdu } from "../../src/apdu/index.js";
import type { ClientAssociationOptions } from "../../src/association/index.js";
import { toHex } from "../../src/base/index.js";
import { clock, get, hex, Joined, octets } from "./joined.js";

const answer = () => ({ service: "get" as const, results: [{ ok: true as const, data: hex("10003C") }] });

/** An association whose AARE is changed on its way. */
function withAare(change: (aare: Aare) => Aare, client: ClientAssociationOptions = {}) {
  return new Joined({
    client,
    answer,
    fault: (apdu) => {
      const decoded = apdu[0] === 0x61 ? decodeApdu(apdu) : undefined;
      return [decoded?.type === "aare" ? encodeApdu(change(decoded)) : apdu];
    },
  }).associate();
}

const reads = (joined: Joined) =>
  expect(joined.ask(get(clock))).toMatchObject({ response: { results: [{ ok: true, data: hex("10003C") }] } });

describe("answers to an association request as they are met", () => {
  const bare = ({ userInformation: _, ...aare }: Aare): Aare => aare;

  it("an AARE without user-information: what was proposed is taken as agreed", () => {
    const joined = withAare(bare);
    expect(joined.notices).toEqual(["user-information-missing", "acceptance-without-initiate"]);
    reads(joined);
    const strict = withAare(bare, { tolerances: { acceptanceWithoutInitiate: false } });
    expect(strict.of("rejected")[0]?.error.code).toBe("association-rejected");
  });

  it("another application context than asked for", () => {
    const other = (aare: Aare): Aare => ({ ...aare, applicationContextName: "2.16.756.5.8.1.3" });
    const joined = withAare(other);
    expect(joined.notices).toEqual(["other-application-context"]);
    reads(joined);
    expect(withAare(other, { tolerances: { otherApplicationContext: false } }).of("rejected")).toHaveLength(1);
  });

  it("an explicit protocol-version", () => {
    reads(withAare((aare) => ({ ...aare, protocolVersion: { length: 1, bytes: hex("80") } })));
  });

  it("a PDU size that is reserved, no limit, more services than proposed", () => {
    const initiate = (serverMaxReceivePduSize: number) => (aare: Aare) => ({
      ...aare,
      userInformation: encodeApdu({
        type: "initiate-response" as const,
        negotiatedDlmsVersionNumber: 6,
        negotiatedConformance: 0xffffff,
        serverMaxReceivePduSize,
        vaaName: 7,
      }),
    });
    const reserved = withAare(initiate(5));
    expect(reserved.notices).toEqual(["more-granted-than-proposed", "pdu-size-reserved"]);
    reads(reserved);
    const unlimited = withAare(initiate(0));
    expect(unlimited.client.negotiated?.peerMaxPduSize).toBe(0);
    const set = { service: "set" as const, items: [{ attribute: clock, value: octets(60_000) }] };
    unlimited.answer = () => ({ service: "set", results: [0] });
    expect(unlimited.ask(set)).toMatchObject({ response: { results: [0] } });
    expect(unlimited.wire.at(-2)?.apdu.length).toBeGreaterThan(60_000);
  });

  it("an older DLMS version is refused", () => {
    const joined = withAare((aare) => ({ ...aare, userInformation: hex("0800055F1F040000301D00EF0007") }));
    expect(joined.of("rejected")[0]?.error.message).toContain("version 5");
  });

  it("an exception-response to the AARQ", () => {
    const joined = new Joined({ fault: (apdu, towards) => (towards === "client" ? [hex("D801060000007B")] : [apdu]) });
    const error = joined.associate().of("rejected")[0]?.error;
    expect(error).toMatchObject({ details: { reason: "invocation-counter-error", expected: "123" } });
  });

  it("an RLRE without a reason, and one with user-information", () => {
    for (const reply of ["6300", "6315800100BE10040E0800065F1F040000101D00800007"]) {
      const joined = new Joined({ answer, fault: (apdu) => [apdu[0] === 0x63 ? hex(reply) : apdu] }).associate();
      joined.client.send({ type: "release" }, 0);
      joined.run();
      expect(joined.events.at(-1)).toEqual({ type: "released" });
    }
  });
});

it("a reply of 1 MB by blocks comes whole, in the fewest blocks the PDU size allows", () => {
  const data = octets(1_000_000);
  const joined = new Joined({
    client: { maxPduSize: 1024 },
    answer: () => ({ service: "get", results: [{ ok: true, data }] }),
  }).associate();
  const before = joined.wire.length;
  const outcome = joined.ask(get(clock));
  const [result] = outcome?.type === "response" && outcome.response.service === "get" ? outcome.response.results : [];
  expect(result?.ok && toHex(result.data) === toHex(data)).toBe(true);
  // Tag, choice, invoke id, last-block, number, choice, and three octets of length.
  expect((joined.wire.length - before) / 2).toBe(Math.ceil(data.length / (1024 - 12)));
});
