import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/base/index.js";
import {
  type LocalLine,
  SignOn,
  type SignOnEvent,
  type SignOnOptions,
  SignOnResponder,
  type SignOnResponderEvent,
  type SignOnResponderOptions,
} from "../../src/iec62056-21/index.js";

/** Puts the parity bit on top, as a line set to 8N1 sees characters sent in 7E1. */
const withParity = (octet: number) => {
  let ones = 0;
  for (let bit = 0; bit < 7; bit++) ones += (octet >> bit) & 1;
  return octet | ((ones & 1) << 7);
};

/** What a receiver set to `to` makes of characters that were sent with `from`. */
function heard(bytes: Uint8Array, from: LocalLine | undefined, to: LocalLine | undefined): Uint8Array {
  if (from?.baudRate !== to?.baudRate) return bytes.map((octet) => (octet * 37 + 11) & 0xff);
  if (from?.dataBits === 7 && to?.dataBits === 8) return bytes.map(withParity);
  if (from?.dataBits === 8 && to?.dataBits === 7) return bytes.map((octet) => octet & 0x7f);
  return bytes;
}

interface Run {
  readonly initiator: SignOnEvent[];
  readonly responder: SignOnResponderEvent[];
  readonly line: { initiator?: LocalLine; responder?: LocalLine };
  readonly endedAt: number;
}

/** Both ends on a simulated optical line; time jumps to the next deadline. */
function run(
  options: SignOnOptions,
  meter: SignOnResponderOptions,
  disturb: (bytes: Uint8Array, from: "initiator" | "responder", count: number) => Uint8Array = (bytes) => bytes,
): Run {
  const initiator = new SignOn(options);
  const responder = new SignOnResponder(meter);
  const result = { initiator: [] as SignOnEvent[], responder: [] as SignOnResponderEvent[], line: {} as Run["line"] };
  let now = 0;
  let count = 0;
  initiator.send({ type: "start" }, now);
  for (let turn = 0; turn < 200; turn++) {
    let moved = false;
    for (const side of ["initiator", "responder"] as const) {
      const [self, other] = side === "initiator" ? [initiator, responder] : [responder, initiator];
      for (let output = self.takeOutput(); output !== undefined; output = self.takeOutput()) {
        moved = true;
        const far = side === "initiator" ? result.line.responder : result.line.initiator;
        other.receive(heard(disturb(output, side, count++), result.line[side], far), now);
      }
      for (let event = self.nextEvent(); event !== undefined; event = self.nextEvent()) {
        moved = true;
        (result[side] as unknown[]).push(event);
        if (event.type === "line") result.line[side] = event.line;
      }
    }
    if (moved) continue;
    const deadlines = [initiator.deadline, responder.deadline].filter((deadline) => deadline !== undefined);
    const ended = result.initiator.some(
      (e) => e.type === "failed" || e.type === "handed-over" || (e.type === "data" && e.last),
    );
    if (deadlines.length === 0 || ended) break;
    now = Math.min(...deadlines);
    initiator.handleTimeout(now);
    responder.handleTimeout(now);
  }
  return { ...result, endedAt: now };
}

const meter = { identification: "/DLM5\\2MOCK", readOut: "1.8.0(000123.4*kWh)\r\nF.F(00)\r\n!\r\n" };
const find = <T extends SignOnEvent["type"]>(events: readonly SignOnEvent[], type: T) =>
  events.find((event) => event.type === type) as Extract<SignOnEvent, { type: T }> | undefined;
const notices = (events: readonly SignOnEvent[]) =>
  events.flatMap((event) => (event.type === "notice" ? [event.name] : []));

