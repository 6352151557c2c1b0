import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, DlmsError, fromHex, toHex } from "../../src/base/index.js";
import {
  checkSequence,
  clientAddress,
  decodeAddress,
  decodeControl,
  decodeFrame,
  decodeParameters,
  encodeAddress,
  encodeControl,
  encodeFrame,
  encodeParameters,
  FrameSplitter,
  type HdlcChunk,
  type HdlcFrame,
  rejectText,
  serverAddress,
} from "../../src/hdlc/index.js";

it("the check value of X-25 is 906E", () => {
  expect(checkSequence(new TextEncoder().encode("123456789"))).toBe(0x906e);
});

describe("addresses", () => {
  it.each([
    [clientAddress(16), "21"],
    [serverAddress(1), "03"],
    [serverAddress(1, 17), "0223"],
    [serverAddress(1, 0x3fff), "0002FEFF"],
    [serverAddress(0x1000, 1), "40000003"],
  ])("%o is %s", (address, hex) => {
    expect(toHex(Uint8Array.from(encodeAddress(address)))).toBe(hex);
    expect(decodeAddress(fromHex(hex), 0, hex.length / 2)).toEqual(address);
  });
  it.each(["00", "0002", "00020423", "000003"])("%s has no end within four octets, or three", (hex) => {
    expect(decodeAddress(fromHex(hex === "00020423" ? "0002042200" : hex), 0, hex.length / 2)).toBeUndefined();
  });
  it("refuses an address that does not fit", () => {
    expect(() => clientAddress(128)).toThrow(expect.objectContaining({ code: "invalid-argument" }));
    expect(() => encodeAddress({ upper: 1, lower: 200, size: 2 })).toThrow(/127/);
  });
});

it("every control field survives a round trip", () => {
  for (let octet = 0; octet < 256; octet++) {
    const control = decodeControl(octet);
    if (control.type !== "unknown") expect(encodeControl(control)).toBe(octet);
  }
});

describe("parameters of SNRM and UA", () => {
  it("reads what it writes", () => {
    const given = { maxInfoTransmit: 2030, maxInfoReceive: 128, windowTransmit: 7, windowReceive: 1 };
    expect(toHex(encodeParameters(given))).toBe("8180130502" + "07EE" + "060180" + "070400000007" + "080400000001");
    expect(decodeParameters(encodeParameters(given))).toEqual(given);
  });
  it.each([
    ["nothing", "", 128, 1],
    ["two octets for the length", "8180140502" + "0200" + "06020200" + "070400000001" + "080400000001", 512, 1],
    ["one octet for the window", "81800C" + "0501F0" + "0601F0" + "070103" + "080103", 240, 3],
    ["no header", "0501F0" + "0601F0", 240, 1],
    ["a wrong group length", "8180FF" + "0501F0" + "070107", 240, 7],
    ["cut off", "818012" + "0501", 128, 1],
    ["a length of 0", "818006" + "0500" + "060180", 128, 1],
    ["out of range", "818006" + "0502FFFF" + "070100", 128, 1],
  ])("%s", (_name, hex, maxInfoTransmit, windowTransmit) => {
    expect(decodeParameters(fromHex(hex))).toMatchObject({ maxInfoTransmit, windowTransmit });
  });
});

const sample: HdlcFrame = {
  type: "i",
  poll: true,
  sendSequence: 3,
  receiveSequence: 5,
  destination: serverAddress(1, 17),
  source: clientAddress(16),
  segmented: false,
  information: fromHex("E6E600C001"),
};

describe("frames", () => {
  it("SNRM and UA, as IEC 62056-46 annex examples give them", () => {
    const snrm = fromHex("7EA00A00020023215314B77E");
    expect(decodeFrame(snrm.subarray(1, -1))).toMatchObject({
      type: "disc",
      poll: true,
      destination: { upper: 1, lower: 17, size: 4 },
      source: { upper: 16 },
      frameCheckOk: true,
      headerCheckOk: undefined,
    });
  });
  it("reads what it writes, up to 2,047 octets between the flags", () => {
    for (const length of [0, 1, 5, 128, 300, 2047 - 2 - 4 - 4 + 0]) {
      const frame = { ...sample, information: new Uint8Array(length).fill(0x7e) };
      const bytes = encodeFrame(frame);
      expect(decodeFrame(bytes.subarray(1, -1))).toMatchObject({ ...frame, frameCheckOk: true });
    }
    expect(() => encodeFrame({ ...sample, information: new Uint8Array(2040) })).toThrow(/2047/);
  });
  it("every flipped bit fails a check", () => {
    const bytes = encodeFrame(sample);
    for (let bit = 8; bit < (bytes.length - 1) * 8; bit++) {
      const damaged = bytes.with(bit >> 3, (bytes[bit >> 3] as number) ^ (1 << (bit & 7)));
      const frame = decodeFrame(damaged.subarray(1, -1));
      expect(frame === undefined || !frame.frameCheckOk).toBe(true);
    }
  });
  it("says in words why a frame was rejected", () => {
    expect(rejectText(fromHex("93000F"))).toMatch(/SNRM: .*N\(R\)/);
    expect(rejectText(new Uint8Array())).toBe("no reason given");
  });
});

