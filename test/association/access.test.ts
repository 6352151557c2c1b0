import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeApdu, encodeApdu } from "../../src/apdu/index.js";
import type {
  AccessItem,
  AccessServiceRequest,
  AccessServiceResponse,
  ServiceRequest,
  ServiceResponse,
} from "../../src/association/index.js";
import { clock, everything, type Fault, hex, Joined, octets, register, without } from "./joined.js";

const granted = new Set([...everything, "access" as const]);
const five = new Uint8Array([17, 5]);
const method = { classId: 70, instanceId: hex("0000600310FF"), methodId: 1 };
const mixed: AccessServiceRequest = {
  service: "access",
  items: [
    { kind: "get", attribute: clock },
    { kind: "set", attribute: register(1), value: five },
    { kind: "action", method, parameter: new Uint8Array([15, 0]) },
    { kind: "get", attribute: register(2), access: { selector: 2, parameters: five } },
    { kind: "set", attribute: register(3), access: { selector: 1, parameters: five }, value: five },
  ],
};
const reads = (count: number): AccessServiceRequest => ({
  service: "access",
  items: Array.from({ length: count }, (_, i) => ({ kind: "get", attribute: register(i) })),
});

const dateTime = hex("07EA0B15060A0F0000FFC400");
const long = octets(300);
const resultOf = ({ kind }: AccessItem) => (kind === "get" ? { kind, result: 0, data: long } : { kind, result: 0 });
const answer = (request: ServiceRequest): ServiceResponse =>
  request.service === "access"
    ? { service: "access", results: request.items.map(resultOf), dateTime }
    : { service: "get", results: [{ ok: false, result: 4 }] };

const joinedWith = (options: ConstructorParameters<typeof Joined>[0] = {}) =>
  new Joined({ answer, ...options, profile: { conformance: granted, ...options.profile } }).associate();

describe("ACCESS (Green Book 9.3.9)", () => {
  it("carries every specification there and every result back", () => {
    const joined = joinedWith();
    const outcome = joined.ask(mixed);
    expect(outcome).toMatchObject({ type: "response", response: answer(mixed) });
    expect(joined.ofServer("request")[0]?.request).toEqual(mixed);
    expect(joined.wire).toHaveLength(4);
  });

  it("repeats the request where it is to describe itself, and takes the client's time", () => {
    const joined = joinedWith();
    const request = { ...mixed, selfDescriptive: true, dateTime };
    joined.ask(request);
    expect(joined.ofServer("request")[0]?.request).toEqual(request);
    const sent = joined.wire.map(({ apdu }) => decodeApdu(apdu));
    const [asked, answered] = [sent.find((a) => a.type === "access-request"), sent.at(-1)];
    expect(answered).toMatchObject({ requested: asked?.type === "access-request" && asked.specifications });
  });

  it("goes in general blocks when it is too long", () => {
    const conformance = new Set([...granted, "general-block-transfer" as const]);
    const limits = { maxPduSize: 128, conformance };
    const joined = joinedWith({ client: limits, profile: limits });
    expect(joined.ask(reads(20))).toMatchObject({ type: "response", response: answer(reads(20)) });
    expect(joined.wire.some(({ apdu }) => apdu[0] === 0xe0)).toBe(true);
    expect(joined.wire.every(({ apdu }) => apdu[0] === 0x60 || apdu[0] === 0x61 || apdu.length <= 128)).toBe(true);
  });

  it("is cut in several, and reads in halves, where there are no general blocks", () => {
    const few = new Set(granted);
    const joined = joinedWith({ profile: { maxPduSize: 128, conformance: few }, client: { maxPduSize: 700 } });
    expect(joined.ask(reads(20))).toMatchObject({ type: "response", response: answer(reads(20)) });
    expect(joined.notices).toContain("list-split");
  });

  it("every list of results comes back as it was given", () => {
    const item = fc.constantFrom(...mixed.items);
    const code = fc.constantFrom(0, 3, 4, 12, 250);
    fc.assert(
      fc.property(fc.array(fc.tuple(item, code), { minLength: 1, maxLength: 20 }), (rows) => {
        const response: AccessServiceResponse = {
          service: "access",
          results: rows.map(([{ kind }, result]) => ({
            kind,
            result,
            ...(result === 0 && kind === "get" && { data: five }),
          })),
        };
        const joined = joinedWith({ answer: () => response });
        const request = { service: "access" as const, items: rows.map(([one]) => one) };
        const asked = joined.ask(request);
        // Reads that were all refused for their scope alone are asked again in halves; 13 is not among these.
        expect(asked).toMatchObject({ type: "response", response });
      }),
      { numRuns: 60 },
    );
  });
});

