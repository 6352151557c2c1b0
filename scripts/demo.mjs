// Reads a day of load profile from a mock meter over a virtual optical line, as one would from a real meter under a
// probe: IEC 62056-21 mode E, HDLC, HLS-GMAC with suite 0, blocks. Nothing is left behind but the CSV file it names.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const temporary = mkdtempSync(join(tmpdir(), "dlms-demo-"));
const day = 86_400_000;
const timeLimitMs = 90_000;

setTimeout(() => {
  console.error(`The demo did not end within ${timeLimitMs / 1000} s.`);
  process.exit(1);
}, timeLimitMs).unref();

try {
  await demo();
  console.log("SUCCESS: Profile Transferred");
} catch (error) {
  console.error(`\nFAILED: ${error instanceof Error ? error.message : error}`);
  if (error?.advice !== undefined) console.error(`  ${error.advice}`);
  if (process.env.DEBUG !== undefined) console.error(error);
  process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

async function demo() {
  if (!existsSync(join(root, "dist", "index.js"))) throw new Error("the package is not built: npm run demo does both");
  const [{ connect, CosemDateTime }, node, { MockMeter, mockCredentials }] = await Promise.all(
    ["index.js", "node/index.js", "mock/index.js"].map((path) => import(pathToFileURL(join(root, "dist", path)).href)),
  );
  const terminal = await commandLineParts();

  console.log("dlms-cosem demo: a day of load profile through an optical probe\n");
  // The day before the present one in Central Europe, where the mock meter is.
  const yesterday = Math.floor((Date.now() + 3_600_000) / day) * day - day;
  const mock = new MockMeter({
    household: { outages: [{ from: yesterday + 13.1 * 3_600_000, to: yesterday + 14.6 * 3_600_000 }] },
  });
  const line = await opticalLine(mock, node, terminal);
  try {
    const meter = await connect(line.endpoint, {
      client: 1,
      authentication: { mechanism: "hls-gmac" },
      security: {
        suite: 0,
        protection: "authenticated-encrypted",
        encryptionKey: mockCredentials.encryptionKey,
        authenticationKey: mockCredentials.authenticationKey,
        systemTitle: "444C4D44454D4F31",
        counters: node.fileCounterStore(join(temporary, "counters")),
      },
      maxPduSize: 320, // short messages, as small meters have them: the day comes in several blocks
      trace: teller(),
    });
    try {
      await readRegisters(meter);
      await readDay(meter, terminal, CosemDateTime);
      const { bytesReceived, bytesSent, roundTrips, durationMs } = meter.statistics;
      const seconds = (durationMs / 1000).toFixed(1);
      step("cost", `${bytesSent} octets sent, ${bytesReceived} received, ${roundTrips} round trips, ${seconds} s`);
    } finally {
      await meter.close();
    }
  } finally {
    await line.close();
    await mock.close();
  }
}

/** A pseudo-terminal with the meter behind it, at the speed of the optical line; in memory where there is none. */
async function opticalLine(mock, { serial, ptyListener }, { line7e1, shapedTransport }) {
  const settings = line7e1(300);
  const listener = ptyListener({ line: settings });
  let failure;
  try {
    await listener.listen((transport) => {
      void mock.serve(shapedTransport(transport, { line: settings }), { link: "hdlc", signOn: true }).catch(() => {});
    });
    step("line", `virtual optical line on the pseudo-terminal ${listener.path}, opened by serialport`);
    return { endpoint: serial({ path: listener.path, start: "mode-e" }), close: () => listener.close() };
  } catch (error) {
    failure = error;
    await listener.close();
  }
  step("line", `virtual optical line in memory (no pseudo-terminal: ${failure.message})`);
  const { endpoint } = await mock.memory({ line: settings, signOn: { mode: "mode-e" } });
  return { endpoint, close: async () => {} };
}

/** Tells what is worth telling of how the session is set up: twice, since the public client is asked for the counter. */
function teller() {
  let round = 0;
  const states = {
    "signing-on": () => (++round === 1 ? "IEC 62056-21 mode E at 300 baud" : "again, now as the management client"),
    linking: () => "HDLC, 8N1 at the speed that was agreed on",
    associating: () =>
      round === 1
        ? "as the public client, to ask for the invocation counter"
        : "AARQ, then both sides prove their keys (HLS-GMAC, suite 0)",
    associated: () => "every message from here on is encrypted and authenticated",
  };
  return (event) => {
    if (event.type === "state" && event.state in states) step(event.state, states[event.state]());
    if (event.type === "notice" && event.name === "identified") step("identified", event.message);
    if (event.type === "counter") step("counter", event.message);
  };
}

async function readRegisters(meter) {
  const clock = await meter.clock("0-0:1.0.0").time.get();
  step("clock", `${clock} (${clock.daylightSaving === true ? "daylight saving" : "standard time"})`);
  const registers = { "1-0:1.8.0": "energy taken", "1-0:2.8.0": "energy given", "1-0:1.7.0": "power now" };
  const codes = Object.keys(registers);
  const results = await meter.readAll(codes.map((code) => meter.register(code).value));
  for (const [index, result] of results.entries()) {
    if (!result.ok) throw result.error;
    step(codes[index], `${String(result.value).padEnd(12)} ${registers[codes[index]]}`);
  }
}

/** Yesterday, as the meter's own clock has it. */
async function readDay(meter, terminal, CosemDateTime) {
  const clock = await meter.clock("0-0:1.0.0").time.get();
  const now = clock.localMs();
  if (now === undefined) throw new Error(`the meter's clock is not set: ${clock}`);
  // Local times without a difference to UTC: right on the days, too, on which daylight saving begins or ends.
  const midnight = now - (now % day);
  const [from, to] = [midnight - day, midnight].map((ms) => CosemDateTime.fromDate(ms, { withoutDeviation: true }));
  const profile = meter.profile("1-0:99.1.0");
  const { capturePeriodSeconds, columns } = await profile.info();
  step(
    "profile",
    `1-0:99.1.0, a row every ${capturePeriodSeconds / 60} minutes: ${columns.map((c) => c.name).join(", ")}`,
  );
  const progress = new terminal.ProgressLine(process.stdout, 400);
  const rows = [];
  const expected = day / (1000 * capturePeriodSeconds) + 1;
  const show = ({ bytes, expectedRows, remainingMs }, final) =>
    progress.show(
      `  ${terminal.progressText({ rows: rows.length, bytes, totalRows: expectedRows ?? expected, remainingMs })}`,
      final,
    );
  let last = { bytes: 0, expectedRows: expected, remainingMs: undefined };
  const onProgress = (state) => {
    last = state;
    show(state, false);
  };
  for await (const row of profile.rows({ from, to, onProgress })) rows.push(row);
  if (rows.length < 2) throw new Error(`the meter gave ${rows.length} rows for the day`);
  show({ ...last, expectedRows: rows.length, remainingMs: 0 }, true);
  progress.end();
  const intervals = powerOf(rows, 1000 * capturePeriodSeconds);
  const title = `Mean power taken from the grid, ${isoDay(rows[0])}`;
  console.log(`\n${terminal.terminalChart({ title, unit: "W", points: atMeter(intervals, rows[0]) })}`);
  for (const remark of remarks(rows, intervals, capturePeriodSeconds)) console.log(`  ${remark}`);
  console.log(`  stored: ${store(rows, intervals, terminal.csvLine)}\n`);
}

/** Mean power of each interval of the day, from the register at its ends; undefined where one of them is missing. */
function powerOf(rows, periodMs) {
  const energy = new Map(rows.map((row) => [row.time?.getTime(), row.get("1-0:1.8.0")?.value]));
  const points = [];
  for (let start = rows[0].time.getTime(); start < rows.at(-1).time.getTime(); start += periodMs) {
    const [before, after] = [energy.get(start), energy.get(start + periodMs)];
    const known = before !== undefined && after !== undefined;
    points.push({ time: new Date(start), value: known ? ((after - before) * 3_600_000) / periodMs : undefined });
  }
  return points;
}

/** The chart's axis shows the time of whoever looks; here it is to be the meter's. */
function atMeter(points, row) {
  const minutes = -(row.timestamp?.deviation ?? 0);
  return points.map(({ time, value }) => {
    const shift = (minutes + time.getTimezoneOffset()) * 60_000;
    return { time: new Date(time.getTime() + shift), value };
  });
}

/** What the chart shows beside power: holes and why, a change of daylight saving, the sum. */
function* remarks(rows, intervals, periodSeconds) {
  const powerDown = 0x80;
  for (let i = 1; i < rows.length; i++) {
    const [before, row] = [rows[i - 1], rows[i]];
    const missing = Math.round((row.time - before.time) / (1000 * periodSeconds)) - 1;
    const reason = (Number(row.status) & powerDown) === 0 ? "the meter does not say why" : "power outage";
    const place = `between ${clockText(before)} and ${clockText(row)}`;
    if (missing > 0) yield `·  ${missing} rows are missing ${place}: ${reason} (status ${row.status})`;
    if (before.timestamp?.deviation !== row.timestamp?.deviation)
      yield `DST: the clock changed ${place} (UTC${offsetText(before)} to UTC${offsetText(row)})`;
  }
  const known = intervals.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const [first, last] = [rows[0], rows.at(-1)].map((row) => row.get("1-0:1.8.0"));
  yield `peak ${Math.max(...known)} W, taken ${((last.value - first.value) / 1000).toFixed(3)} kWh in ${rows.length} rows`;
}

function store(rows, intervals, csvLine) {
  const folder = join(tmpdir(), "dlms-cosem-demo");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `load-profile-${isoDay(rows[0])}.csv`);
  const periodMs = intervals[1].time - intervals[0].time;
  const power = new Map(intervals.map(({ time, value }) => [time.getTime() + periodMs, value]));
  const names = Object.keys(rows[0].values);
  const units = names.map((name) => rows[0].get(name)?.unit).map((unit) => (unit === undefined ? "" : ` (${unit})`));
  const header = ["time", ...names.map((name, index) => `${name}${units[index]}`), "mean power before (W)"];
  const lines = rows.map((row) => {
    const cells = names.map((name) => row.get(name)?.toDecimal?.() ?? row.get(name));
    return csvLine([String(row.timestamp), ...cells, power.get(row.time?.getTime())]);
  });
  writeFileSync(file, csvLine(header) + lines.join(""));
  return file;
}

function isoDay(row) {
  return String(row.timestamp).slice(0, 10);
}

function clockText(row) {
  return String(row.timestamp).slice(11, 16);
}

function offsetText({ timestamp }) {
  return String(timestamp).slice(19).replace(/^Z$/, "+00:00");
}

function step(name, message) {
  console.log(`  ${name.padEnd(12)}${message}`);
}

/** Chart, progress and table of the command line, and the line model: not public, so they are bundled for the demo. */
async function commandLineParts() {
  const { build } = await import("esbuild");
  const outfile = join(temporary, "parts.mjs");
  const contents = [
    'export { terminalChart } from "./src/cli/chart.ts";',
    'export { ProgressLine, progressText } from "./src/cli/progress.ts";',
    'export { csvLine } from "./src/cli/table.ts";',
    'export { line7e1, shapedTransport } from "./src/transport/index.ts";',
  ].join("\n");
  await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    outfile,
    logLevel: "silent",
  });
  return import(pathToFileURL(outfile).href);
}