describe("mode E", () => {
  it("hands over to HDLC at the speed offered, in 8N1 on both sides", () => {
    const { initiator, responder, line } = run({ purpose: "hdlc" }, meter);
    expect(find(initiator, "identified")?.identification.identification).toBe("\\2MOCK");
    expect(find(initiator, "handed-over")).toEqual({ type: "handed-over", baudRate: 9600, rest: new Uint8Array() });
    expect(responder.some((event) => event.type === "handed-over")).toBe(true);
    expect(line.initiator).toEqual({ baudRate: 9600, dataBits: 8, parity: "none", stopBits: 1 });
    expect(line.responder).toEqual(line.initiator);
    expect(notices(initiator)).not.toContain("confirmation-omitted");
  });

  it("begins at 300 baud, 7E1", () => {
    const first = run({ purpose: "hdlc" }, meter).initiator[0];
    expect(first).toEqual({ type: "line", line: { baudRate: 300, dataBits: 7, parity: "even", stopBits: 1 } });
  });

  it.each([
    [2400, "4800", 2400],
    [300, "300", 300],
    [19200, "9600", 9600],
  ])("keeps to a limit of %i baud", (maxBaudRate, _name, chosen) => {
    expect(find(run({ purpose: "hdlc", maxBaudRate }, meter).initiator, "handed-over")?.baudRate).toBe(chosen);
  });

  it("does not wait for a confirmation that is omitted", () => {
    const { initiator, endedAt } = run({ purpose: "hdlc" }, { ...meter, confirms: false });
    expect(find(initiator, "handed-over")?.baudRate).toBe(9600);
    expect(notices(initiator)).toContain("confirmation-omitted");
    expect(endedAt).toBeLessThan(2000);
  });

  it("goes on when HDLC is not announced, and says so", () => {
    const { initiator } = run({ purpose: "hdlc" }, { ...meter, identification: "/ISk5MT174-0001" });
    expect(find(initiator, "handed-over")).toBeDefined();
    expect(notices(initiator)).toContain("mode-e-not-announced");
  });

  it("addresses one meter, leading zeros aside", () => {
    const addressed = { ...meter, deviceAddress: "00012345" };
    expect(find(run({ purpose: "hdlc", deviceAddress: "12345" }, addressed).initiator, "handed-over")).toBeDefined();
    const { initiator } = run({ purpose: "hdlc", deviceAddress: "99" }, addressed);
    expect(find(initiator, "failed")?.error).toMatchObject({ code: "timeout", layer: "iec62056-21" });
  });

  it("discards its own echo", () => {
    const signOn = new SignOn({ purpose: "hdlc" });
    signOn.send({ type: "start" }, 0);
    signOn.handleTimeout(0);
    const request = signOn.takeOutput() as Uint8Array;
    signOn.receive(request, 10);
    signOn.receive(new TextEncoder().encode("/DLM5\\2MOCK\r\n"), 20);
    const events: SignOnEvent[] = [];
    for (let event = signOn.nextEvent(); event !== undefined; event = signOn.nextEvent()) events.push(event);
    expect(notices(events)).toContain("echo-discarded");
    expect(find(events, "identified")).toBeDefined();
  });

  it("keeps the first octets of HDLC that come glued to the confirmation", () => {
    const signOn = new SignOn({ purpose: "hdlc" });
    signOn.send({ type: "start" }, 0);
    signOn.handleTimeout(0);
    signOn.receive(new TextEncoder().encode("/DLM5\\2MOCK\r\n"), 20);
    signOn.handleTimeout(500);
    const select = signOn.takeOutput() === undefined ? undefined : signOn.takeOutput();
    signOn.receive(concatBytes((select as Uint8Array).map(withParity), Uint8Array.of(0x7e, 0xa0)), 900);
    const events: SignOnEvent[] = [];
    for (let event = signOn.nextEvent(); event !== undefined; event = signOn.nextEvent()) events.push(event);
    expect(find(events, "handed-over")?.rest).toEqual(Uint8Array.of(0x7e, 0xa0));
  });
});

describe("a bad line", () => {
  it("asks again when the first identification is lost", () => {
    let lost = false;
    const { initiator } = run({ purpose: "hdlc" }, meter, (bytes, from) => {
      if (from === "responder" && !lost) {
        lost = true;
        return new Uint8Array();
      }
      return bytes;
    });
    expect(notices(initiator)).toContain("sign-on-repeated");
    expect(find(initiator, "handed-over")).toBeDefined();
  });

  it("says what to check when nothing answers", () => {
    const { initiator } = run({ purpose: "hdlc", retries: 1 }, meter, () => new Uint8Array());
    const error = find(initiator, "failed")?.error;
    expect(error).toMatchObject({ code: "timeout", retryable: true });
    expect(error?.advice).toMatch(/probe/);
  });

  it("says parity and speed when only rubbish answers", () => {
    const { initiator } = run({ purpose: "hdlc", retries: 0 }, meter, (bytes, from) =>
      from === "responder" ? Uint8Array.from({ length: 9 }, () => 0x55) : bytes,
    );
    expect(find(initiator, "failed")?.error.advice).toMatch(/parity and speed/i);
  });

  it("reads a block again whose check fails", () => {
    let damaged = false;
    const { initiator } = run({ purpose: "read-out" }, meter, (bytes, from) => {
      if (from === "responder" && bytes[0] === 0x02 && !damaged) {
        damaged = true;
        return bytes.with(5, bytes[5]! ^ 1);
      }
      return bytes;
    });
    expect(notices(initiator)).toContain("block-check-failed");
    expect(find(initiator, "data")?.dataSets[0]).toEqual({
      reference: "1.8.0",
      values: [{ value: "000123.4", unit: "kWh" }],
    });
  });

  it("never delivers a block whose check fails", () => {
    const { initiator } = run({ purpose: "read-out" }, meter, (bytes, from) =>
      from === "responder" && bytes[0] === 0x02 ? bytes.with(5, bytes[5]! ^ 1) : bytes,
    );
    expect(find(initiator, "data")).toBeUndefined();
    expect(find(initiator, "failed")?.error.code).toBe("timeout");
  });
});

describe("read-out", () => {
  it("mode C: selects the speed and reads the data sets", () => {
    const { initiator, line } = run({ purpose: "read-out" }, meter);
    expect(find(initiator, "data")).toMatchObject({
      last: true,
      dataSets: [
        { reference: "1.8.0", values: [{ value: "000123.4", unit: "kWh" }] },
        { reference: "F.F", values: [{ value: "00" }] },
      ],
    });
    expect(line.initiator).toEqual({ baudRate: 9600, dataBits: 7, parity: "even", stopBits: 1 });
  });
});

it("refuses a device address that the standard does not allow", () => {
  expect(() => new SignOn({ purpose: "hdlc", deviceAddress: "x".repeat(33) })).toThrow(/32/);
  expect(() => new SignOn({ purpose: "hdlc", deviceAddress: "a!b" })).toThrow(/device address/);
});
