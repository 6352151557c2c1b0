import { describe, expect, it } from "vitest";
import { decodeApdu, encodeApdu } from "../../src/apdu/index.js";
import { Channel } from "../../src/association/channel.js";
import type { AssociationSecurity } from "../../src/association/index.js";
import { type GeneralProtectionKeys, generalProtection } from "../../src/security/index.js";
import { crypto, hex } from "./joined.js";
import { clientTitle, meterTitle, parties } from "./parties.js";

const keys = parties(1);
/** One attribute of a clock, by ACCESS: invoke id 5, service class confirmed. */
const request = hex("D94000000500010100080000010000FF020100");
const response = hex("DA400000050000010011070100");
const messageCode = 0x0059;

function rising(first = 1000n) {
  let counter = first;
  return { next: () => counter++ };
}

function security(
  end: "client" | "meter",
  more: GeneralProtectionKeys = {},
  own: Partial<AssociationSecurity> = {},
): AssociationSecurity {
  const [systemTitle, peerSystemTitle] = end === "client" ? [clientTitle, meterTitle] : [meterTitle, clientTitle];
  return {
    ...keys.shared,
    protection: "authenticated",
    systemTitle,
    peerSystemTitle,
    ciphering: "general-ciphering",
    general: generalProtection({
      ...keys[end],
      profile: "gbcs",
      messageCode,
      originatorCounter: rising(),
      ...more,
    }),
    ...own,
  };
}

const client = (more: GeneralProtectionKeys = {}, own: Partial<AssociationSecurity> = {}) =>
  new Channel(security("client", more, own), crypto);
const meter = (more: GeneralProtectionKeys = {}, own: Partial<AssociationSecurity> = {}) =>
  new Channel(security("meter", more, own), crypto, "server");

function layersOf(sealed: Uint8Array) {
  const outer = decodeApdu(sealed);
  if (outer.type !== "general-ciphering") throw new Error(`${outer.type} is no general-ciphering`);
  const inner = decodeApdu(outer.content.slice(5, -12));
  if (inner.type !== "general-signing") throw new Error(`${inner.type} is no general-signing`);
  return { outer, inner };
}

describe("an association in the GBCS profile", () => {
  it("makes commands of the profile's form", () => {
    const { outer, inner } = layersOf(client().seal(request));
    const none = new Uint8Array();
    expect(outer).toMatchObject({ transactionId: none, originatorSystemTitle: none, recipientSystemTitle: none });
    expect(outer.keyInfo).toBeUndefined();
    expect(outer.content.subarray(0, 5)).toEqual(hex("1100000000"));
    expect(inner).toMatchObject({
      transactionId: hex("0100000000000003E8"),
      originatorSystemTitle: clientTitle,
      recipientSystemTitle: meterTitle,
      dateTime: none,
      otherInformation: hex("0059"),
      signature: none,
    });
    // Service class clear, break on error, the end of the originator counter; all else as it was.
    expect(inner.content).toEqual(new Uint8Array([...hex("D9200003E8"), ...request.subarray(5)]));
  });

  for (const signing of [false, true])
    it(`${signing ? "signed" : "unsigned"}: the meter takes the command as it was, and is answered for`, () => {
      const [ours, theirs] = [client({}, { signing }), meter({}, { signing })];
      const opened = theirs.open(ours.seal(request));
      expect(opened).toMatchObject({ protection: "authenticated", authenticated: true, signed: signing });
      expect(opened.apdu).toEqual(new Uint8Array([...hex("D9600003E8"), ...request.subarray(5)]));
      const sealed = theirs.seal(new Uint8Array([...hex("DA600003E8"), ...response.subarray(5)]));
      const { inner } = layersOf(sealed);
      expect(inner).toMatchObject({ transactionId: hex("0200000000000003E8"), otherInformation: hex("0059") });
      expect(inner.content.subarray(0, 5)).toEqual(hex("DA200003E8"));
      expect(inner.signature).toHaveLength(signing ? 64 : 0);
      // What the association asked under comes back to it.
      expect(ours.open(sealed).apdu).toEqual(response);
    });

  it("gives each message a transaction-id of its own, from the counter of the association too", () => {
    let counter = 77;
    const own = client(
      {},
      {
        general: generalProtection({ ...keys.client, profile: "gbcs", messageCode }),
        counter: { next: () => counter++ },
      },
    );
    const ids = [own.seal(request), own.seal(request)].map((sealed) => layersOf(sealed).inner.transactionId);
    expect(ids).toEqual([hex("01000000000000004D"), hex("01000000000000004E")]);
  });

  it("sends alerts under 03, and each is taken once", () => {
    const [ours, theirs] = [client(), meter({ messageCode: () => 0x1001, originatorCounter: rising(2n ** 40n) })];
    const alert = hex("0F00000007000212810E0901AA");
    const sealed = theirs.seal(alert, undefined, { unsolicited: true });
    expect(layersOf(sealed).inner).toMatchObject({
      transactionId: hex("030000010000000000"),
      otherInformation: hex("1001"),
      content: hex("0F20000000000212810E0901AA"),
    });
    expect(ours.open(sealed).authenticated).toBe(true);
    expect(() => ours.open(sealed)).toThrow(expect.objectContaining({ code: "counter-repeated" }));
  });

  it("cuts what it sends so that the whole message stays within the limit", () => {
    for (const signing of [false, true])
      for (const limit of [200, 600, 4000]) {
        const own = client({}, { signing });
        expect(own.seal(new Uint8Array(own.room(limit)).fill(0xc0)).length).toBeLessThanOrEqual(limit);
      }
  });
});

