import { describe, expect, it } from "vitest";
import { readOut } from "../../src/client/index.js";
import { MockMeter } from "../../src/mock/index.js";
import { line7e1, type MemoryLinkOptions, VirtualClock } from "../../src/transport/index.js";

/** A read-out of a mock meter over a modelled optical line. */
async function reading(line: Partial<MemoryLinkOptions> = {}, options: Parameters<typeof readOut>[1] = {}) {
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, 10, 10, 12) });
  const meter = new MockMeter({ clock, household: { days: 2 } });
  const endpoint = await meter.endpoint({ signOn: { mode: "mode-e" }, line: line7e1(300), ...line });
  return clock.run(readOut(endpoint, options)).finally(() => meter.close());
}

describe("data read-out of mode C", () => {
  it("reads identification and data sets", async () => {
    const { identification, dataSets, text } = await reading();
    expect(identification).toMatchObject({ manufacturer: "DLM", identification: "\\2MOCK" });
    expect(dataSets.map(({ reference }) => reference)).toEqual(["F.F", "1.8.0", "2.8.0"]);
    expect(dataSets[1]?.values[0]).toEqual({ value: expect.stringMatching(/^\d{6}\.\d{3}$/), unit: "kWh" });
    expect(text).toContain("!\r\n");
  });
  it("asks again for a block that came spoilt", async () => {
    const clean = await reading();
    // The identification has 14 octets; the 30th from the meter lies in the block.
    const spoilt = await reading({ faults: [{ direction: "to-near", at: 30, kind: "flip", mask: 2 }] });
    expect(spoilt.dataSets).toEqual(clean.dataSets);
  });
  it("ends in a time-out that says what to do when nobody answers", async () => {
    await expect(reading({ lossRate: 1 }, { retries: 1 })).rejects.toMatchObject({
      code: "timeout",
      advice: expect.stringContaining("probe"),
    });
  });
  it("can be cancelled, and is bounded in time", async () => {
    const abort = new AbortController();
    abort.abort();
    await expect(reading({}, { signal: abort.signal })).rejects.toMatchObject({ code: "aborted" });
    await expect(reading({}, { timeoutMs: 1000 })).rejects.toMatchObject({
      code: "timeout",
      details: { phase: "read-out" },
    });
  });
});
