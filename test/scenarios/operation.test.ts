import { describe, expect, it } from "vitest";
import { Obis } from "../../src/cosem/index.js";
import { bitText, CosemDateTime } from "../../src/data/index.js";
import { imageTransferObject, logicalName, mockClientSaps } from "../../src/mock/index.js";
import { line8n1, type MemoryLinkOptions } from "../../src/transport/index.js";
import { bench, clients } from "../client/mock.js";

const links = {
  wrapper: { link: "wrapper" },
  "HDLC at 9,600 baud": { link: "hdlc", line: line8n1(9600) },
  "HDLC with an echo": { link: "hdlc", line: line8n1(9600), echo: "near" },
  "mode E": { link: "hdlc", line: line8n1(300), signOn: { mode: "mode-e" } },
} as const satisfies Record<string, MemoryLinkOptions>;

for (const [name, link] of Object.entries(links))
  describe(`a technician over ${name}`, () => {
    it("sees what the association shows and reads each object of it", async () => {
      const { clock, mock, connect } = await bench(link);
      const meter = await clock.run(connect(clients.management));
      const objects = await clock.run(meter.objects());
      const visible = mock.device.visibleTo(mockClientSaps.management);
      expect([...objects].map(({ obis }) => obis.toString())).toEqual(
        visible.map(({ logicalName: octets }) => Obis.fromOctets(octets).toString()),
      );
      const registers = [...objects].filter(({ classId }) => classId === 3);
      const values = await clock.run(meter.readAll(registers.map(({ obis }) => meter.register(obis.toString()).value)));
      expect(values).toHaveLength(registers.length);
      for (const value of values) expect(value).toMatchObject({ ok: true });
      await clock.run(meter.close());
    });

    it("sets the clock", async () => {
      const { clock, mock, connect } = await bench(link);
      const meter = await clock.run(connect(clients.management));
      const handle = meter.clock("0-0:1.0.0*255");
      const at = Date.UTC(2026, 6, 1, 10, 30);
      await clock.run(handle.time.set(CosemDateTime.fromDate(at, { utcOffsetMinutes: 120 })));
      const drift = mock.clock.now() - at;
      expect(drift).toBeGreaterThanOrEqual(0);
      expect(drift).toBeLessThan(3000);
      expect((await clock.run(handle.time.get())).epochMs()).toBeGreaterThanOrEqual(at);
      await clock.run(handle.shiftTime(-900));
      expect(mock.clock.now()).toBeLessThan(at);
      await clock.run(meter.close());
    });

    it("disconnects and reconnects the supply", async () => {
      const { clock, connect } = await bench(link);
      const meter = await clock.run(connect(clients.management));
      const supply = meter.disconnectControl("0-0:96.3.10*255");
      await clock.run(supply.remoteDisconnect());
      expect(await clock.run(supply.outputState.get())).toBe(false);
      expect(await clock.run(supply.controlState.get())).toBe("disconnected");
      await clock.run(supply.remoteReconnect());
      expect(await clock.run(supply.outputState.get())).toBe(true);
      await clock.run(meter.close());
    });

    it("transfers an image, finds the block that is missing, verifies and activates", async () => {
      const image = Uint8Array.from({ length: 900 }, (_, i) => (i * 37) & 0xff);
      const activated: Uint8Array[] = [];
      const object = imageTransferObject({
        logicalName: logicalName("0.0.44.0.0.255"),
        blockSize: 200,
        activated: (_, octets) => void activated.push(octets),
      });
      const { clock, connect } = await bench(link, { objects: [object] });
      const meter = await clock.run(connect(clients.management));
      const transfer = meter.imageTransfer("0-0:44.0.0*255");
      const block = (imageBlockNumber: number) => {
        const imageBlockValue = image.slice(imageBlockNumber * 200, (imageBlockNumber + 1) * 200);
        return clock.run(transfer.imageBlockTransfer({ imageBlockNumber, imageBlockValue }));
      };
      const imageIdentifier = Uint8Array.of(1, 2, 3);
      await clock.run(transfer.imageTransferInitiate({ imageIdentifier, imageSize: image.length }));
      for (const number of [0, 1, 3, 4]) await block(number);
      await expect(clock.run(transfer.imageVerify())).rejects.toMatchObject({ code: "access-refused" });
      expect(await clock.run(transfer.imageFirstNotTransferredBlockNumber.get())).toBe(2);
      expect(bitText(await clock.run(transfer.imageTransferredBlocksStatus.get()))).toBe("11011");
      await block(2);
      await clock.run(transfer.imageVerify());
      const [info] = await clock.run(transfer.imageToActivateInfo.get());
      expect(info).toMatchObject({ imageToActivateSize: 900, imageToActivateIdentification: imageIdentifier });
      await clock.run(transfer.imageActivate());
      expect(await clock.run(transfer.imageTransferStatus.get())).toBe("activation-successful");
      expect(activated).toEqual([image]);
      await clock.run(meter.close());
    });
  });
