import { Obis, type ObisLike } from "../../cosem/index.js";
import type { CryptoProvider } from "../../crypto/index.js";
import type { Data } from "../../data/index.js";
import type { Clock, Endpoint, Transport } from "../../transport/index.js";
import type { LogicalDevice } from "../device.js";
import type { RequestContext } from "../object.js";
import { isPushSetup, type PushDestination, readPushSetup } from "./push-setup.js";
import { Pusher, type PusherHost, type PusherOptions } from "./pusher.js";

/** Where a Push setup sends, and how. */
export type PushRoute = (
  destination: PushDestination,
) => (PusherOptions & { readonly line: Endpoint | Transport }) | undefined;

/** What the pushing part of a meter needs of the rest. */
export interface PushServiceHost {
  readonly device: LogicalDevice;
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
  readonly server: number;
  readonly route: PushRoute | undefined;
  /** The meter's own time, milliseconds UTC. */
  now(): number;
  security(client: number): PusherHost["security"];
  /** Tells a client over the lines that it has. */
  tell(body: Data, client: number): void;
}

/** The part of a meter that pushes: lines of its own, and what its Push setups do when a client says so. */
export class PushService {
  readonly #host: PushServiceHost;
  readonly #pushers = new Set<Pusher>();
  readonly #bySetup = new Map<string, Pusher>();
  #pushes = 0;

  constructor(host: PushServiceHost) {
    this.#host = host;
    for (const candidate of host.device)
      if (isPushSetup(candidate))
        candidate.onPush.run = (context) => this.#pushNow(Obis.fromOctets(candidate.logicalName), context);
  }

  nextInvokeId(): number {
    this.#pushes = (this.#pushes + 1) % 0x1000000;
    return this.#pushes;
  }

  /** @param client address of the client that it is for, unless the options name another. */
  pusher(line: Endpoint | Transport, options: PusherOptions, client: number): Pusher {
    const { device, clock, crypto, server, now, security } = this.#host;
    const to = options.client ?? client;
    const pusher = new Pusher(line, options, {
      clock,
      crypto,
      server,
      client: to,
      security: security(to),
      plan: (setup) =>
        readPushSetup(device.find(Obis.from(setup).octets), {
          clientSap: to,
          protection: "none",
          now: now(),
          device,
        }),
      nextInvokeId: () => this.nextInvokeId(),
    });
    this.#pushers.add(pusher);
    return pusher;
  }

  /** Tells a client what a Push setup lists, over the lines that it has. */
  tellBySetup(setup: ObisLike, client: number): void {
    const { device, now, tell } = this.#host;
    const context = { clientSap: client, protection: "none", now: now(), device } as const;
    tell({ type: "structure", value: readPushSetup(device.find(Obis.from(setup).octets), context).values }, client);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#pushers].map((pusher) => pusher.close()));
  }

  /** A client invoked the method of a Push setup. */
  #pushNow(setup: Obis, context: RequestContext): void {
    const { values, destination, client } = readPushSetup(this.#host.device.find(setup.octets), context);
    const target = this.#host.route?.(destination);
    if (target === undefined) return this.#host.tell({ type: "structure", value: values }, context.clientSap);
    const { line, ...options } = target;
    const pusher = this.#bySetup.get(String(setup)) ?? this.pusher(line, options, client ?? context.clientSap);
    this.#bySetup.set(String(setup), pusher);
    void pusher.push(setup);
  }
}