/** Frames and discarded octets as text, copied at once: the views hold until the next push. */
const texts = (chunks: readonly HdlcChunk[]) =>
  chunks.map((chunk) => (chunk.type === "frame" ? toHex(chunk.frame.information) : `-${toHex(chunk.bytes)}`));
const frames = (found: readonly string[]) => found.filter((text) => !text.startsWith("-"));

function pushAll(stream: Uint8Array, sizes: readonly number[], options = {}): string[] {
  const splitter = new FrameSplitter(options);
  const found: string[] = [];
  for (let at = 0, i = 0; at < stream.length; i++) {
    const size = sizes[i % sizes.length] ?? stream.length;
    found.push(...texts(splitter.push(stream.slice(at, at + size))));
    at += size;
  }
  found.push(...texts(splitter.flush()));
  return found;
}

describe("splitter", () => {
  const informations = [fromHex("AA"), new Uint8Array(60).fill(0x7e), fromHex("7EA07E7E"), fromHex("BB01")];
  const encoded = informations.map((information) => encodeFrame({ ...sample, information }));
  const expected = informations.map(toHex);

  it("finds every frame in every split of the stream", () => {
    const stream = concatBytes(...encoded);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        expect(frames(pushAll(stream, sizes))).toEqual(expected);
      }),
    );
  });
  it("takes flags shared between frames, and doubled", () => {
    const shared = concatBytes(...encoded.map((bytes) => bytes.subarray(0, -1)), Uint8Array.of(0x7e));
    expect(pushAll(shared, [1000])).toEqual(expected);
    expect(pushAll(concatBytes(...encoded.flatMap((bytes) => [fromHex("7E7E7E"), bytes])), [3])).toEqual(expected);
  });
  it("finds a frame behind noise and false flags, in every split", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 30 }),
        fc.integer({ min: 1, max: 50 }),
        fc.boolean(),
        (noise, size, flags) => {
          const before = flags ? concatBytes(fromHex("7EA0FF7EA7"), noise, fromHex("7EA020")) : noise;
          const stream = concatBytes(before, encoded[1] as Uint8Array, noise, encoded[3] as Uint8Array);
          const found = frames(pushAll(stream, [size]));
          expect(found).toContain(expected[1]);
          expect(found).toContain(expected[3]);
        },
      ),
    );
  });
  it("hands out what belongs to no frame", () => {
    expect(pushAll(concatBytes(fromHex("0102"), encoded[0] as Uint8Array, fromHex("030405")), [100])).toEqual([
      "-0102",
      "AA",
      "-030405",
    ]);
  });
  it("takes a whole false frame's length of nothing as an end of patience only on flush", () => {
    const splitter = new FrameSplitter();
    const header = (encoded[1] as Uint8Array).subarray(0, 20);
    expect(splitter.push(concatBytes(header, encoded[0] as Uint8Array))).toEqual([]);
    expect(frames(texts(splitter.flush()))).toEqual(["AA"]);
  });
  it("reports damaged frames only where asked to", () => {
    const damaged = (encoded[1] as Uint8Array).with(30, 1);
    expect(frames(pushAll(damaged, [7]))).toEqual([]);
    const splitter = new FrameSplitter({ damaged: true });
    const [found] = splitter.push(damaged);
    expect(found).toMatchObject({ type: "frame", frame: { frameCheckOk: false, headerCheckOk: true } });
  });
});

it("hostile octets end in a frame, nothing, or a DlmsError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (tail) => {
      try {
        decodeFrame(concatBytes(Uint8Array.of(0xa0, tail.length + 2), tail));
        decodeParameters(tail);
        rejectText(tail);
      } catch (error) {
        expect(DlmsError.is(error)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});
