// Round trips and octets of 200 attributes read at once, against the least that the negotiated PDU size allows.
// node bench/lists.bench.mjs [--json]
import { report, sources } from "./support.mjs";

const { connect, MockMeter, mockCredentials, object, DataClass, u32, VirtualClock } = await sources({
  "src/client/index.ts": ["connect"],
  "src/mock/index.ts": ["MockMeter", "mockCredentials", "object"],
  "src/cosem/index.ts": ["DataClass"],
  "src/data/index.ts": ["u32"],
  "src/transport/index.ts": ["VirtualClock"],
});

const count = 200;
const settings = [
  { pdu: 256, client: "password" },
  { pdu: 1024, client: "password" },
  { pdu: 1024, client: "ciphered" },
  { pdu: 4096, client: "ciphered" },
  { pdu: 65_535, client: "ciphered" },
];
const clients = {
  password: { client: 2, authentication: { mechanism: "low", password: "12345678" } },
  ciphered: {
    client: 1,
    authentication: { mechanism: "hls-gmac" },
    security: { ...mockCredentials, systemTitle: "4142430000000001" },
  },
};
const names = Array.from({ length: count }, (_, i) => `1-1:${1 + (i % 100)}.${8 + Math.floor(i / 100)}.0*255`);

async function read({ pdu, client }) {
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 0, 15) });
  const objects = names.map((name, i) => object(DataClass, name, { value: u32(i) }));
  const meter = new MockMeter({ clock, objects, maxPduSize: pdu });
  const { endpoint } = await meter.memory({ link: "wrapper" });
  const session = await clock.run(connect(endpoint, { ...clients[client], maxPduSize: pdu }));
  const before = session.statistics;
  const results = await clock.run(session.readAll(names.map((name) => session.data(name).value)));
  const after = session.statistics;
  if (results.some(({ ok }) => !ok)) throw new Error("a value is missing");
  await clock.run(session.close());
  return {
    roundTrips: after.apdusSent - before.apdusSent,
    octets: after.bytesSent + after.bytesReceived - before.bytesSent - before.bytesReceived,
  };
}

const lengthOctets = (length) => (length < 0x80 ? 1 : length < 0x100 ? 2 : 3);

/**
 * The least, from the standard alone: get-request-with-list of 4 octets and 10 for each attribute, its answer of 4 and
 * 6 for each value, both within the PDU size with their protection; requests as full as they can be. Each of the
 * values here takes less of an answer than of a request: no answer needs a second APDU.
 */
function least({ pdu, client }) {
  const wrapper = 8;
  // Tag, length, security control and counter, tag of GCM.
  const sealed = (length) => (client === "ciphered" ? 1 + lengthOctets(length + 17) + 17 + length : length);
  const request = (n) => 3 + lengthOctets(n) + 10 * n;
  const answer = (n) => 3 + lengthOctets(n) + 6 * n;
  let most = 0;
  while (most < count && sealed(request(most + 1)) <= pdu) most++;
  const roundTrips = Math.ceil(count / most);
  let octets = 0;
  for (let left = count; left > 0; left -= most) {
    const n = Math.min(left, most);
    octets += 2 * wrapper + sealed(request(n)) + sealed(answer(n));
  }
  return { roundTrips, octets };
}

const rows = [];
for (const setting of settings) {
  const seen = await read(setting);
  const bound = least(setting);
  const name = `${count} attributes, PDU ${setting.pdu}, ${setting.client}`;
  rows.push(
    { measure: `${name}: round trips`, value: seen.roundTrips, unit: "", atMost: bound.roundTrips },
    { measure: `${name}: octets over least`, value: seen.octets / bound.octets, unit: "ratio", atMost: 1 },
  );
}
report(rows);
