// A month of 15-minute load profile at 9,600 baud over the line model, on a virtual clock, against the least time that
// the negotiated information field, window and PDU size allow; and the same with 1 % of the frames hit.
// node bench/line.bench.mjs [--json]: prints each figure beside its bar.
import { median, report, sources } from "./support.mjs";

const { connect, line8n1, MockMeter, mockCredentials, VirtualClock } = await sources({
  "src/client/index.ts": ["connect"],
  "src/mock/index.ts": ["MockMeter", "mockCredentials"],
  "src/transport/index.ts": ["line8n1", "VirtualClock"],
});

const bars = { overLeast: 1.02, withHits: 1.15 };
const baudRate = 9600;
const turnaroundMs = 10;
const days = 31;
const rowCount = days * 96 + 1;
const to = new Date(Date.UTC(2026, 0, 15));
const from = new Date(to.getTime() - days * 86_400_000);
const seeds = [1, 2, 3, 4, 5, 6, 7];

const settings = [
  { information: 128, window: 1, pdu: 1024, client: "password" },
  { information: 512, window: 1, pdu: 1024, client: "password" },
  { information: 512, window: 1, pdu: 1024, client: "ciphered" },
  { information: 256, window: 7, pdu: 4096, client: "ciphered" },
  { information: 2030, window: 1, pdu: 65_535, client: "password" },
];

const clients = {
  password: { client: 2, authentication: { mechanism: "low", password: "12345678" } },
  ciphered: {
    client: 1,
    authentication: { mechanism: "hls-gmac" },
    security: {
      encryptionKey: mockCredentials.encryptionKey,
      authenticationKey: mockCredentials.authenticationKey,
      systemTitle: "4142430000000001",
    },
  },
};

/** Reads the month once; what crossed the line from the first octet of the request to the last row. */
async function read({ information, window, pdu, client }, faults = {}) {
  const clock = new VirtualClock({ wallTime: to.getTime() + 60_000 });
  const parameters = {
    maxInfoTransmit: information,
    maxInfoReceive: information,
    windowTransmit: window,
    windowReceive: window,
  };
  const meter = new MockMeter({
    clock,
    household: { days: days + 2, outages: [] },
    maxPduSize: pdu,
    hdlc: { parameters },
  });
  const { endpoint } = await meter.memory({ line: line8n1(baudRate), turnaroundMs, ...faults });
  const session = await clock.run(connect(endpoint, { ...clients[client], hdlc: parameters, maxPduSize: pdu }));
  const profile = session.profile("1-0:99.1.0*255");
  await clock.run(profile.info());
  const before = { at: clock.now(), apdus: session.statistics };
  let rows = 0;
  let doneAt = 0;
  await clock.run(
    (async () => {
      for await (const _ of profile.rows({ from, to })) rows++;
      doneAt = clock.now();
    })(),
  );
  const requests = session.statistics.apdusSent - before.apdus.apdusSent;
  const result = {
    rows,
    ms: doneAt - before.at,
    requests,
  };
  await clock.run(session.close());
  if (rows !== rowCount) throw new Error(`${rows} rows of ${rowCount}`);
  return result;
}

/** Octets of a length in A-XDR. */
const lengthOctets = (length) => (length < 0x80 ? 1 : length < 0x100 ? 2 : 3);

/**
 * The least that carries the month, from the standard alone: blocks as long as the PDU size allows, information
 * fields full, a window for each turn, nothing asked twice, no pause but the turnarounds of the line.
 */
function least({ information, window, pdu, client }) {
  const row = 2 + 14 + 2 + 5 + 5; // structure of 4: clock in an octet string, status, two double-long-unsigned
  const buffer = 1 + lengthOctets(rowCount) + rowCount * row;
  const protection = (length) => (client === "ciphered" ? 1 + lengthOctets(length + 5 + 12) + 5 + 12 : 0); // tag, length, header, tag of GCM
  // get-response-with-datablock: tag, choice, invoke-id, last-block, number, result, length.
  const blockOf = (raw) => 1 + 1 + 1 + 1 + 4 + 1 + lengthOctets(raw) + raw;
  let raw = pdu;
  while (blockOf(raw) + protection(blockOf(raw)) > pdu) raw--;
  const whole = 4 + buffer;
  const answers = [];
  if (whole + protection(whole) <= pdu) answers.push(whole);
  else for (let left = buffer; left > 0; left -= raw) answers.push(blockOf(Math.min(raw, left)));
  // get-request-normal with a range: 13 octets of header and descriptor, selector, structure of restricting object,
  // two date-times and an empty array; get-request-next is 7.
  const request = 3 + 9 + 1 + 1 + 2 + 18 + 14 + 14 + 2;
  const frame = (octets) => 1 + 2 + 1 + 1 + 1 + 2 + octets + 2 + 1;
  const bare = frame(0) - 2;
  const octetMs = 10_000 / baudRate;
  let ms = 0;
  answers.forEach((answer, index) => {
    const plain = index === 0 ? request : 7;
    ms += octetMs * frame(3 + plain + protection(plain));
    let left = 3 + answer + protection(answer);
    const turns = Math.ceil(Math.ceil(left / information) / window);
    for (; left > 0; left -= information) ms += octetMs * frame(Math.min(left, information));
    ms += (turns - 1) * octetMs * bare + turns * 2 * turnaroundMs;
  });
  return { ms, requests: answers.length };
}

const rows = [];
for (const setting of settings) {
  const clean = await read(setting);
  const bound = least(setting);
  const hit = [];
  for (const seed of seeds) hit.push((await read(setting, { hitRate: 0.01, seed })).ms);
  const { information, window, pdu, client } = setting;
  const name = `month, ${information} octets x ${window}, PDU ${pdu}, ${client}`;
  rows.push(
    {
      measure: `${name}: time`,
      value: clean.ms / 1000,
      unit: "s",
      atMost: Number(((bound.ms * bars.overLeast) / 1000).toFixed(2)),
    },
    { measure: `${name}: over least`, value: clean.ms / bound.ms, unit: "ratio", atMost: bars.overLeast },
    { measure: `${name}: requests`, value: clean.requests, unit: "", atMost: bound.requests },
    { measure: `${name}: 1 % hit`, value: median(hit) / clean.ms, unit: "ratio", atMost: bars.withHits },
  );
}
report(rows);
