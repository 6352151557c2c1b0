// Speed of the HDLC splitter with its check sequences: `node bench/hdlc.bench.mjs [--json]`.
import crc16kermit from "crc/calculators/crc16kermit";
import { report, sources } from "./support.mjs";

const { clientAddress, encodeFrame, FrameSplitter, serverAddress } = await sources({
  "src/hdlc/index.ts": ["clientAddress", "encodeFrame", "FrameSplitter", "serverAddress"],
});

const addresses = { destination: clientAddress(16), source: serverAddress(1, 17) };
const streamOf = (size) => {
  const information = Uint8Array.from({ length: size }, (_, i) => (i * 37 + (i >> 3)) & 0xff);
  const frame = encodeFrame({
    ...addresses,
    type: "i",
    sendSequence: 0,
    receiveSequence: 0,
    poll: false,
    segmented: true,
    information,
  });
  const count = Math.floor(4_000_000 / frame.length);
  const stream = new Uint8Array(count * frame.length);
  for (let i = 0; i < count; i++) stream.set(frame, i * frame.length);
  return { stream, count };
};
const split = (pieces, count) => {
  const splitter = new FrameSplitter();
  let frames = 0;
  for (const piece of pieces) for (const chunk of splitter.push(piece)) if (chunk.type === "frame") frames++;
  if (frames !== count) throw new Error(`${frames} frames of ${count}`);
};
/** Best of the runs: what the machine can do when nobody disturbs it. */
const best = (octets, run, runs) => {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const begin = process.hrtime.bigint();
    run();
    least = Math.min(least, Number(process.hrtime.bigint() - begin));
  }
  return (octets * 1000) / least;
};

// One array for each octet there is: four million of them would measure the memory.
const singles = Array.from({ length: 256 }, (_, octet) => Uint8Array.of(octet));
const rows = [];
for (const size of [128, 512, 2030]) {
  const { stream, count } = streamOf(size);
  const octets = Array.from(stream, (octet) => singles[octet]);
  const whole = best(stream.length, () => split([stream], count), 12);
  const single = best(stream.length, () => split(octets, count), 6);
  const crc = best(stream.length, () => crc16kermit(stream, 0xffff), 12);
  rows.push(
    { measure: `HDLC splitting, ${size} octets a frame`, value: whole, unit: "MB/s", atLeast: 200 },
    { measure: "  an octet at a time, times the cost", value: whole / single, unit: "times", atMost: 4 },
    { measure: "  the check sequence alone", value: crc, unit: "MB/s" },
  );
}
report(rows);
