import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Channel } from "../../src/association/channel.js";
import { fromHex, toHex } from "../../src/base/index.js";
import { generalProtection } from "../../src/security/index.js";
import { providers } from "../security/helpers.js";

type Signing = Readonly<
  Record<"transactionId" | "originatorSystemTitle" | "recipientSystemTitle" | "dateTime" | "otherInformation", string> &
    Record<"content" | "signature", string>
>;
interface Vector {
  readonly id: string;
  readonly hex: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly expected: { readonly "general-signing"?: Signing };
}

const folder = process.env["DLMS_CORPUS"];
const file = folder === undefined ? "" : join(folder, "general-ciphering-signing.json");
const family = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Vector[]) : [];
/** With a MAC, and neither signed nor dated: all of it follows from what the association hands over. */
const whole = family.flatMap((vector) => {
  const signing = vector.expected["general-signing"];
  const fits = vector.id.startsWith("gbcs") && vector.keys["keyAgreementPrivateKey"] && signing?.signature === "";
  return fits && signing.dateTime === "" ? [{ ...vector, signing }] : [];
});
type Whole = (typeof whole)[number];

describe.runIf(family.length > 0).each(providers)("GBCS messages made by associations with $name", (crypto) => {
  const curves = crypto.ellipticCurves;
  if (curves === undefined) throw new Error("the provider has elliptic curves");
  /** The message that is being made or opened. */
  let now: Pick<Whole, "keys"> = { keys: {} };
  /** The end that sends `vector`, or the one that takes it: the secret is the same from both. */
  const end = (role: "client" | "server", vector: Whole, sends: boolean) => {
    const { keys, signing } = vector;
    const titles = [fromHex(signing.originatorSystemTitle), fromHex(signing.recipientSystemTitle)] as const;
    const [systemTitle, peerSystemTitle] = sends ? titles : [titles[1], titles[0]];
    return new Channel(
      {
        suite: 1,
        protection: "authenticated",
        encryptionKey: new Uint8Array(16),
        systemTitle,
        peerSystemTitle,
        ciphering: "general-ciphering",
        general: generalProtection({
          profile: "gbcs",
          agreementPrivateKey: {
            sign: () => new Uint8Array(),
            // Command and response of the corpus come of different key pairs.
            agree: (curve) =>
              curves.agree(
                curve,
                fromHex(now.keys["keyAgreementPrivateKey"] ?? ""),
                fromHex(now.keys["keyAgreementPublicKey"] ?? "").slice(-64),
              ),
          },
          party: () => ({ agreementPublicKey: fromHex(keys["keyAgreementPublicKey"] ?? "") }),
          messageCode: Number.parseInt(signing.otherInformation, 16),
          originatorCounter: { next: () => BigInt(`0x${signing.transactionId.slice(2)}`) },
        }),
      },
      crypto,
      role,
    );
  };
  /** As an association has it before the profile: a small invoke id, to be answered. */
  const plain = (content: string) => {
    const apdu = fromHex(content);
    apdu.set([0x40, 0, 0, 9], 1);
    return apdu;
  };

  it("commands, responses and alerts octet for octet, and each is taken by the other end", () => {
    const made = { command: 0, response: 0, alert: 0 };
    for (const vector of whole) {
      const { id, signing, hex } = vector;
      now = vector;
      if (id.endsWith("command")) {
        const [client, meter] = [end("client", vector, true), end("server", vector, false)];
        const sealed = client.seal(plain(signing.content));
        expect(toHex(sealed), id).toBe(hex);
        expect(toHex(meter.open(sealed).apdu).slice(10), id).toBe(signing.content.slice(10));
        made.command++;
        const answer = whole.find((other) => other.id === id.replace(/command$/, "response"));
        if (answer === undefined) continue;
        const answered = fromHex(answer.signing.content);
        answered[1] = (answered[1] ?? 0) | 0x40;
        now = answer;
        const given = meter.seal(answered);
        expect(toHex(given), answer.id).toBe(answer.hex);
        expect(toHex(client.open(given).apdu), answer.id).toBe(toHex(plain(answer.signing.content)));
        made.response++;
      }
      if (id.endsWith("alert")) {
        const meter = end("server", vector, true);
        expect(toHex(meter.seal(plain(signing.content), undefined, { unsolicited: true })), id).toBe(hex);
        expect(end("client", vector, false).open(fromHex(hex)).authenticated).toBe(true);
        made.alert++;
      }
    }
    expect(made).toEqual({ command: 5, response: 4, alert: 4 });
  });
});
