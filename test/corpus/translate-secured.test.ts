import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import { translateKeys } from "../../src/cli/translate-keys.js";
import { isSound, translate } from "../../src/translate/index.js";
import { flipped, providers } from "../security/helpers.js";

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly hex: string | readonly string[];
  readonly keys?: Readonly<Record<string, string>>;
}

const folder = process.env["DLMS_CORPUS"];
const load = (family: string): Vector[] =>
  folder === undefined || !existsSync(join(folder, `${family}.json`))
    ? []
    : (JSON.parse(readFileSync(join(folder, `${family}.json`), "utf8")) as Vector[]);

/** All that stands under `key`, at any depth. */
const all = (key: string, value: unknown): unknown[] =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([name, item]) => (name === key ? [item] : all(key, item)));

describe.runIf(folder !== undefined).each(providers)(
  "secured messages of the corpus, explained with $name",
  (crypto) => {
    const general = load("general-ciphering-signing").filter(
      ({ kind, id }) => kind === "apdu" && id.startsWith("gbcs"),
    );

    it("whatever keys were given for was checked and held", () => {
      expect(general.length).toBeGreaterThan(20);
      for (const { id, hex, keys = {} } of general) {
        const messages = translate(fromHex(hex as string), translateKeys({}, keys), crypto);
        expect(isSound(messages), id).toBe(true);
        expect(all("signature", messages).includes("valid"), id).toBe("signerPublicKey" in keys);
        expect(all("authenticated", messages).includes(true), id).toBe("keyAgreementPrivateKey" in keys);
      }
    });

    it("no changed bit passes", () => {
      const step = crypto === providers[0] ? 131 : 1901;
      let tried = 0;
      for (const { id, hex, keys = {} } of general) {
        if (Object.keys(keys).length === 0) continue;
        const octets = fromHex(hex as string);
        for (let bit = octets.length * 8 - 1; bit >= 0; bit -= step, tried++) {
          const changed = translate(flipped(octets, bit >> 3, 1 << (bit & 7)), translateKeys({}, keys), crypto);
          expect(isSound(changed), `${id} bit ${bit}`).toBe(false);
        }
      }
      expect(tried).toBeGreaterThan(30);
    });

    it("the Green Book's one-pass message: the ephemeral key holds, the printed tag does not", () => {
      const { hex, keys = {} } = load("general-ciphering-signing").find(
        ({ id }) => id === "gb-general-ciphering-one-pass",
      ) as Vector;
      const { encryptionKey: _, ...agreed } = keys;
      for (const given of [keys, agreed]) {
        const [message] = translate(fromHex(hex as string), translateKeys({}, given), crypto);
        expect(message).toMatchObject({ security: { authenticated: false }, error: { code: "authentication-failed" } });
        const { authenticationKey: __, ...unverified } = given;
        expect(translate(fromHex(hex as string), translateKeys({}, unverified), crypto)).toMatchObject([
          { security: { authenticated: null, keySignature: "valid" }, apdu: { apdu: { type: "access-request" } } },
        ]);
      }
    });

    it.each(["push-encrypted", "p1-encrypted", "push-udp-wrapper"])("no changed bit of %s passes", (family) => {
      let tried = 0;
      for (const { id, hex, keys = {} } of load(family)) {
        if (keys["authenticationKey"] === undefined || typeof hex !== "string") continue;
        const octets = fromHex(hex);
        const sound = translate(octets, translateKeys({}, keys), crypto);
        if (!all("authenticated", sound).includes(true)) continue;
        // In frames with check sums those refuse; in datagrams and telegrams it is the tag.
        for (let bit = octets.length * 8 - 1; bit >= 0; bit -= 211, tried++) {
          const changed = translate(flipped(octets, bit >> 3, 1 << (bit & 7)), translateKeys({}, keys), crypto);
          expect(isSound(changed) && toHex(octets), `${id} bit ${bit}`).toBe(false);
        }
      }
      expect(tried).toBeGreaterThan(10);
    });
  },
);
describe.runIf(folder === undefined)("secured messages of the corpus", () => {
  it("are not here", () => expect(folder).toBeUndefined());
});
