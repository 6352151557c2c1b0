// A day of load profile through an optical probe, row by row as it arrives.
//
//   node optical-probe-load-profile.ts               from a mock meter that this program starts itself
//   DLMS_EK=... DLMS_AK=... node optical-probe-load-profile.ts /dev/ttyUSB0
//
// `dlms ports` lists the serial ports. DLMS_EK and DLMS_AK are the meter's keys, 32 hexadecimal digits each.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, toHex } from "dlms-cosem";
import { MockMeter, mockCredentials } from "dlms-cosem/mock";
import { fileCounterStore, serial } from "dlms-cosem/node";

const [path] = process.argv.slice(2);
const mock = new MockMeter();
const { DLMS_EK = toHex(mockCredentials.encryptionKey), DLMS_AK = toHex(mockCredentials.authenticationKey) } =
  process.env;

// Mode E: sign on at 300 baud, agree on a higher speed, go on in HDLC.
const endpoint =
  path === undefined ? await mock.endpoint({ signOn: { mode: "mode-e" } }) : serial({ path, start: "mode-e" });

const meter = await connect(endpoint, {
  client: 1,
  // Many meters want physical address 17, or the last digits of their serial number plus 1000.
  server: { logical: 1, physical: 17 },
  authentication: { mechanism: "hls-gmac" },
  security: {
    encryptionKey: DLMS_EK,
    authenticationKey: DLMS_AK,
    systemTitle: "4D594C4142303031",
    counters: fileCounterStore(join(tmpdir(), "dlms-cosem-example-counters")),
  },
});
try {
  const to = new Date();
  to.setHours(0, 0, 0, 0);
  const from = new Date(to.getTime() - 24 * 3_600_000);

  // Columns, units and the capture period come from the meter itself.
  const profile = meter.profile("1-0:99.1.0");
  const { columns, capturePeriodSeconds } = await profile.info();
  console.log(`every ${capturePeriodSeconds / 60} minutes: ${columns.map(({ name }) => name).join(", ")}`);

  const rows = profile.rows({
    from,
    to,
    onProgress: ({ rows, bytes }) => console.error(`${rows} rows, ${bytes} octets`),
  });
  let count = 0;
  for await (const row of rows) {
    console.log(`${row.timestamp}  status ${row.status}  ${row.get("1-0:1.8.0") ?? "missing"}`);
    count++;
  }
  console.log(`${count} rows`);
} finally {
  await meter.close();
  await mock.close();
}
