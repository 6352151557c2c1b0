import type { DataResult, GetItem } from "../association/index.js";
import { DlmsError, dlmsError } from "../base/index.js";
import { numberOf, Obis } from "../cosem/index.js";
import { decodeData } from "../data/index.js";
import { recoverCounter } from "../security/index.js";
import type { CounterRecoveryOptions } from "./options.js";

/** Reads one attribute as the public client. */
export type PublicRead = (item: GetItem) => Promise<DataResult>;

/** Invocation counter objects by security setup; the first is that of the first setup. */
const counterObjects = ["0-0:43.1.0*255", "0-0:43.1.1*255", "0-0:43.1.2*255"] as const;
const dataClass = 1;
const valueAttribute = 2;

/**
 * The counter to go on with: one above the last that the meter says it took, never below what is stored.
 * @throws SecurityError `counter-unknown` when no object tells, `counter-jump` without consent to a leap.
 */
export async function counterFromMeter(
  read: PublicRead,
  stored: number | undefined,
  options: CounterRecoveryOptions,
): Promise<{ readonly next: number; readonly counter: number; readonly object: string }> {
  const objects = options.objects ?? counterObjects;
  const { object, counter } = await firstThatTells(read, objects);
  const next = recoverCounter({
    stored,
    meter: counter,
    ...(options.jumpLimit !== undefined && { jumpLimit: options.jumpLimit }),
    ...(options.allowJump !== undefined && { jumpAllowed: options.allowJump }),
  });
  return { next, counter, object };
}

/** The error when the meter's counter cannot be had. */
export function counterUnknown(message: string, cause?: unknown): DlmsError {
  return dlmsError("counter-unknown", message, { layer: "client", ...(cause !== undefined && { cause }) });
}

async function firstThatTells(
  read: PublicRead,
  objects: readonly string[],
): Promise<{ readonly object: string; readonly counter: number }> {
  let cause: unknown;
  for (const object of objects) {
    const instanceId = Obis.parse(object).octets;
    const result = await read({ attribute: { classId: dataClass, instanceId, attributeId: valueAttribute } });
    if (!result.ok) continue;
    try {
      const counter = numberOf(decodeData(result.data));
      if (typeof counter === "number" && Number.isInteger(counter)) return { object, counter };
    } catch (error) {
      if (!DlmsError.is(error)) throw error;
      cause = error;
    }
  }
  throw counterUnknown(`the meter does not tell its invocation counter at ${objects.join(", ")}`, cause);
}
