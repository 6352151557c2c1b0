import { expect, expectTypeOf, it } from "vitest";
import {
  type ConnectOptions,
  type CosemDateTime,
  changeKeys,
  connect,
  type Endpoint,
  type KeyStore,
  type Meter,
  type Quantity,
  type ReadResult,
  type ReadResults,
} from "../../src/index.js";
import type { MockMeter } from "../../src/mock/index.js";
import { serial, tcp } from "../../src/node/index.js";

declare const meter: Meter;
declare const endpoint: Endpoint;
declare const store: KeyStore;
declare const clock: ReturnType<Meter["clock"]>;
declare const register: ReturnType<Meter["register"]>;

/** Never run: what matters is that it compiles, and what must not compile is marked so. */
async function misuse(text: string, mock: MockMeter): Promise<void> {
  // @ts-expect-error a number is no OBIS code
  meter.register(1.8);
  // @ts-expect-error a group is missing
  meter.clock("0-0:1");
  // @ts-expect-error there is no such class
  meter.registers("1-0:1.8.0");
  // @ts-expect-error a handle is read by get()
  await meter.readAll([meter.register("1-0:1.8.0")]);
  // @ts-expect-error text is no handle
  await meter.readAll(["1-0:1.8.0"]);
  // @ts-expect-error an endpoint, no address
  await connect(text);
  // @ts-expect-error a meter is no endpoint: mock.endpoint() gives one
  await connect(mock);
  // @ts-expect-error low level security needs a password
  await connect(endpoint, { authentication: { mechanism: "low" } });
  // @ts-expect-error no such mechanism
  await connect(endpoint, { authentication: { mechanism: "gmac" } });
  // @ts-expect-error security needs our own system title
  await connect(endpoint, { security: { encryptionKey: text } });
  // @ts-expect-error with a key store the password is the store's
  await connect(endpoint, { keys: { store, meter: text }, authentication: { mechanism: "low", password: text } });
  // @ts-expect-error and so are the keys
  await connect(endpoint, { keys: { store, meter: text }, security: { encryptionKey: text } });
  // @ts-expect-error there is no such key
  await changeKeys(meter, { unicastKey: true });
  await connect(endpoint, { keys: { store, meter: text }, authentication: { mechanism: "low" } });
  // @ts-expect-error the unit is in the name
  await connect(endpoint, { timeouts: { response: 5 } });
  // @ts-expect-error a serial port begins with hdlc or mode-e
  serial({ path: "/dev/ttyUSB0", start: "iec" });
  // @ts-expect-error the host is missing
  tcp({ port: 4059 });
  // @ts-expect-error what is read is no number: it has a value, a unit, and an exact text
  const energy: number = await meter.register("1-0:1.8.0").value.get();
  // @ts-expect-error the state is a word
  await meter.disconnectControl("0-0:96.3.10").controlMode.set(text);
  void energy;
}

it("misuse of the client does not compile", () => {
  expect(misuse).toHaveLength(2);
});

it("handles are no promises, and results have the types of their handles", () => {
  expectTypeOf<typeof register.value>().not.toHaveProperty("then");
  expectTypeOf<ReadResults<readonly [typeof clock.time, typeof register.value]>>().toEqualTypeOf<
    readonly [ReadResult<CosemDateTime>, ReadResult<Quantity>]
  >();
  expectTypeOf<Parameters<typeof connect>[1]>().toEqualTypeOf<ConnectOptions | undefined>();
});