/** Changes what the meter answers to an ACCESS. */
const answering =
  (change: (apdu: Extract<ReturnType<typeof decodeApdu>, { type: "access-response" }>) => object): Fault =>
  (apdu, towards) => {
    const content = towards === "client" ? decodeApdu(apdu) : undefined;
    return content?.type === "access-response" ? [encodeApdu({ ...content, ...change(content) })] : [apdu];
  };

describe("ACCESS that goes wrong", () => {
  it("not granted: nothing is sent", () => {
    const joined = new Joined({ answer }).associate();
    const before = joined.wire.length;
    expect(() => joined.ask(mixed)).toThrow(/did not grant access/);
    expect(joined.wire).toHaveLength(before);
  });

  it("not granted: the meter refuses", () => {
    const joined = new Joined({ answer }).associate();
    joined.server.receive(
      encodeApdu({
        type: "access-request",
        longInvokeIdAndPriority: {
          invokeId: 1,
          selfDescriptive: false,
          breakOnError: false,
          confirmed: true,
          highPriority: false,
        },
        dateTime: new Uint8Array(),
        specifications: [{ choice: "get", attribute: clock }],
        data: [new Uint8Array([0])],
      }),
    );
    expect(decodeApdu(joined.server.takeOutput() ?? new Uint8Array())).toMatchObject({ type: "exception-response" });
    joined.pump();
    expect(joined.ofServer("request")).toEqual([]);
  });

  it.each([
    ["fewer results", (a: { results: readonly unknown[] }) => ({ results: a.results.slice(1) })],
    ["fewer values", (a: { data: readonly unknown[] }) => ({ data: a.data.slice(1) })],
    ["results of other kinds", (a: { results: readonly unknown[] }) => ({ results: [...a.results].reverse() })],
  ])("item count mismatch, %s: the outcome of the writes is unknown", (_, change) => {
    const joined = joinedWith();
    joined.fault = answering(change as never);
    const request = { ...mixed, items: mixed.items.slice(0, 2) };
    expect(joined.ask(request)).toMatchObject({
      type: "failed",
      error: { code: "response-mismatch", outcomeUnknown: true },
    });
  });

  it("item count mismatch in the request: refused, nothing carried out", () => {
    const joined = joinedWith();
    joined.fault = (apdu, towards) => {
      const content = towards === "server" ? decodeApdu(apdu) : undefined;
      return content?.type === "access-request" ? [encodeApdu({ ...content, data: content.data.slice(1) })] : [apdu];
    };
    expect(joined.ask(mixed)).toMatchObject({ type: "failed", error: { code: "request-refused" } });
    expect(joined.ofServer("request")).toEqual([]);
  });

  it("wrong long invoke id: the answer is nobody's", () => {
    const joined = joinedWith();
    joined.fault = answering(({ longInvokeIdAndPriority }) => ({
      longInvokeIdAndPriority: { ...longInvokeIdAndPriority, invokeId: longInvokeIdAndPriority.invokeId + 0x1_0000 },
    }));
    expect(joined.ask(mixed)).toMatchObject({ type: "failed", error: { code: "timeout", outcomeUnknown: true } });
    expect(joined.notices).toContain("late-answer-discarded");
  });

  it("lost answer: reads are asked again, writes are not", () => {
    const lost = () => {
      const joined = joinedWith({ client: { retries: 1 } });
      let left = 1;
      joined.fault = (apdu, towards) => (towards === "client" && left-- > 0 ? [] : [apdu]);
      return joined;
    };
    expect(lost().ask(reads(3))).toMatchObject({ type: "response", response: answer(reads(3)) });
    const writing = lost();
    expect(writing.ask(mixed)).toMatchObject({ type: "failed", error: { code: "timeout", outcomeUnknown: true } });
    expect(writing.ofServer("request")).toHaveLength(1);
  });

  it("an unconfirmed one is carried out and not answered", () => {
    const joined = joinedWith();
    expect(joined.ask(mixed, { unconfirmed: true })).toMatchObject({ type: "response" });
    expect(joined.ofServer("request")).toMatchObject([{ unconfirmed: true }]);
    expect(joined.wire.at(-1)?.towards).toBe("server");
  });

  it("without the service the same meter is asked as before", () => {
    expect(without("get").has("access" as never)).toBe(false);
    expect(joinedWith({ answer: undefined as never }).client.negotiated?.conformance.has("access")).toBe(true);
  });
});