const code = (expected: string) => expect.objectContaining({ code: expected });

describe("what an association in the GBCS profile refuses", () => {
  it("every altered octet", () => {
    const sealed = client().seal(request);
    expect(meter().open(sealed).authenticated).toBe(true);
    for (let at = 0; at < sealed.length; at++) {
      const altered = sealed.slice();
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(() => meter().open(altered), `octet ${at}`).toThrow(expect.objectContaining({ code: expect.any(String) }));
    }
    const tag = sealed.slice();
    tag.set([(tag.at(-1) ?? 0) ^ 1], tag.length - 1);
    expect(() => meter().open(tag)).toThrow(code("authentication-failed"));
  });

  it("a message under another agreement key", () => {
    const other = parties(1).client.agreementPrivateKey;
    if (other === undefined) throw new Error("there is a key");
    expect(() => meter().open(client({ agreementPrivateKey: other }).seal(request))).toThrow(
      code("authentication-failed"),
    );
  });

  it("a message for another party, or from another", () => {
    const stranger = hex("4D45540000000002");
    expect(() => meter().open(client({}, { peerSystemTitle: stranger }).seal(request))).toThrow(
      code("wrong-system-title"),
    );
    expect(() => meter().open(client({}, { systemTitle: stranger }).seal(request))).toThrow(code("wrong-system-title"));
  });

  it("the Green Book's general-ciphering, and the Green Book's sessions refuse it", () => {
    const book = (end: "client" | "meter") => ({
      general: generalProtection({ ...keys[end], key: "static" as const }),
    });
    expect(() => meter().open(client({}, book("client")).seal(request))).toThrow(code("unexpected-message"));
    expect(() => meter({}, book("meter")).open(client().seal(request))).toThrow(code("wrong-system-title"));
  });

  it("what is ciphered under the global key, and what is bare", () => {
    const global = new Channel(
      { ...security("client"), ciphering: "general", general: generalProtection(keys.client) },
      crypto,
    );
    expect(() => meter().open(global.seal(request))).toThrow(code("unexpected-message"));
    expect(() => meter().open(request)).toThrow(code("weaker-than-policy"));
  });

  it("a replayed command, and one older than the last, in another session too", () => {
    const own = client();
    const [first, second, third] = [own.seal(request), own.seal(request), own.seal(request)];
    const theirs = security("meter");
    const before = new Channel(theirs, crypto, "server");
    before.open(second);
    for (const channel of [before, new Channel(theirs, crypto, "server")]) {
      expect(() => channel.open(second)).toThrow(code("counter-repeated"));
      expect(() => channel.open(first)).toThrow(code("counter-lowered"));
    }
    expect(before.open(third).authenticated).toBe(true);
  });

  it("an answer taken before, one to no request, and one with another message code", () => {
    const [ours, theirs] = [client(), meter()];
    theirs.open(ours.seal(request));
    const sealed = theirs.seal(new Uint8Array([...hex("DA600003E8"), ...response.subarray(5)]));
    ours.open(sealed);
    expect(() => ours.open(sealed)).toThrow(code("counter-repeated"));
    expect(() => client().open(sealed)).toThrow(code("response-mismatch"));
    const other = client({ messageCode: 0x0007 });
    other.seal(request);
    expect(() => other.open(sealed)).toThrow(code("response-mismatch"));
  });

  it("a bare signature left empty, where no MAC covers it", () => {
    const { inner } = layersOf(client().seal(request));
    expect(() => meter().open(encodeApdu(inner))).toThrow(code("signature-invalid"));
  });

  it("a counter of ours that does not rise", () => {
    const own = client({ originatorCounter: { next: () => 7n } });
    own.seal(request);
    expect(() => own.seal(request)).toThrow(code("counter-repeated"));
  });

  it("options that are not the profile's", () => {
    expect(() => client({}, { protection: "authenticated-encrypted" })).toThrow(code("invalid-argument"));
    expect(() => client({}, { suite: 0 })).toThrow(code("invalid-argument"));
    expect(() => client({}, { ciphering: "service" })).toThrow(code("invalid-argument"));
    expect(() => client({ messageCode: 0x10000 }).seal(request)).toThrow(code("invalid-argument"));
  });
});
