import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Apdu, decodeApdu, encodeApdu, inspectApdu } from "../../src/apdu/index.js";
import { fromHex, type Notice, toHex } from "../../src/base/index.js";

/**
 * Real APDUs, from the folder that DLMS_CORPUS names: each must decode and encode back to the same octets.
 */
const folder = process.env["DLMS_CORPUS"];

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly hex: string | readonly string[];
  readonly expected: unknown;
}

/** Vectors whose octets do not follow the standard, and what is wrong with them. */
const damaged: Readonly<Record<string, string>> = {
};

const load = (name: string): readonly Vector[] => JSON.parse(readFileSync(join(folder ?? "", `${name}.json`), "utf8"));

function apdusOf(vector: Vector): readonly Uint8Array[] {
  const messages = (typeof vector.hex === "string" ? [vector.hex] : vector.hex).map(fromHex);
  return vector.kind === "tcp-wrapper-session" ? messages.map((message) => message.subarray(8)) : messages;
}

if (folder === undefined || !existsSync(folder)) {
  describe("corpus of APDUs", () => {
    it("needs the environment variable DLMS_CORPUS to name a folder of vectors", () => {
      expect(folder === undefined || !existsSync(folder)).toBe(true);
    });
  });
} else {
  const kinds = new Set(["apdu", "acse-apdu", "apdu-session", "tcp-wrapper-session"]);
  for (const name of ["green-book", "xdlms-apdus", "apdu-sessions", "tcp-wrapper-sessions", "push-raw-apdu", "general-ciphering-signing"])
    describe(name, () => {
      for (const vector of load(name)) {
        if (!kinds.has(vector.kind)) continue;
        apdusOf(vector).forEach((bytes, i) => {
          it(`${vector.id} ${i}`, () => {
            const notices: Notice[] = [];
            const found = inspectApdu(bytes, { onNotice: (notice) => notices.push(notice) });
            if (found.error !== undefined) console.log(vector.id, found.error.message, toHex(bytes).slice(0, 60), found.apdu, vector.id);
            if (notices.length) console.log(vector.id, notices);
            expect(found.error).toBeUndefined();
            expect(toHex(encodeApdu(decodeApdu(bytes)))).toBe(toHex(bytes));
          });
        });
      }
    });
}
