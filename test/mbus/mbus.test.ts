import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex, toHex } from "../../src/base/index.js";
import {
  encodeMbusFrame,
  MbusAssembler,
  type MbusChunk,
  type MbusFrame,
  MbusSplitter,
  matchMbusFrame,
  type ParsedMbusFrame,
  segmentMbusApdu,
} from "../../src/mbus/index.js";

const header = { address: 0xff, source: 1, destination: 0x67 };
const frame: MbusFrame = { ...header, control: 0x53, sequence: 0, final: true, payload: fromHex("0F40000000") };
const encoded = "680A0A6853FF1001670F4000000019" + "16";
const apdu = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff);

function assemble(chunks: readonly MbusChunk[]): { apdus: string[]; notices: string[]; damaged: number } {
  const assembler = new MbusAssembler();
  const result = { apdus: [] as string[], notices: [] as string[], damaged: 0 };
  for (const chunk of chunks) {
    if (chunk.type !== "frame") continue;
    if (!chunk.frame.checksumOk) {
      result.damaged++;
      continue;
    }
    const { apdu, notice } = assembler.push(chunk.frame);
    if (apdu !== undefined) result.apdus.push(toHex(apdu.apdu));
    if (notice !== undefined) result.notices.push(notice.name);
  }
  return result;
}

describe("long frame (EN 13757-2)", () => {
  it("both ways", () => {
    expect(toHex(encodeMbusFrame(frame))).toBe(encoded);
    expect(matchMbusFrame(fromHex(encoded), 0)).toMatchObject({ ...frame, checksumOk: true, lengthWrapped: false });
  });
  it("marks a wrong check sum", () => {
    expect(matchMbusFrame(fromHex(encoded.replace("1916", "1A16")), 0)).toMatchObject({ checksumOk: false });
  });
  it("takes 257 octets behind a length field that wrapped to 01", () => {
    const wide = concatBytes(fromHex("53FF000167"), apdu(252));
    const sum = wide.reduce((total, octet) => total + octet, 0) & 0xff;
    const bytes = concatBytes(fromHex("68010168"), wide, Uint8Array.of(sum, 0x16));
    const found = new MbusSplitter().push(bytes);
    expect(found).toHaveLength(1);
    expect((found[0] as { frame: ParsedMbusFrame }).frame).toMatchObject({ lengthWrapped: true, checksumOk: true });
  });
  it("refuses a payload that does not fit", () => {
    expect(() => encodeMbusFrame({ ...frame, payload: apdu(251) })).toThrow(/250/);
  });
});

describe("segments", () => {
  it.each([0, 1, 245, 246, 5000, 60_000])("%i octets survive segmentation, in every split of the stream", (length) => {
    const stream = concatBytes(...segmentMbusApdu(apdu(length), header));
    const splitter = new MbusSplitter();
    const found: MbusChunk[] = [];
    for (let at = 0; at < stream.length; at += 37) found.push(...splitter.push(stream.slice(at, at + 37)));
    expect(assemble(found)).toEqual({ apdus: [toHex(apdu(length))], notices: [], damaged: 0 });
  });
  it("a lost segment loses its APDU with a notice, not the next one", () => {
    const first = segmentMbusApdu(apdu(600), header);
    const second = segmentMbusApdu(apdu(10), header);
    const stream = concatBytes(first[0]!, first[2]!, ...second);
    expect(assemble(new MbusSplitter().push(stream))).toEqual({
      apdus: [toHex(apdu(10))],
      notices: ["mbus-segment-lost"],
      damaged: 0,
    });
  });
  it("an APDU broken off is dropped when the next begins", () => {
    const stream = concatBytes(segmentMbusApdu(apdu(600), header)[0]!, ...segmentMbusApdu(apdu(10), header));
    expect(assemble(new MbusSplitter().push(stream)).apdus).toEqual([toHex(apdu(10))]);
  });
  it("empty segments without end keep nothing", () => {
    const segments = Array.from({ length: 100 }, (_, i) =>
      encodeMbusFrame({ ...frame, sequence: i & 15, final: false, payload: apdu(0) }),
    );
    const { apdus, notices } = assemble(new MbusSplitter().push(concatBytes(...segments)));
    expect(apdus).toEqual([]);
    expect(notices).toHaveLength(100);
  });
  it("unfinished APDUs of ever new senders are dropped, the oldest first", () => {
    const assembler = new MbusAssembler();
    const begin = (source: number) =>
      assembler.push({ ...frame, source, sequence: 0, final: false, payload: apdu(3) }).notice?.name;
    const end = (source: number) =>
      assembler.push({ ...frame, source, sequence: 1, payload: apdu(3) }).apdu?.apdu.length;
    const notices = Array.from({ length: 200 }, (_, source) => begin(source));
    expect(notices.filter((name) => name === "mbus-segment-lost")).toHaveLength(136);
    expect(end(0)).toBeUndefined();
    expect(end(199)).toBe(6);
  });
});

it("noise between frames is handed out, frames behind it are found", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 60 }), (noise, step) => {
      const quiet = noise.map((octet) => (octet === 0x68 ? 0 : octet));
      const stream = concatBytes(quiet, fromHex(encoded), quiet, fromHex(encoded));
      const splitter = new MbusSplitter();
      const found: MbusChunk[] = [];
      for (let at = 0; at < stream.length; at += step) found.push(...splitter.push(stream.slice(at, at + step)));
      found.push(...splitter.flush());
      expect(found.filter((chunk) => chunk.type === "frame")).toHaveLength(2);
      expect(found.reduce((sum, chunk) => sum + chunk.bytes.length, 0)).toBe(stream.length);
    }),
  );
});

it("hostile octets are bounded and lose nothing", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0x68, 0x01, 0x16, 0xff, 0x53), { maxLength: 600 }), (octets) => {
      const splitter = new MbusSplitter();
      const found = [...splitter.push(Uint8Array.from(octets)), ...splitter.flush()];
      expect(found.reduce((sum, chunk) => sum + chunk.bytes.length, 0)).toBe(octets.length);
    }),
  );
});
