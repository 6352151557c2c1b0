import type { Transport } from "../../transport/index.js";
import type { Connection } from "./connection.js";
import type { ConnectedMeter } from "./events.js";
import type { DialInLimits } from "./options.js";

/** The connections of a dial-in server, and which of them is a meter's current one. */
export class Roster {
  readonly #limits: DialInLimits;
  readonly #connections = new Set<Connection>();
  readonly #byBranch = new Map<Transport, Connection>();
  readonly #current = new Map<string, Connection>();

  constructor(limits: DialInLimits) {
    this.#limits = limits;
  }

  get all(): readonly Connection[] {
    return [...this.#connections];
  }

  get unidentified(): number {
    return this.all.filter(({ entry }) => entry === undefined).length;
  }

  get meters(): readonly ConnectedMeter[] {
    return [...this.#current].map(([name, { address, by = "push", proven, busy, since }]) => ({
      name,
      address,
      by,
      proven,
      busy,
      since,
    }));
  }

  add(connection: Connection): void {
    this.#connections.add(connection);
    this.#byBranch.set(connection.line.pushes, connection);
  }

  /** The connection whose pushes come over that transport. */
  ofPushes(branch: Transport): Connection | undefined {
    return this.#byBranch.get(branch);
  }

  current(name: string): Connection | undefined {
    return this.#current.get(name);
  }

  /** Makes it the meter's current one; gives the one before. */
  enthrone(name: string, connection: Connection): Connection | undefined {
    const before = this.#current.get(name);
    this.#current.set(name, connection);
    return before === connection ? undefined : before;
  }

  remove(connection: Connection): void {
    this.#connections.delete(connection);
    this.#byBranch.delete(connection.line.pushes);
    const name = connection.entry?.name;
    if (name !== undefined && this.#current.get(name) === connection) this.#current.delete(name);
  }

  /** Why nobody more may come from `address`; undefined while there is room. */
  full(address: string): string | undefined {
    const { maxUnidentified, maxUnidentifiedPerAddress } = this.#limits;
    const unidentified = this.all.filter(({ entry }) => entry === undefined);
    if (unidentified.length >= maxUnidentified) return `${maxUnidentified} connections that nobody knows are open`;
    const host = hostOf(address);
    const ofHost = unidentified.filter((connection) => hostOf(connection.address) === host).length;
    if (ofHost < maxUnidentifiedPerAddress) return undefined;
    return `${maxUnidentifiedPerAddress} connections of ${host} that nobody knows are open`;
  }
}

/** The host of an address; its port differs from connection to connection. */
function hostOf(address: string): string {
  return address.replace(/:\d+$/, "");
}
