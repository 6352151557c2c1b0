import { describe, expect, it } from "vitest";
import { line8n1 } from "../../src/transport/index.js";
import { bench, clients } from "./mock.js";

const links = {
  wrapper: { link: "wrapper" },
  hdlc: { link: "hdlc" },
  "hdlc at 9,600 baud": { link: "hdlc", line: line8n1(9600) },
  "hdlc over a probe that echoes": { link: "hdlc", line: line8n1(9600), echo: "near" },
  "mode E from 300 baud": { link: "hdlc", line: line8n1(300), signOn: { mode: "mode-e" } },
} as const;

describe("connect reads and closes in order", () => {
  for (const [name, link] of Object.entries(links))
    for (const [client, options] of Object.entries(clients))
      it(`${client} over ${name}`, async () => {
        const { clock, connect, trace } = await bench(link);
        const meter = await clock.run(connect(options));
        const name = await clock.run(meter.data("0-0:42.0.0*255").value.get());
        expect(name).toMatchObject({ type: "octet-string" });
        if (client !== "public") {
          const quantity = await clock.run(meter.register("1-0:1.8.0*255").value.get());
          expect(quantity.unit).toBe("Wh");
          expect(quantity.raw).toBeGreaterThan(0);
        }
        await clock.run(meter.close());
        expect(meter.state).toBe("closed");
        expect(trace.filter(({ type }) => type === "state").map((event) => "state" in event && event.state)).toContain(
          "releasing",
        );
        await clock.advance(60_000);
        expect(clock.armed).toBe(0);
      });
});
