import { describe, expect, it } from "vitest";
import { DlmsError } from "../../src/base/index.js";
import type { ConnectOptions } from "../../src/client/index.js";
import { type LineFault, line8n1, type MemoryLinkOptions } from "../../src/transport/index.js";
import { bench, clients } from "./mock.js";

const kinds = ["flip", "drop", "double"] as const;
/** Nothing may take longer than this, however the line is spoilt. */
const patienceMs = 300_000;

/** Connects, reads two constant values, closes. */
async function session(link: MemoryLinkOptions, options: ConnectOptions) {
  const { clock, connect, lines } = await bench(link, { household: { days: 1 } });
  const read = async () => {
    const meter = await connect({ ...options, timeouts: { responseMs: 3000, connectMs: 60_000 }, retries: 3 });
    try {
      const [name, serial] = await meter.readAll([
        meter.data("0-0:42.0.0*255").value,
        meter.data("0-0:96.1.0*255").value,
      ]);
      return [name, serial].map((result) => (result.ok ? JSON.stringify(result.value) : result.error.code));
    } finally {
      await meter.close();
    }
  };
  const outcome = await clock.run(read()).catch((error: unknown) => error);
  const elapsedMs = clock.now();
  await clock.advance(200_000);
  return { outcome, elapsedMs, armed: clock.armed, lines };
}

const cases = {
  "HDLC with a password": [{ link: "hdlc", line: line8n1(9600) }, clients.reader],
  "HDLC with GMAC": [{ link: "hdlc", line: line8n1(9600) }, clients.management],
  "the wrapper with GMAC": [{ link: "wrapper" }, clients.management],
} as const;

describe("a spoilt octet ends in the right values or a clear error, in bounded time", () => {
  for (const [name, [link, options]] of Object.entries(cases))
    for (const direction of ["to-far", "to-near"] as const)
      it(`over ${name}, ${direction === "to-far" ? "to" : "from"} the meter`, { timeout: 60_000 }, async () => {
        const clean = await session(link, options);
        expect(clean.outcome).toHaveLength(2);
        const [line] = clean.lines;
        const bytes = line?.statistics[direction === "to-far" ? "toFar" : "toNear"].bytes ?? 0;
        expect(bytes).toBeGreaterThan(100);
        let healed = 0;
        for (let at = 0; at < bytes; at++) {
          const kind = kinds[at % kinds.length] ?? "flip";
          const fault: LineFault = { direction, at, kind };
          const { outcome, elapsedMs, armed } = await session({ ...link, faults: [fault] }, options);
          const where = `${kind} at ${at}`;
          if (Array.isArray(outcome)) {
            expect(outcome, where).toEqual(clean.outcome);
            healed++;
          } else expect(DlmsError.is(outcome), `${where}: ${String(outcome)}`).toBe(true);
          expect(elapsedMs, where).toBeLessThan(patienceMs);
          expect(armed, where).toBe(0);
        }
        if (link.link === "hdlc") expect(healed / bytes).toBeGreaterThan(0.95);
      });
});
