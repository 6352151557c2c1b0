import { DlmsError } from "../../src/base/index.js";
import { seededRandom } from "../../src/transport/index.js";
import { type EntryPoint, entryPoints } from "./entry-points.js";

const slowMs = 50;
const memoryLimit = (input: number) => 64 * 1024 + 256 * input;

const [countText = "100000", only = ""] = process.argv.slice(2);
const count = Number(countText);
let failures = 0;
for (const entry of entryPoints) if (entry.name.includes(only)) run(entry);
process.exit(failures === 0 ? 0 : 1);

function run(entry: EntryPoint): void {
  const random = seededRandom(0x5eed);
  const began = performance.now();
  let refused = 0;
  let slowest = 0;
  for (let i = 0; i < count; i++) {
    const input = mutated(entry.seeds, random);
    const { took, threw } = feed(entry, input);
    if (threw === "refused") refused++;
    else if (threw !== undefined) return report(entry, input, threw);
    slowest = Math.max(slowest, took);
    // A pause of the collector is not the input's fault: only what is slow three times running counts.
    if (took > slowMs && feed(entry, input).took > slowMs && feed(entry, input).took > slowMs)
      return report(entry, input, `takes above ${slowMs} ms three times running`);
  }
  const grown = memoryOf(entry, random);
  if (grown !== undefined) return report(entry, grown, "keeps more memory than its input allows");
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${entry.name}: ${count} inputs, ${refused} refused, slowest ${slowest.toFixed(1)} ms, ${seconds} s`);
}

function feed(entry: EntryPoint, input: Uint8Array): { took: number; outcome: unknown; threw?: string } {
  const began = performance.now();
  let threw: string | undefined;
  let outcome: unknown;
  try {
    outcome = entry.feed(input);
  } catch (error) {
    outcome = error;
    threw = DlmsError.is(error) ? "refused" : error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const took = performance.now() - began;
  return threw === undefined ? { took, outcome } : { took, outcome, threw };
}

/** What stays in memory of an input while its outcome is held, the mean of many; the input that is above the limit. */
function memoryOf(entry: EntryPoint, random: () => number): Uint8Array | undefined {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) return undefined;
  const repeats = 32;
  for (let i = 0; i < 40; i++) {
    const input = mutated(entry.seeds, random);
    const kept: unknown[] = [];
    feed(entry, input);
    gc();
    const before = process.memoryUsage();
    for (let repeat = 0; repeat < repeats; repeat++) kept.push(feed(entry, input).outcome);
    gc();
    const after = process.memoryUsage();
    const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    if (kept.length === repeats && grown / repeats > memoryLimit(input.length)) return input;
  }
  return undefined;
}

/** A seed with octets changed, cut, doubled, put in, or joined with another. */
function mutated(seeds: readonly Uint8Array[], random: () => number): Uint8Array {
  const pick = (limit: number) => Math.floor(random() * limit);
  let bytes = [...(seeds[pick(seeds.length)] as Uint8Array)];
  const rounds = 1 + pick(4);
  for (let round = 0; round < rounds; round++) {
    const at = pick(bytes.length + 1);
    switch (pick(7)) {
      case 0:
        bytes[at] = pick(256);
        break;
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
        break;
      case 2:
        bytes.splice(at, 1 + pick(8));
        break;
      case 3:
        bytes.splice(at, 0, ...bytes.slice(at, at + 1 + pick(16)));
        break;
      case 4:
        bytes.splice(at, 0, [0x7e, 0x84, 0xff, 0x00, 0x01, 0x02, 0x13][pick(7)] as number);
        break;
      case 5:
        bytes = bytes.slice(0, at);
        break;
      default:
        bytes.push(...(seeds[pick(seeds.length)] as Uint8Array));
    }
  }
  return Uint8Array.from(bytes, (octet) => octet ?? 0);
}

function report(entry: EntryPoint, input: Uint8Array, what: string): void {
  failures++;
  console.error(`${entry.name}: ${what}\n  input ${Buffer.from(input).toString("hex")}`);
}
