import { DlmsError } from "../../src/base/index.js";
import { connect, type Meter, type ProfileCheckpoint, type ProfileRow } from "../../src/client/index.js";
import { Quantity } from "../../src/cosem/index.js";
import { MockMeter, type MockMeterOptions, mockCredentials } from "../../src/mock/index.js";
import { memoryCounterStore } from "../../src/security/index.js";
import {
  type FaultOptions,
  type LineFault,
  type LineStatistics,
  line8n1,
  VirtualClock,
} from "../../src/transport/index.js";
import { ownTitle } from "../client/mock.js";

/** When the sessions take place: noon of a winter day. */
const wallTime = Date.UTC(2026, 0, 15, 12);
const hour = 3_600_000;

/** The day that is read. */
export const day = { from: new Date(Date.UTC(2026, 0, 14)), to: new Date(Date.UTC(2026, 0, 15)) };

const meterOptions = {
  household: { days: 4, outages: [{ from: wallTime - 30 * hour, to: wallTime - 28 * hour }] },
  maxPduSize: 600,
} satisfies MockMeterOptions;

/** What a session read before it ended, and how it ended. */
export interface Outcome {
  readonly rows: readonly string[];
  /** Undefined while it was not read. */
  readonly energy?: bigint | number | undefined;
  readonly name?: string | undefined;
  /** Undefined when everything was read. */
  readonly error: unknown;
  readonly checkpoint: ProfileCheckpoint | undefined;
}

/** A row as text: everything it says. */
export function rowText(row: ProfileRow): string {
  const values = Object.entries(row.values).map(([name, value]) => {
    const shown = value instanceof Quantity ? `${value.raw}e${value.scaler} ${value.unit}` : String(value);
    return `${name}=${shown}`;
  });
  return [row.time?.toISOString(), row.timestamp?.toString(), ...values].join("|");
}

/** One meter on a virtual clock, and what happens to the octets of its lines: faults to those of the first one. */
export function scene(faults: readonly LineFault[] = [], noise: Omit<FaultOptions, "faults"> = {}) {
  const clock = new VirtualClock({ wallTime });
  const mock = new MockMeter({ clock, ...meterOptions });
  const signOn = { mode: "mode-e", maxBaudRate: 9600 } as const;
  const link = mock.memory({ ...noise, line: line8n1(300), signOn, faults });
  const counters = memoryCounterStore();

  /** Sign-on, counter, GMAC, registers, profile; nothing is thrown. */
  async function read(resume?: ProfileCheckpoint): Promise<Outcome> {
    const { encryptionKey, authenticationKey } = mockCredentials;
    const rows: string[] = [];
    const got: { energy?: bigint | number; name?: string; checkpoint?: ProfileCheckpoint } = {};
    let meter: Meter | undefined;
    let error: unknown;
    try {
      meter = await connect((await link).endpoint, {
        client: 1,
        authentication: { mechanism: "hls-gmac" },
        security: { encryptionKey, authenticationKey, systemTitle: ownTitle, counters },
        hdlc: { maxInfoReceive: 128, maxInfoTransmit: 128 },
      });
      const name = await meter.data("0-0:96.1.0*255").value.get();
      if (name.type === "octet-string") got.name = String.fromCharCode(...name.value);
      got.energy = Number((await meter.register("1-0:1.8.0*255").value.get()).raw);
      const read = meter.profile("1-0:99.1.0*255").rows({ ...day, ...(resume && { resume }) });
      try {
        for await (const row of read) rows.push(rowText(row));
      } finally {
        got.checkpoint = read.checkpoint;
      }
    } catch (cause) {
      error = cause;
    }
    await meter?.close();
    return { rows, error, checkpoint: undefined, ...got };
  }

  return {
    clock,
    mock,
    read,
    line: async (): Promise<LineStatistics | undefined> => (await link).lines[0]?.statistics,
  };
}

/** Longest that a session may take on the meter's line, in virtual milliseconds: nothing waits for ever. */
export const longest = 15 * 60_000;

/** Carries out `session` on its clock; a session that does not end in time is a hang. */
export async function within<T>(clock: VirtualClock, session: Promise<T>): Promise<T> {
  let timer: unknown;
  const limit = new Promise<never>((_, fail) => {
    timer = clock.setTimer(() => fail(new Error(`hangs: not over after ${longest} ms of line time`)), longest);
  });
  try {
    return await clock.run(Promise.race([session, limit]));
  } finally {
    clock.clearTimer(timer);
  }
}

/**
 * Why an outcome is wrong; undefined when it is right: everything as it should be, or a clear error and until then
 * nothing that is not true.
 */
export function wrongIn({ rows, energy, name, error }: Outcome, right: Outcome): string | undefined {
  if (rows.some((row, index) => row !== right.rows[index]))
    return `row ${rows.findIndex((row, index) => row !== right.rows[index])} is wrong`;
  if (name !== undefined && name !== right.name) return `name ${name}`;
  if (energy !== undefined && (Number(energy) < Number(right.energy) || Number(energy) > Number(right.energy) + 600))
    return `energy ${energy} where ${right.energy} was right`;
  if (error === undefined) return rows.length === right.rows.length ? undefined : `${rows.length} rows and no error`;
  if (!DlmsError.is(error)) return `${String(error)} is no DlmsError`;
  if (error.code === "invalid-argument" || error.code === "wrong-state") return `${error.code}: ${error.message}`;
  return error.message.length > 10 ? undefined : "no message";
}
