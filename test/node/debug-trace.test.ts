import createDebug from "debug";
import { afterEach, describe, expect, it } from "vitest";
import { fromHex } from "../../src/base/index.js";
import type { TraceDetail, TraceEvent } from "../../src/client/index.js";
import { clientAddress, encodeFrame, serverAddress } from "../../src/hdlc/index.js";
import { debugTrace, serial, TraceWriter, tcp } from "../../src/node/index.js";

const event = (detail: TraceDetail): TraceEvent => ({ session: 3, at: 0, wallTime: 0, ...detail });
const bytes = (direction: "sent" | "received", octets: Uint8Array) =>
  event({ type: "bytes", direction, bytes: octets });
const text = (letters: string) => Uint8Array.from(letters, (letter) => letter.charCodeAt(0));

const frame = encodeFrame({
  type: "i",
  poll: true,
  sendSequence: 1,
  receiveSequence: 2,
  destination: serverAddress(1, 17),
  source: clientAddress(16),
  segmented: false,
  information: fromHex("E6E600C001C100080000010000FF0200"),
});

describe("TraceWriter", () => {
  it("annotates an HDLC frame, whole or in pieces, and marks one whose check failed", () => {
    const writer = new TraceWriter();
    const [line] = writer.lines(bytes("sent", frame));
    expect(line?.topic).toBe("hdlc");
    expect(line?.text).toMatch(/^#3 > I N\(S\)=1 N\(R\)=2 P\/F 16 -> .*17.* 7EA0.*7E$/);
    expect(writer.lines(bytes("received", frame.subarray(0, 9)))).toEqual([]);
    expect(writer.lines(bytes("received", frame.subarray(9)))).toHaveLength(1);
    const broken = frame.slice();
    broken[14]! ^= 1;
    expect(writer.lines(bytes("sent", broken))[0]?.text).toContain("CHECK FAILED");
  });

  it("annotates wrapper packets, sign-on texts and noise", () => {
    const writer = new TraceWriter();
    expect(writer.lines(bytes("sent", fromHex("0001 0010 0001 0002 6203".replaceAll(" ", ""))))).toMatchObject([
      { topic: "wrapper", text: expect.stringContaining("16 -> 1, 2 octets") },
    ]);
    expect(writer.lines(bytes("sent", text("/?!\r\n")))).toEqual([{ topic: "iec62056-21", text: '#3 > "/?!\\r\\n"' }]);
    expect(writer.lines(bytes("received", fromHex("FF9D")))).toEqual([{ topic: "transport", text: "#3 < FF9D" }]);
  });

  it("names APDUs, targets, notices, states, failures and counters", () => {
    const writer = new TraceWriter();
    const of = (detail: TraceDetail) => writer.lines(event(detail))[0];
    expect(of({ type: "apdu", direction: "received", apdu: fromHex("C401C10009") })).toEqual({
      topic: "apdu",
      text: "#3 < get-response, 5 octets C401C10009",
    });
    const targets = [{ classId: 3, obis: "1-0:1.8.0*255", index: 2 }];
    expect(of({ type: "request", id: 1, service: "get", targets })?.text).toBe("#3 get 1-0:1.8.0*255 3/2");
    expect(of({ type: "response", id: 1, durationMs: 12.4, bytes: 30, refused: 1 })?.text).toContain("1 refused");
    expect(of({ type: "notice", layer: "link", name: "echo", message: "own octets" })).toEqual({
      topic: "link",
      text: "#3 echo: own octets",
    });
    expect(of({ type: "state", state: "closed", message: "released" })?.text).toBe("#3 closed released");
    expect(of({ type: "counter", source: "store", counter: 7, message: "reserved" })?.topic).toBe("security");
  });
});

describe("debugTrace", () => {
  const log = createDebug.log;
  afterEach(() => {
    createDebug.disable();
    createDebug.log = log;
  });

  it("prints the topics that are switched on, and those alone", () => {
    const printed: string[] = [];
    createDebug.log = (...args: unknown[]) => printed.push(args.join(" "));
    createDebug.enable("dlms:hdlc");
    const sink = debugTrace();
    sink(bytes("sent", frame));
    sink(event({ type: "state", state: "linking", message: "100 %d" }));
    expect(printed).toHaveLength(1);
    expect(printed[0]).toContain("N(S)=1");
  });

  it("comes with an endpoint only when something of dlms: is switched on", () => {
    expect(tcp({ host: "meter" }).trace).toBeUndefined();
    createDebug.enable("dlms:apdu");
    expect(tcp({ host: "meter" }).trace).toBeTypeOf("function");
    expect(serial({ path: "/dev/ttyUSB0" }).trace).toBeTypeOf("function");
  });
});
