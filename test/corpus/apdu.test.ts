import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeApdu, inspectApdu } from "../../src/apdu/index.js";
import { fromHex, type Notice, toHex } from "../../src/base/index.js";
import { factsOf } from "./apdu-facts.js";

/**
 * Real APDUs, from the folder that the environment variable DLMS_CORPUS names: each decodes to the fields that the
 * corpus states and encodes back to the same octets.
 */
const folder = process.env["DLMS_CORPUS"];

interface Sample {
  readonly id: string;
  readonly hex: string;
  /** What the corpus states of the same octets. */
  readonly stated: object;
}

/** Fragments and synthetic messages whose octets do not follow the syntax that their tag announces. */
const broken = new Map([
  ["u9n-get-2", "trailing-bytes"],
  ["u9n-get-6", "malformed"],
  ["u9n-get-10", "trailing-bytes"],
  ["u9n-set-24", "truncated"],
  ["u9n-set-26", "truncated"],
  ["u9n-action-32", "trailing-bytes"],
  ["u9n-action-38", "truncated"],
]);

/** Its lengths are one short, so the corpus lost the last octet of the vaa-name. */
const readUpToItsShortLength = "aare-sn-fa00";

function samplesOf(vector: { id: string; kind: string; hex?: unknown; expected: object }): Sample[] {
  const samples: Sample[] = [];
  const walk = (node: unknown) => {
    if (typeof node !== "object" || node === null) return;
    const fields = node as Record<string, unknown>;
    for (const [key, stated] of [
      ["apduHex", fields["apdu"]],
      ["plaintextHex", fields["plaintext"]],
    ] as const)
      if (typeof fields[key] === "string")
        samples.push({ id: vector.id, hex: fields[key], stated: typeof stated === "object" && stated ? stated : {} });
    Object.values(fields).forEach(walk);
  };
  walk(vector.expected);
  if (typeof vector.hex === "string" && ["apdu", "acse-apdu"].includes(vector.kind))
    samples.push({ id: vector.id, hex: vector.hex, stated: vector.expected });
  if (Array.isArray(vector.hex) && vector.kind === "apdu-session") {
    const { steps } = vector.expected as { steps: { apdu: object }[] };
    samples.push(...vector.hex.map((hex: string, i) => ({ id: vector.id, hex, stated: steps[i]?.apdu ?? {} })));
  }
  return samples;
}

function check({ id, hex, stated }: Sample): void {
  const bytes = fromHex(hex);
  const notices: Notice[] = [];
  const { apdu, error } = inspectApdu(bytes, { onNotice: (notice) => notices.push(notice) });
  if ("error" in stated && "decode" in stated) expect(error).toBeDefined();
  else expect(error?.code, error?.message).toBe(broken.get(id));
  if (apdu === undefined || error !== undefined) return;
  if (id !== readUpToItsShortLength) expect(factsOf(apdu, stated)).toEqual(stated);
  if (!notices.some(({ name }) => name === "acse-length-short")) expect(toHex(encodeApdu(apdu))).toBe(toHex(bytes));
}

if (folder === undefined || !existsSync(folder)) {
  it("reads the corpus of APDUs", ({ skip }) => skip("set DLMS_CORPUS to the folder that holds it"));
} else {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    const samples: Sample[] = JSON.parse(readFileSync(join(folder, file), "utf8")).flatMap(samplesOf);
    describe.runIf(samples.length > 0)(file, () => {
      for (const sample of samples) it(`${sample.id}: ${sample.hex.slice(0, 24)}`, () => check(sample));
    });
  }
}
