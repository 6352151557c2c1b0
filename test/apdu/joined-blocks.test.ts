import { describe, expect, it } from "vitest";
import { decodeJoinedBlocks, encodeJoinedBlocks, type JoinedBlocks, type JoinedItems } from "../../src/apdu/index.js";
import { DecodeError, fromHex, toHex, UsageError } from "../../src/base/index.js";

function holds<K extends JoinedBlocks>(kind: K, hex: string, items: JoinedItems<K>): void {
  it(`${kind}: ${hex}`, () => {
    const bytes = fromHex(hex);
    expect(decodeJoinedBlocks(kind, bytes)).toEqual(items);
    expect(toHex(encodeJoinedBlocks(kind, items))).toBe(toHex(bytes));
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeJoinedBlocks(kind, bytes.subarray(0, length))).toThrow(DecodeError);
    expect(() => decodeJoinedBlocks(kind, Uint8Array.of(...bytes, 0))).toThrow(/after the end/);
  });
}

describe("lists carried in blocks", () => {
  holds("values", "02 1105 0902AABB", [fromHex("1105"), fromHex("0902AABB")]);
  holds("get-results", "02 00 1105 01 04", [
    { ok: true, data: fromHex("1105") },
    { ok: false, result: 4 },
  ]);
  holds("action-responses", "03 00 00 00 01 00 1105 03 01 01 0B", [
    { result: 0 },
    { result: 0, returned: { ok: true, data: fromHex("1105") } },
    { result: 3, returned: { ok: false, result: 11 } },
  ]);
  holds("read-results", "02 00 1105 01 03", [
    { choice: "data", data: fromHex("1105") },
    { choice: "data-access-error", result: 3 },
  ]);

  it("name the item that is wrong", () => {
    expect(() => decodeJoinedBlocks("get-results", fromHex("02 00 1105 07"))).toThrow(/get-results\[1\]/);
    expect(() => encodeJoinedBlocks("values", [fromHex("00"), new Uint8Array()])).toThrow(UsageError);
  });
});
