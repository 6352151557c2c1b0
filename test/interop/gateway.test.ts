// A client of other origin reads a meter behind our gateway.
import { spawn } from "node:child_process";
import { expect, it } from "vitest";
import { fromHex } from "../../src/base/index.js";
import { DataClass } from "../../src/cosem/index.js";
import { octets } from "../../src/data/index.js";
import { MockMeter, object } from "../../src/mock/index.js";
import { tcpListener } from "../../src/node/index.js";
import { gatewayClient } from "./support/report.js";

it("Gurux Python finds the meter by its address, and not the gateway", async () => {
  const note = object(DataClass, "0-0:96.1.9*255", { value: octets(fromHex("C0FFEE")) });
  const meter = new MockMeter({ household: { days: 1 }, objects: [note] });
  const gateway = new MockMeter({
    household: { days: 1 },
    gateway: [{ networkId: 3, physicalDeviceAddress: fromHex("0102"), meter }],
  });
  const listener = tcpListener({ port: 0 });
  await gateway.listen(listener, { link: "wrapper" });
  const [command = "", ...args] = gatewayClient(listener.port);
  const said = await new Promise<string>((done) => {
    const child = spawn(command, args);
    let text = "";
    child.stdout.on("data", (piece) => (text += piece));
    child.stderr.on("data", (piece) => (text += piece));
    child.once("close", () => done(text));
  });
  await listener.close();
  expect(said.trim()).toBe('"c0ffee"');
});
