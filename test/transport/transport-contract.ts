import { describe, expect, it } from "vitest";
import { DlmsError } from "../../src/base/index.js";
import type { Transport } from "../../src/transport/index.js";
import { Collector } from "./collector.js";

/** Two transports that lead to each other, and how they are put away. */
export interface JoinedTransports {
  readonly near: Transport;
  /** The accepted side; on a connecting transport it exists once `near` is open and, with datagrams, has spoken. */
  far(): Promise<Transport>;
  end(): Promise<void>;
}

export interface ContractOptions {
  /** False where an end does not hear that the other closed. */
  readonly hangUp?: boolean;
  /** Lets a virtual clock run while a promise is awaited. */
  readonly run?: <T>(promise: Promise<T>) => Promise<T>;
  /** Most octets that are written at once. */
  readonly largest?: number;
}

const allOctets = Uint8Array.from({ length: 256 }, (_, i) => i);

/** What every transport keeps, whatever it runs over. */
export function transportContract(
  name: string,
  make: () => Promise<JoinedTransports>,
  options: ContractOptions = {},
): void {
  const { hangUp = true, run = (promise) => promise, largest = 200_000 } = options;

  async function open() {
    const joined = await make();
    const near = new Collector();
    const far = new Collector();
    await run(joined.near.open(near));
    if (joined.near.datagrams) await run(joined.near.write(Uint8Array.of(0xee)));
    const other = await run(joined.far());
    await run(other.open(far));
    if (joined.near.datagrams) await run(far.until(() => far.pieces.splice(0).length === 1));
    return { ...joined, other, near, far, nearEnd: joined.near };
  }

  describe(`transport contract: ${name}`, () => {
    it("carries every octet value both ways, in order", async () => {
      const { nearEnd, other, near, far, end } = await open();
      await run(nearEnd.write(allOctets));
      await run(far.until(() => far.length >= 256));
      await run(other.write(allOctets));
      await run(near.until(() => near.length >= 256));
      expect(far.bytes).toEqual([...allOctets]);
      expect(near.bytes).toEqual([...allOctets]);
      await end();
    });

    it("carries much data in order, and write may be called anew before it resolved", async () => {
      const { nearEnd, far, end } = await open();
      const size = nearEnd.datagrams ? 1_000 : 997;
      const count = nearEnd.datagrams ? 20 : Math.ceil(largest / size);
      const writes: Promise<void>[] = [];
      for (let i = 0; i < count; i++) writes.push(nearEnd.write(new Uint8Array(size).fill(i & 0xff)));
      await run(Promise.all(writes));
      await run(far.until(() => far.length >= size * count));
      const expected = Array.from({ length: count }, (_, i) => new Array<number>(size).fill(i & 0xff)).flat();
      expect(far.bytes).toEqual(expected);
      if (nearEnd.datagrams) expect(far.pieces).toHaveLength(count);
      await end();
    });

    if (hangUp)
      it("tells the other end of a close, once and without an error, and then refuses to write", async () => {
        const { nearEnd, other, near, far, end } = await open();
        await run(nearEnd.write(Uint8Array.of(1, 2, 3)));
        await run(nearEnd.close());
        await run(far.until(() => far.closings.length > 0));
        expect(far.bytes).toEqual([1, 2, 3]);
        expect(far.closings).toEqual([undefined]);
        await expect(run(other.write(Uint8Array.of(1)))).rejects.toMatchObject({ code: "connection-lost" });
        expect(near.closings).toEqual([]);
        await end();
        expect(far.closings).toHaveLength(1);
      });

    it("does not tell its own close, closes twice, and fails to write afterwards", async () => {
      const { nearEnd, near, end } = await open();
      await run(nearEnd.close());
      await run(nearEnd.close());
      const error = await run(nearEnd.write(Uint8Array.of(1))).catch((thrown: unknown) => thrown);
      expect(DlmsError.is(error) && error.code).toBe("connection-lost");
      expect(near.closings).toEqual([]);
      await end();
    });

    it("opens once only", async () => {
      const { nearEnd, other, end } = await open();
      await expect(run(nearEnd.open(new Collector()))).rejects.toMatchObject({ code: "wrong-state" });
      await expect(run(other.open(new Collector()))).rejects.toMatchObject({ code: "wrong-state" });
      await end();
    });

    it("does not open once the signal is aborted", async () => {
      const joined = await make();
      const signal = AbortSignal.abort("no more");
      const aborted = { code: "aborted", cause: "no more" };
      await expect(run(joined.near.open(new Collector(), signal))).rejects.toMatchObject(aborted);
      await joined.end();
    });

    it("changes its line where it is one, and does not pretend where it is none", async () => {
      const { nearEnd, end } = await open();
      expect(nearEnd.line === undefined).toBe(nearEnd.setLine === undefined);
      if (nearEnd.setLine !== undefined) {
        await run(nearEnd.setLine({ baudRate: 2400, dataBits: 7, parity: "even", stopBits: 1 }));
        expect(nearEnd.line).toMatchObject({ baudRate: 2400, parity: "even" });
      }
      await end();
    });
  });
}
