import { beforeAll, describe, expect, it } from "vitest";
import type { LineDirection, LineFault } from "../../src/transport/index.js";
import { type Outcome, scene, within, wrongIn } from "./session.js";

/** DLMS_ALL_FAULTS=1 strikes every octet; otherwise every so many, from another one for each kind of fault. */
const everyOctet = process.env["DLMS_ALL_FAULTS"] === "1";
const directions: readonly LineDirection[] = ["to-far", "to-near"];
const directionNames = { "to-far": "to the meter", "to-near": "from the meter" } as const;

let right: Outcome;
let lengths: Record<LineDirection, number>;

beforeAll(async () => {
  const { clock, read, line } = scene();
  right = await within(clock, read());
  const statistics = await line();
  lengths = { "to-far": statistics?.toFar.bytes ?? 0, "to-near": statistics?.toNear.bytes ?? 0 };
});

function* positions(direction: LineDirection, offset: number): Iterable<number> {
  // Sign-on, association and release take the first octets of each direction: they are looked at more closely.
  for (let at = everyOctet ? 0 : offset; at < lengths[direction]; at += everyOctet ? 1 : at < 700 ? 13 : 41) yield at;
}

async function strike(fault: LineFault): Promise<string | undefined> {
  const { clock, read } = scene([fault]);
  const problem = wrongIn(await within(clock, read()), right);
  return problem && `${fault.kind} ${fault.direction} at ${fault.at}: ${problem}`;
}

async function strikeAll(direction: LineDirection, offset: number, faultAt: (at: number) => LineFault) {
  const problems: string[] = [];
  for (const at of positions(direction, offset)) {
    const problem = await strike(faultAt(at)).catch(
      (error: unknown) => `${JSON.stringify(faultAt(at))}: ${String(error)}`,
    );
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}

it("the session without faults reads everything", () => {
  expect(right.error).toBeUndefined();
  // A day of quarters of an hour and the midnight after it, less two hours of outage.
  expect(right.rows).toHaveLength(97 - 8);
  expect(right.name).toBe("10000001");
  expect(lengths["to-near"]).toBeGreaterThan(3000);
});

describe("one octet spoilt ends in the right rows or a clear error", { timeout: 3_600_000 }, () => {
  for (const direction of directions) {
    it(`dropped, ${directionNames[direction]}`, async () => {
      expect(await strikeAll(direction, 0, (at) => ({ direction, at, kind: "drop" }))).toEqual([]);
    });
    it(`doubled, ${directionNames[direction]}`, async () => {
      expect(await strikeAll(direction, 5, (at) => ({ direction, at, kind: "double" }))).toEqual([]);
    });
    it(`flipped, ${directionNames[direction]}`, async () => {
      expect(await strikeAll(direction, 9, (at) => ({ direction, at, kind: "flip", mask: 1 << (at & 7) }))).toEqual([]);
    });
    it(`all its bits flipped, ${directionNames[direction]}`, async () => {
      expect(await strikeAll(direction, 3, (at) => ({ direction, at, kind: "flip", mask: 0xff }))).toEqual([]);
    });
  }
});

describe("a line that is bad all the time ends in the right rows or a clear error", { timeout: 3_600_000 }, () => {
  const noises = {
    "an error in 10,000 bits": { bitErrorRate: 1e-4 },
    "an error in 2,000 bits": { bitErrorRate: 5e-4 },
    "one octet in 1,000 lost": { lossRate: 1e-3 },
    "one octet in 1,000 doubled": { doubleRate: 1e-3 },
    "every tenth frame hit": { hitRate: 0.1 },
    "a little of everything": { lossRate: 2e-4, doubleRate: 2e-4, bitErrorRate: 5e-5 },
  };
  for (const [name, noise] of Object.entries(noises))
    it(name, async () => {
      const problems: string[] = [];
      for (let seed = 1; seed <= (everyOctet ? 300 : 8); seed++) {
        const { clock, read } = scene([], { ...noise, seed });
        const problem = wrongIn(await within(clock, read()), right);
        if (problem !== undefined) problems.push(`seed ${seed}: ${problem}`);
      }
      expect(problems).toEqual([]);
    });
  it("one frame in a hundred hit is ridden out", async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { clock, read } = scene([], { hitRate: 0.01, seed: 100 + seed });
      const { rows, error } = await within(clock, read());
      expect([error, rows.length]).toEqual([undefined, right.rows.length]);
    }
  });
});

describe("a link cut at an octet is taken up again without a missing or doubled row", { timeout: 3_600_000 }, () => {
  for (const direction of directions)
    it(directionNames[direction], async () => {
      const problems: string[] = [];
      for (const at of positions(direction, 7)) {
        const { clock, read } = scene([{ direction, at, kind: "cut" }]);
        const first = await within(clock, read());
        const problem = wrongIn(first, right);
        if (problem !== undefined) problems.push(`cut at ${at}: ${problem}`);
        if (first.error === undefined) continue;
        const second = await within(clock, read(first.checkpoint));
        if (second.error !== undefined) problems.push(`cut at ${at}, resumed: ${String(second.error)}`);
        const joined = [...first.rows, ...second.rows];
        if (joined.join("\n") !== right.rows.join("\n"))
          problems.push(`cut at ${at}: ${first.rows.length} and ${second.rows.length} rows do not join`);
      }
      expect(problems).toEqual([]);
    });
});
