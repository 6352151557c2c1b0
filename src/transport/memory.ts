import { systemClock } from "./clock.js";
import { JoinedEnd } from "./joined-end.js";
import type { Clock, LineSettings, Transport } from "./transport.js";

/** What a pair of joined transports is made with. */
export interface MemoryPairOptions {
  /** The clock both ends report; the system's own when left out. */
  readonly clock?: Clock;
  /** Each write arrives as one `data`, as on UDP. */
  readonly datagrams?: boolean;
  readonly names?: readonly [string, string];
  /** Makes both ends serial lines that know their settings; nothing is slowed down: that is `lineModel`. */
  readonly line?: LineSettings;
}

/** Two transports joined in memory, without delay: what one writes, the other receives. */
export function memoryPair(options: MemoryPairOptions = {}): [Transport, Transport] {
  const [nearName, farName] = options.names ?? ["memory near", "memory far"];
  const common = {
    clock: options.clock ?? systemClock,
    datagrams: options.datagrams ?? false,
    line: options.line,
    pausable: options.line === undefined && options.datagrams !== true,
  };
  const near = new MemoryEnd({ ...common, name: nearName });
  const far = new MemoryEnd({ ...common, name: farName });
  near.join(far);
  far.join(near);
  return [near, far];
}

class MemoryEnd extends JoinedEnd {
  #other: MemoryEnd | undefined;

  join(other: MemoryEnd): void {
    this.#other = other;
  }

  protected async carry(bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice();
    await Promise.resolve();
    this.#other?.arrive(copy);
  }

  protected async hangUp(): Promise<void> {
    await Promise.resolve();
    this.#other?.finish();
  }
}
