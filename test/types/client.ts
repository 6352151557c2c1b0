/** Checked by the compiler alone: what a user writes compiles and reads well, misuse does not compile. */

import { uint16 } from "../../src/cosem/index.js";
import {
  connect,
  type Data,
  type DlmsError,
  defineClass,
  type Endpoint,
  fixed,
  type Meter,
  Obis,
  type ObisText,
  Quantity,
  type ReadResult,
} from "../../src/index.js";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only when the two types are the same. */
const same = <A, B>(_equal: Equal<A, B>) => {};

export async function reading(endpoint: Endpoint): Promise<void> {
  await using meter = await connect(endpoint, {
    client: 1,
    server: { logical: 1, physical: 17 },
    authentication: { mechanism: "hls-gmac" },
    security: {
      encryptionKey: "00".repeat(16),
      authenticationKey: new Uint8Array(16),
      systemTitle: "4142430000000001",
    },
  });
  same<typeof meter, Meter>(true);
  const energy = await meter.register("1-0:1.8.0*255").value.get();
  same<typeof energy, Quantity>(true);
  const raw = await meter.register("1-0:1.8.0").value.getRaw();
  same<typeof raw, number | bigint>(true);
  const name = await meter.clock("0.0.1.0.0.255").logicalName.get();
  same<typeof name, Obis>(true);
  const data = await meter.data(Obis.parse("0-0:96.1.0")).value.get();
  same<typeof data, Data>(true);
  const nothing = await meter.disconnectControl("0-0:96.3.10*255").remoteDisconnect();
  same<typeof nothing, void>(true);

  const [first, second] = await meter.readAll([
    meter.register("1-0:1.8.0*255").value,
    meter.clock("0-0:1.0.0*255").timeZone,
  ]);
  same<typeof first, ReadResult<Quantity>>(true);
  same<typeof second, ReadResult<number>>(true);
  if (first.ok) first.value.toDecimal();
  else same<typeof first.error, DlmsError>(true);

  const handles = ["1-0:1.8.0*255", "1-0:2.8.0*255"].map((text) => meter.register(Obis.parse(text)).value);
  const all = await meter.readAll(handles);
  for (const result of all) same<typeof result, ReadResult<Quantity>>(true);

  for await (const notification of meter.notifications) if (notification.kind === "data-notification") break;

  const own = defineClass(() => ({ id: 9000, version: 0, name: "own", attributes: { limit: fixed(2, uint16) } }));
  await meter.object(own, "0-0:128.0.0*255").limit.set(5);
}

export async function misuse(meter: Meter, endpoint: Endpoint, text: string): Promise<void> {
  // @ts-expect-error no OBIS code
  meter.register("1.8.0");
  // @ts-expect-error no OBIS code
  meter.register("1-0:1.8");
  // @ts-expect-error a separator is wrong
  meter.register("1-0.1.8.0*255");
  // @ts-expect-error text known at run time goes through Obis.parse
  meter.register(text);
  // @ts-expect-error a handle is no value
  meter.register("1-0:1.8.0*255").value.toDecimal();
  // @ts-expect-error a measured value cannot be set
  await meter.register("1-0:1.8.0*255").value.set(5);
  // @ts-expect-error the type of the value is wrong
  await meter.clock("0-0:1.0.0*255").timeZone.set("60");
  // @ts-expect-error the clock has no such attribute
  meter.clock("0-0:1.0.0*255").value;
  // @ts-expect-error the register has no such method
  await meter.register("1-0:1.8.0*255").remoteDisconnect();
  // @ts-expect-error the parameter is missing
  await meter.clock("0-0:1.0.0*255").shiftTime();
  // @ts-expect-error there is no such class
  meter.regsiter("1-0:1.8.0*255");
  // @ts-expect-error a result must be looked at before its value is used
  (await meter.readAll([meter.register("1-0:1.8.0*255").value]))[0].value.toDecimal();
  // @ts-expect-error readAll takes attributes, no objects
  await meter.readAll([meter.register("1-0:1.8.0*255")]);
  // @ts-expect-error a password belongs to this mechanism
  await connect(endpoint, { authentication: { mechanism: "low" } });
  // @ts-expect-error no such mechanism
  await connect(endpoint, { authentication: { mechanism: "gmac" } });
  // @ts-expect-error keys without a system title
  await connect(endpoint, { security: { encryptionKey: "00" } });
  // @ts-expect-error no such option
  await connect(endpoint, { timeout: 5 });
  // @ts-expect-error the statistics are not the user's to change
  meter.statistics.bytesSent = 0;
  // @ts-expect-error an OBIS text of the wrong shape
  const wrong: ObisText = "energy";
  void wrong;
  // @ts-expect-error quantities are made by Quantity.of and its like
  new Quantity(5, 0, "Wh");
}
