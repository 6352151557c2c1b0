import { expect, it } from "vitest";
import { connect } from "../../src/index.js";
import { MockMeter } from "../../src/mock/index.js";
import { udp, udpListener } from "../../src/node/index.js";

it("a mock meter is read over UDP, with a password and ciphered", async () => {
  const meter = new MockMeter({ household: { days: 2 } });
  const listener = udpListener({ port: 0 });
  await meter.listen(listener, { link: "wrapper" });
  const endpoint = udp({ host: "127.0.0.1", port: listener.port });
  const security = {
    encryptionKey: "000102030405060708090A0B0C0D0E0F",
    authenticationKey: "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF",
    systemTitle: "444C4D0000000007",
  };
  for (const options of [
    { client: 2, authentication: { mechanism: "low", password: "12345678" } },
    { client: 1, authentication: { mechanism: "hls-gmac" }, security },
  ] as const) {
    const client = await connect(endpoint, { ...options, timeouts: { responseMs: 2000 }, retries: 0 });
    expect((await client.register("1-0:1.8.0*255").value.get()).unit).toBe("Wh");
    await client.close();
  }
  await meter.close();
});
