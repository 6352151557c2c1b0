import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeApdu, encodeApdu, inspectApdu } from "../../src/apdu/index.js";
import { fromHex, toHex } from "../../src/base/index.js";
import { translateKeys } from "../../src/cli/translate-keys.js";
import { type Message, translate } from "../../src/translate/index.js";
import { lines, substance } from "../translate/helpers.js";

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly hex?: string | readonly string[];
  readonly keys?: { readonly [name: string]: unknown };
}

const folder = process.env["DLMS_CORPUS"] ?? "";
const vectors: Vector[] = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .flatMap((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Vector[])
  : [];
if (vectors.length === 0) console.warn("corpus tests left out: DLMS_CORPUS names no folder of vectors");

const octetsOf = ({ hex = [] }: Vector) => (typeof hex === "string" ? [hex] : hex).map(fromHex);
const keysOf = ({ keys = {} }: Vector) => translateKeys({}, { ...keys, dedicatedKey: undefined });
const streams = new Set([
  "hdlc-push",
  "hdlc-frame",
  "hdlc-session",
  "mbus-push",
  "tcp-wrapper-session",
  "udp-wrapper-push",
]);

/** Splits worth trying: all of a short stream, and a sample of a long one. */
function splits(length: number): number[] {
  const step = Math.max(1, Math.floor(length / 60));
  return Array.from({ length: Math.ceil((length - 1) / step) }, (_, i) => 1 + i * step);
}
const plaintexts = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(plaintexts);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === "plaintext" && typeof item === "string" ? [item] : plaintexts(item),
  );
};
/** Hexadecimal octets of the APDUs that stood in clear or were opened. */
const apdusOf = (vector: Vector, messages: readonly Message[]) => {
  const bare = vector.kind === "apdu" || vector.kind === "acse-apdu" ? octetsOf(vector).map(toHex) : [];
  return [...bare, ...plaintexts(messages)];
};

describe.runIf(vectors.length > 0)("corpus", () => {
  const streamed = vectors.filter((vector) => streams.has(vector.kind));
  it.each(streamed.map((vector) => [vector.id, vector] as const))("%s is the same in every split", (_, vector) => {
    const parts = octetsOf(vector);
    const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
    const keys = keysOf(vector);
    const expected = substance(translate(lines(...parts), keys));
    if (expected.some((message) => message["error"] !== null)) return;
    for (const at of splits(Math.min(whole.length, 20_000)))
      expect(substance(translate(lines(whole.subarray(0, at), whole.subarray(at)), keys))).toEqual(expected);
  });

  it("APDUs that are canonical encode to the same octets", () => {
    let same = 0;
    const other: string[] = [];
    for (const vector of vectors)
      for (const hex of apdusOf(vector, translate(lines(...octetsOf(vector)), keysOf(vector)))) {
        if (hex.startsWith("2F")) continue;
        let tolerated = false;
        const inspected = inspectApdu(fromHex(hex), { onNotice: () => (tolerated = true) });
        if (inspected.error !== undefined || tolerated) continue;
        if (toHex(encodeApdu(decodeApdu(fromHex(hex)))) === hex) same++;
        else other.push(`${vector.id} ${hex.slice(0, 60)}`);
      }
    expect(other).toEqual([]);
    expect(same).toBeGreaterThan(50);
  });
});
describe.runIf(vectors.length === 0)("corpus", () => {
  it("is not here", () => expect(vectors).toEqual([]));
});
