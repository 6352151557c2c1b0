import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import { decodeParameters, encodeAddress, FrameSplitter, type HdlcChunk } from "../../src/hdlc/index.js";

const folder = process.env["DLMS_CORPUS"] ?? "";

interface Expectation {
  readonly length?: number;
  readonly dest?: string;
  readonly src?: string;
  readonly control?: string;
  readonly frame?: string;
  readonly segmented?: boolean;
  readonly hcsOk?: boolean | null;
  readonly fcsOk?: boolean;
  readonly negotiation?: { maxInfoTx: number; maxInfoRx: number; windowTx: number; windowRx: number };
}
interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly hex: string | readonly string[];
  readonly expected: Expectation & { frames?: Expectation[]; steps?: Expectation[] };
}

const split = (hex: string, damaged: boolean, step: number): HdlcChunk[] => {
  const splitter = new FrameSplitter({ damaged });
  const bytes = fromHex(hex);
  const found: HdlcChunk[] = [];
  for (let at = 0; at < bytes.length; at += step) found.push(...splitter.push(bytes.slice(at, at + step)));
  found.push(...splitter.flush());
  return found;
};
const factsOf = (chunk: HdlcChunk) =>
  chunk.type === "frame"
    ? {
        dest: toHex(Uint8Array.from(encodeAddress(chunk.frame.destination))),
        src: toHex(Uint8Array.from(encodeAddress(chunk.frame.source))),
        control: toHex(Uint8Array.of(chunk.frame.controlField)),
        segmented: chunk.frame.segmented,
        hcsOk: chunk.frame.headerCheckOk ?? null,
        fcsOk: chunk.frame.frameCheckOk,
      }
    : {};
const files = ["hdlc-frames", "hdlc-sessions", "push-hdlc-plain", "push-encrypted", "push-encrypted-nokey"];
const vectors = files
  .map((name) => join(folder, `${name}.json`))
  .filter((path) => folder !== "" && existsSync(path))
  .flatMap((path) => JSON.parse(readFileSync(path, "utf8")) as Vector[])
  .filter(({ kind }) => kind.startsWith("hdlc"));

describe.runIf(vectors.length > 0)("frames of the corpus", () => {
  for (const vector of vectors)
    it(vector.id, () => {
      const { expected } = vector;
      const wanted = expected.frames ?? expected.steps ?? [expected];
      const hex = typeof vector.hex === "string" ? vector.hex : vector.hex.join("");
      const events = split(hex, true, hex.length);
      const frames = events.filter((event) => event.type === "frame");
      if (expected.frame?.includes("missing") === true) {
        // Its last octet is both the flag's value and the high octet of the right check sequence: no flag follows.
        expect(frames.map(({ frame, endFlag }) => [frame.frameCheckOk, endFlag])).toEqual([[true, false]]);
        return;
      }
      // The standard has no addresses of three octets: nothing to hand out.
      if (expected.src?.length === 6) return expect(frames).toEqual([]);
      expect(frames.length).toBe(wanted.length);
      wanted.forEach((want, i) => {
        const frame = frames[i]!;
        const { dest, src, control, segmented, fcsOk } = want;
        const { hcsOk, ...facts } = factsOf(frame) as Record<string, unknown>;
        expect(facts).toMatchObject(
          JSON.parse(JSON.stringify({ dest, src, control, segmented, fcsOk })) as Record<string, unknown>,
        );
        if (want.hcsOk !== undefined && want.hcsOk !== null) expect(hcsOk).toBe(want.hcsOk);
        if (want.length !== undefined) expect(frame.bytes.length - 1).toBe(want.length);
        if (want.frame !== undefined) expect(want.frame.split(" ")[0]?.toLowerCase()).toBe(frame.frame.type);
        if (want.negotiation !== undefined)
          expect(decodeParameters(frame.frame.information)).toEqual({
            maxInfoTransmit: want.negotiation.maxInfoTx,
            maxInfoReceive: want.negotiation.maxInfoRx,
            windowTransmit: want.negotiation.windowTx,
            windowReceive: want.negotiation.windowRx,
          });
      });
      const sound = frames
        .filter((frame) => frame.frame.frameCheckOk && frame.frame.headerCheckOk !== false)
        .map(factsOf);
      for (const step of [1, 7])
        expect(
          split(hex, false, step)
            .filter(({ type }) => type === "frame")
            .map(factsOf),
        ).toEqual(sound);
    });
});
