import { expect, it, vi } from "vitest";
import { DataClass } from "../../src/cosem/index.js";
import { u8 } from "../../src/data/index.js";
import { broadcast, connect } from "../../src/index.js";
import { MockMeter, object } from "../../src/mock/index.js";
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

it("a broadcast address reaches meters that have an association with the client, and none answers", async () => {
  const stored = object(DataClass, "0-0:96.128.0", { value: u8(0) }, { set: { value: true } });
  const clients = [
    { clientSap: 16, authentication: { mechanism: "none" }, preEstablished: { peerMaxPduSize: 0 } },
  ] as const;
  const meter = new MockMeter({ clients, objects: [{ ...stored, access: () => "read-write" }] });
  const listener = udpListener({ port: 0, host: "0.0.0.0" });
  await meter.listen(listener, { link: "wrapper" });
  const context = { clientSap: 0, protection: "none", now: 0 } as never;
  const all = await broadcast(udp({ host: "127.255.255.255", port: listener.port, broadcast: true }));
  await all.object(DataClass, "0-0:96.128.0").value.set(u8(9));
  await vi.waitFor(() => expect(stored.attributes.get(2)?.get(context)).toEqual(u8(9)));
  expect(all.statistics.bytesReceived).toBe(0);
  await all.close();
  await meter.close();
});
