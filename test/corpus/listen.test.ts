import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import type { ListenOptions, PushProtocol } from "../../src/client/index.js";
import { encodePacket } from "../../src/wrapper/index.js";
import { codes, eventsOf, pushes } from "../client/listen-helpers.js";

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly hex: string | readonly string[];
  readonly keys?: { readonly [name: string]: string };
  readonly expected: {
    readonly frames?: readonly { readonly fcsOk?: boolean; readonly checksumOk?: boolean }[];
    readonly messages?: readonly Message[];
    readonly plaintextAscii?: string;
  };
}
interface Message {
  readonly apduHex?: string;
  readonly apdu?: string;
  readonly body?: readonly unknown[];
  readonly decode?: string;
  readonly plaintextHex?: string;
  readonly plaintext?: Message;
}

const folder = process.env["DLMS_CORPUS"] ?? "";
const files = ["push-hdlc-plain", "push-encrypted", "push-udp-wrapper", "push-raw-apdu", "p1-encrypted"];
const vectors: Vector[] = files
  .map((name) => join(folder, `${name}.json`))
  .filter(existsSync)
  .flatMap((path) => JSON.parse(readFileSync(path, "utf8")) as Vector[]);

const protocols: { readonly [kind: string]: PushProtocol } = {
  "hdlc-push": "hdlc",
  "mbus-push": "mbus",
  "p1-encrypted": "p1",
};

/** The stream of a vector; what has no frame of its own goes in a wrapper packet. */
function streamOf({ kind, hex }: Vector): Uint8Array {
  const bytes = fromHex(typeof hex === "string" ? hex : hex.join(""));
  if (kind !== "apdu" && kind !== "llc-apdu") return bytes;
  return encodePacket({ source: 1, destination: 1, apdu: kind === "apdu" ? bytes : bytes.subarray(3) });
}

function optionsOf({ kind, keys = {} }: Vector): ListenOptions {
  const { encryptionKey, authenticationKey } = keys;
  const protocol = protocols[kind] ?? "wrapper";
  if (encryptionKey === undefined) return { protocol };
  return {
    protocol,
    keys: [{ encryptionKey, ...(authenticationKey !== undefined && { authenticationKey }) }],
    verify: "if-key",
  };
}

/** Hexadecimal octets of the pushes that a vector holds in whole and undamaged. */
function pushesIn({ expected }: Vector): string[] {
  if (expected.frames?.some((frame) => frame.fcsOk === false || frame.checksumOk === false)) return [];
  return (expected.messages ?? []).flatMap((message) => {
    const hex = message.plaintextHex ?? message.apduHex;
    return hex?.startsWith("0F") === true && message.decode !== "unknown" ? [hex] : [];
  });
}

function splits(length: number): number[] {
  const step = Math.max(1, Math.floor(length / 12));
  return Array.from({ length: Math.ceil((length - 1) / step) }, (_, i) => 1 + i * step);
}

describe.runIf(vectors.length > 0)("corpus of pushes", () => {
  it.each(vectors.map((vector) => [vector.id, vector] as const))("%s in every split", async (_, vector) => {
    const bytes = streamOf(vector);
    const options = optionsOf(vector);
    const whole = await eventsOf([bytes], options);
    const found = pushes(whole);
    const { plaintextAscii } = vector.expected;
    if (plaintextAscii !== undefined) {
      expect(codes(whole)).toEqual([]);
      expect(found).toMatchObject([{ kind: "telegram", authenticated: true }]);
      expect(found[0]?.objects.length).toBeGreaterThan(5);
    } else {
      // The body is all that ends the APDU.
      const expected = pushesIn(vector);
      expect(found.map(({ rawBody }) => toHex(rawBody))).toEqual(
        expected.map((hex, i) => hex.slice(hex.length - 2 * (found[i]?.rawBody.length ?? 0))),
      );
      if (expected.length > 0) expect(codes(whole)).toEqual([]);
    }
    for (const at of splits(bytes.length)) {
      const events = await eventsOf([bytes.subarray(0, at), bytes.subarray(at)], options);
      expect(pushes(events)).toEqual(found);
    }
  });
});
describe.runIf(vectors.length === 0)("corpus of pushes", () => {
  it("is not here", () => expect(vectors).toEqual([]));
});
