import { defaultProvider } from "#crypto";
import { dlmsError } from "../../base/index.js";
import { Obis } from "../../cosem/index.js";
import type { CryptoProvider } from "../../crypto/index.js";
import type { Verify } from "../../security/index.js";
import { type ConfirmOptions, confirmationProtector } from "./confirming.js";
import type { PushEvent, PushObjectName, PushProtocol } from "./events.js";
import { DeliveryLedger } from "./ledger.js";
import { KeyRing, type KeySource } from "./opening.js";
import { PushReader, type PushSender } from "./push-reader.js";
import { PushReceiver, type PushSource, type ReceiverSettings, type Way } from "./receiver.js";

/** How pushes are received. */
export interface ListenOptions {
  /** Default: the wrapper for listeners, the endpoint's link for an endpoint. */
  readonly protocol?: PushProtocol;
  /** For ciphered pushes: all that may apply, by system title, or looked up by it. */
  readonly keys?: KeySource;
  /**
   * `required`: only pushes with a tag that holds. `if-key`: tags are checked where the authentication key is known,
   * and pushes in clear are taken. `off`: no tag is checked. Default `required` with keys, `off` without.
   */
  readonly verify?: Verify;
  /** Names of the values of pushes that do not name them, as push_object_list of the meter has them. */
  readonly objects?: readonly PushObjectName[] | ((push: PushSender) => readonly PushObjectName[] | undefined);
  /** Events held for a consumer that is behind, 1 or more. Default 100. */
  readonly queueLimit?: number;
  /**
   * Octets of each line held when the queue is full. A sender on TCP is held up from half of them on; what comes on
   * top over UDP or a serial line is lost, counted and told. Default 1 MiB.
   */
  readonly pendingLimit?: number;
  /** How long a push that wants to be confirmed is remembered, to know it when its meter repeats it. Default 1 h. */
  readonly duplicateWindowMs?: number;
  /** Silence after which a connection of a meter is closed; 0 for never. Default 1 h. */
  readonly idleTimeoutMs?: number;
  /**
   * Confirms ciphered pushes, ciphered with the key of the push. Without it, and without `protect`, they are not
   * confirmed.
   */
  readonly confirm?: ConfirmOptions;
  /** Protects the confirmation of a ciphered push in another way than `confirm` does. */
  readonly protect?: (apdu: Uint8Array, push: PushEvent) => Uint8Array | Promise<Uint8Array>;
  /** Default: Node's crypto, or the portable provider. */
  readonly crypto?: CryptoProvider;
}

/**
 * Receives what meters push: DataNotification, EventNotification and InformationReport in wrapper packets, HDLC UI and
 * I frames or M-Bus long frames, and P1 telegrams, in clear or ciphered. Bad input never ends it: an event of the type
 * `rejected` tells of it.
 * @throws UsageError `invalid-argument`, `invalid-key`, `invalid-obis`.
 */
export function listen(source: PushSource, options: ListenOptions = {}): PushReceiver {
  return new PushReceiver(source, receiverSettings(options));
}

const hourMs = 3_600_000;

/** The options checked, with every default in its place. */
export function receiverSettings(options: ListenOptions): ReceiverSettings {
  const { keys = [], queueLimit = 100, pendingLimit = 1 << 20, crypto = defaultProvider, objects, confirm } = options;
  const { duplicateWindowMs = hourMs, idleTimeoutMs = hourMs } = options;
  for (const [name, value] of Object.entries({ queueLimit, pendingLimit }))
    if (!Number.isInteger(value) || value < 1)
      throw dlmsError("invalid-argument", `${name} is ${value}, not a whole number from 1`, { layer: "client" });
  for (const [name, value] of Object.entries({ duplicateWindowMs, idleTimeoutMs }))
    if (!(value >= 0)) throw dlmsError("invalid-argument", `${name} is ${value}, not a time`, { layer: "client" });
  const verify = options.verify ?? (options.keys === undefined ? "off" : "required");
  // One for all lines: counters are held against all that a meter sent, whatever the line.
  const apdus = new KeyRing(crypto, keys, verify, false);
  const anything = new KeyRing(crypto, keys, verify, true);
  const names = typeof objects === "function" ? objects : checkedNames(objects);
  const ledger = new DeliveryLedger<Way>(crypto, duplicateWindowMs);
  const { protect } = options;
  return {
    protocol: options.protocol,
    queueLimit,
    pendingLimit,
    idleTimeoutMs: idleTimeoutMs === 0 ? undefined : idleTimeoutMs,
    ledger,
    protect:
      protect === undefined
        ? confirm && confirmationProtector(crypto, keys, confirm)
        : async (apdu, push) => protect(apdu, push),
    reader: (protocol) =>
      new PushReader({ keys: protocol === "p1" ? anything : apdus, verify, objects: names, memory: ledger }),
  };
}

function checkedNames(objects: readonly PushObjectName[] | undefined) {
  if (objects === undefined) return undefined;
  const names = objects.map((name) => ({
    ...name,
    obis: typeof name.obis === "string" ? Obis.parse(name.obis) : name.obis,
  }));
  return () => names;
}
