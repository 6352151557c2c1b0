// Your own code against a mock meter: no hardware, no network, and a bad line whenever you want one.
//
//   node mock-meter-in-your-tests.ts
//
// The checks are plain assertions; in your project they sit in the test runner of your choice.
import assert from "node:assert/strict";
import { connect, DlmsError, type Meter } from "dlms-cosem";
import { dataObject, logicalName, MockMeter } from "dlms-cosem/mock";

/** The code under test: whatever you wrote on top of `Meter`. */
async function importedWattHours(meter: Meter): Promise<number> {
  return (await meter.register("1-0:1.8.0").value.get()).value;
}

// 1. A meter with an object of your own. With the same seed the household lives the same life.
const mock = new MockMeter({
  household: { seed: 7, days: 3 },
  objects: [dataObject(logicalName("0.0.96.1.9.255"), () => ({ type: "utf8-string", value: "cellar" }))],
});
const options = {
  client: 2,
  authentication: { mechanism: "low", password: "12345678" },
} as const;

// 2. In memory: nothing to install, no port to fight over.
const meter = await connect(await mock.endpoint(), options);
assert.ok((await importedWattHours(meter)) > 4_321_000);
assert.deepEqual(await meter.data("0-0:96.1.9").value.getData(), { type: "utf8-string", value: "cellar" });

// 3. What the meter refuses is an error with a stable code.
const missing = await meter
  .register("1-0:99.99.0")
  .value.get()
  .catch((error: unknown) => error);
assert.ok(DlmsError.is(missing) && missing.code === "access-refused");
await meter.close();

// 4. A bad line, the same at every run: one octet is spoilt, one lost. The link mends it, and the trace tells.
const notices: string[] = [];
const noisy = await connect(
  await mock.endpoint({
    faults: [
      { direction: "to-near", at: 150, kind: "flip" },
      { direction: "to-far", at: 200, kind: "drop" },
    ],
  }),
  {
    ...options,
    hdlc: { responseTimeoutMs: 100, interOctetTimeoutMs: 20 },
    trace: (event) => event.type === "notice" && notices.push(event.name),
  },
);
for (let i = 0; i < 5; i++) assert.ok((await importedWattHours(noisy)) > 4_321_000);
assert.ok(notices.length >= 2);
await noisy.close();
await mock.close();
console.log(`all checks hold; the bad line was noticed: ${notices.join(", ")}`);
