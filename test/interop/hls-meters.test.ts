import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DlmsError } from "../../src/base/index.js";
import { type ConnectOptions, connect, type Meter } from "../../src/index.js";
import { tcp } from "../../src/node/index.js";
import { signing } from "./support/keys.js";
import { options } from "./support/our-client.js";
import { type PeerMeter, peerMeter, type Variant } from "./support/peer-meter.js";
import { plain } from "./support/plain.js";
import { hlsMechanisms, type Link, links } from "./support/reference-meter.js";

let peer: PeerMeter | undefined;
beforeAll(async () => {
  peer = await peerMeter("gurux-java");
});
afterAll(() => peer?.close());

const open = (variant: Variant, link: Link, more: ConnectOptions): Promise<Meter> =>
  connect(tcp({ host: "127.0.0.1", port: peer?.port(variant, link) ?? 0, link }), {
    server: { logical: 1, physical: 17 },
    referencing: variant === "sn" ? "short-name" : "logical-name",
    timeouts: { connectMs: 5_000, responseMs: 2_000 },
    ...more,
  });

/** The library cuts its ECDSA signatures wrong when r or s has fewer than 32 octets: one in 128. */
async function proven(link: Link, more: ConnectOptions): Promise<Meter> {
  for (let attempt = 1; ; attempt++)
    try {
      return await open("ln", link, more);
    } catch (error) {
      if (!DlmsError.is(error) || error.code !== "hls-authentication-failed" || attempt === 4) throw error;
    }
}

describe.each(links)("our client on a meter of gurux-java over %s", (link) => {
  it.each(hlsMechanisms)("proves itself and reads with HLS-%s", async (mechanism) => {
    await using meter = await proven(link, options[mechanism]);
    expect(plain(await meter.clock("0-0:1.0.0").time.getData())).toBe("07EA0101040A000000FFC400");
    expect(String(await meter.register("1-0:15.8.0").value.get())).toBe("429496729.5 Wh");
  });

  it.each(["md5", "sha1", "sha256"] as const)("is refused with HLS-%s and another secret", async (mechanism) => {
    const { authentication } = options[mechanism];
    const wrong = { ...authentication, secret: "another secret!!" } as ConnectOptions["authentication"];
    const asked = open("ln", link, { ...options[mechanism], authentication: wrong ?? { mechanism: "none" } });
    await expect(asked).rejects.toMatchObject({ code: "authentication-refused" });
  });

  it("refuses a meter that signs with another key than it should", async () => {
    const privateKey = signing.client.privateKey;
    const authentication = { mechanism: "hls-ecdsa", privateKey, peerPublicKey: signing.client.publicKey } as const;
    const asked = open("ln", link, { ...options.ecdsa, authentication });
    await expect(asked).rejects.toMatchObject({ code: "hls-authentication-failed" });
  });

  // Before an association the library's server takes no Read that is not ciphered, and answers pass 3 by Write with two
  // APDUs in one; HLS-GMAC with ciphering is in short-name-meters.test.ts.
  it.each(["md5", "sha1", "sha256", "ecdsa"] as const)("is refused with HLS-%s by short names", async (mechanism) => {
    await expect(open("sn", link, options[mechanism])).rejects.toMatchObject({ code: "request-refused" });
  });
});
