// A meter with high-level security: both sides prove that they know the keys (GMAC), and every message is encrypted.
//
//   node gmac-meter.ts                  against a mock meter that this program starts itself
//   DLMS_EK=... DLMS_AK=... node gmac-meter.ts 192.168.1.20
//
// DLMS_EK is the encryption key, DLMS_AK the authentication key, 32 hexadecimal digits each. Never put keys of real
// meters on a command line or into a source file.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, DlmsError, toHex } from "dlms-cosem";
import { MockMeter, mockCredentials } from "dlms-cosem/mock";
import { fileCounterStore, tcp, tcpListener } from "dlms-cosem/node";

const [host] = process.argv.slice(2);
const mock = new MockMeter();
const listener = tcpListener({ port: 0 });
if (host === undefined) await mock.listen(listener, { link: "wrapper" });

const { DLMS_EK = toHex(mockCredentials.encryptionKey), DLMS_AK = toHex(mockCredentials.authenticationKey) } =
  process.env;

const meter = await connect(host === undefined ? tcp({ host: "127.0.0.1", port: listener.port }) : tcp({ host }), {
  client: 1, // the management client
  authentication: { mechanism: "hls-gmac" },
  security: {
    suite: 0, // AES-GCM with keys of 128 bits
    protection: "authenticated-encrypted",
    encryptionKey: DLMS_EK,
    authenticationKey: DLMS_AK,
    systemTitle: "4D594C4142303031", // our own name, eight octets: pick one and keep it
    // Each message is counted, and no count may ever be used twice. The folder remembers, across runs and processes.
    // In a new folder the meter is asked for the count it saw last.
    counters: fileCounterStore(join(tmpdir(), "dlms-cosem-example-counters")),
  },
  trace: (event) => {
    if (event.type === "counter") console.log(`counter ${event.counter}: ${event.message}`);
  },
});
try {
  const { peerSystemTitle, peerMaxPduSize } = meter.negotiated;
  console.log(`meter ${peerSystemTitle && toHex(peerSystemTitle)} takes messages of up to ${peerMaxPduSize} octets`);

  // What this association may see, with its rights.
  const objects = await meter.objects();
  for (const { classId, obis, attributes } of [...objects].slice(0, 5))
    console.log(`class ${classId}, ${obis}, ${attributes?.size ?? 0} attributes`);
  console.log(`... ${objects.length} objects in all`);

  // Is the supply on? And something that the meter does not have, to see what an error looks like.
  console.log(`supply ${await meter.disconnectControl("0-0:96.3.10").controlState.get()}`);
  await meter.register("1-0:99.99.0").value.get();
} catch (error) {
  if (!DlmsError.is(error)) throw error;
  console.log(`${error.code}: ${error.message}\n  ${error.advice}`);
} finally {
  await meter.close();
  await mock.close();
}
