import { expect, it } from "vitest";
import { CosemDateTime, connect } from "../../src/index.js";
import { MockMeter, VirtualClock } from "../../src/mock/index.js";
import { clients } from "./mock.js";

it.each([
  ["winter", 0],
  ["summer", 6],
] as const)("reads an hour of the meter's local time in %s, its deviation not told", async (_, month) => {
  const clock = new VirtualClock({ wallTime: Date.UTC(2026, month, 15, 12) });
  const mock = new MockMeter({ clock, household: { days: 3 } });
  const meter = await clock.run(connect(await mock.endpoint({ link: "wrapper" }), clients.reader));
  const local = (hour: number) => CosemDateTime.fromDate(Date.UTC(2026, month, 14, hour), { withoutDeviation: true });
  const read = async () => {
    const times: string[] = [];
    for await (const row of meter.profile("1-0:99.1.0").rows({ from: local(0), to: local(1) }))
      times.push(String(row.timestamp).slice(11, 16));
    return times;
  };
  expect(await clock.run(read())).toEqual(["00:00", "00:15", "00:30", "00:45", "01:00"]);
  await clock.run(meter.close());
});
