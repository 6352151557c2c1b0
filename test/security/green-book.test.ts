import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/base/index.js";
import { GcmLayer, MemoryCounter, proveHls, SecurityContext, verifyHls } from "../../src/security/index.js";
import { authenticationKey, clientTitle, code, encryptionKey, getRequest, providers, serverTitle } from "./helpers.js";

describe.each(providers)("worked examples of the Green Book with $name", (crypto) => {
  const context = (protection: "authenticated" | "encrypted" | "authenticated-encrypted") =>
    new SecurityContext({
      crypto,
      suite: 0,
      protection,
      encryptionKey,
      authenticationKey,
      systemTitle: clientTitle,
      peerSystemTitle: clientTitle,
      counter: new MemoryCounter(0x01234567),
    });
  const initiate = fromHex("01011000112233445566778899AABBCCDDEEFF0000065F1F0400007E1F04B0");

  it.each([
    ["authenticated", "C81E1001234567C0010000080000010000FF020006725D910F9221D263877516"],
    ["encrypted", "C8122001234567411312FF935A47566827C467BC"],
    ["authenticated-encrypted", "C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B"],
  ] as const)("glo-get-request, %s", (protection, hex) => {
    expect(toHex(context(protection).protect(getRequest))).toBe(hex);
    const opened = context(protection).unprotect(fromHex(hex));
    expect(toHex(opened.apdu)).toBe(toHex(getRequest));
    expect(opened).toMatchObject({
      protection,
      authenticated: protection !== "encrypted",
      untrustedHint: false,
      invocationCounter: 0x01234567,
      key: "unicast",
    });
  });

  it("glo-initiate-request", () => {
    const hex = "21303001234567801302FF8A7874133D414CED25B42534D28DB0047720606B175BD52211BE6841DB204D39EE6FDB8E356855";
    expect(toHex(context("authenticated-encrypted").protect(initiate))).toBe(hex);
    expect(toHex(context("authenticated-encrypted").unprotect(fromHex(hex)).apdu)).toBe(toHex(initiate));
  });

  it("glo-initiate-response", () => {
    const hex = "281F3001234567891214A0845E475714383F65BC19745CA235906525E4F3E1C893";
    const plain = fromHex("0800065F1F0400007C1F04000007");
    expect(toHex(context("authenticated-encrypted").protect(plain))).toBe(hex);
    expect(toHex(context("authenticated-encrypted").unprotect(fromHex(hex)).apdu)).toBe(toHex(plain));
  });

  it("the get-request with a wrong tag is refused", () => {
    expect(() =>
      context("authenticated").unprotect(fromHex("C81E1001234567C0010000080000010000FF020006725D910F9221D263877426")),
    ).toThrow(code("authentication-failed"));
  });

  it("HLS-GMAC: f(StoC) of table 43", () => {
    const stoc = fromHex("503677524A323146");
    const layer = new GcmLayer(crypto, 0, encryptionKey, authenticationKey);
    const credentials = { mechanism: "hls-gmac", layer, counter: new MemoryCounter(1) } as const;
    // The example's client has the title that the other examples give the meter.
    const asClient = {
      ownSystemTitle: serverTitle,
      peerSystemTitle: clientTitle,
      ownChallenge: fromHex("4B35366956616759"),
      peerChallenge: stoc,
    };
    expect(toHex(proveHls(asClient, credentials))).toBe("10000000011A52FE7DD3E72748973C1E28");
    const asServer = {
      ownSystemTitle: clientTitle,
      peerSystemTitle: serverTitle,
      ownChallenge: stoc,
      peerChallenge: asClient.ownChallenge,
    };
    verifyHls(asServer, fromHex("10000000011A52FE7DD3E72748973C1E28"), credentials);
    expect(() => verifyHls(asServer, fromHex("10000000011A52FE7DD3E72748973C1E29"), credentials)).toThrow(
      code("hls-authentication-failed"),
    );
  });
});
