import { DlmsError, dlmsError } from "../../base/index.js";
import { type PendingSecrets, type SecretKey, type SecretName, settled } from "../../security/index.js";
import type { Session } from "../session.js";

/** What is changed, or is to be agreed on. */
export type Change = Omit<PendingSecrets, "since" | "refused">;

/**
 * Carries out a change of secrets such that none is lost: what the meter may take is stored before it is sent, and
 * what it is known to have afterwards. `send` resolves once the meter took it, with the values of agreed keys.
 *
 * When the meter refused, or nothing was sent, everything is as it was before. When nobody knows, the change stays
 * pending and `key-change-unknown` is thrown.
 * @throws SecurityError `key-store-failed`, `key-store-changed` before anything is sent.
 */
export async function journaled(
  session: Session,
  change: Change,
  send: () => Promise<Change["secrets"]>,
): Promise<Change["secrets"]> {
  const before = session.secrets.stored?.secrets.pending;
  const pending = { ...change, since: before?.since ?? new Date(session.clock.wallTime()).toISOString() };
  await save(session, pending);
  const sentBefore = session.statistics.apdusSent;
  try {
    const secrets = await send();
    await save(session, { ...pending, secrets }, true);
    return secrets;
  } catch (error) {
    if (!DlmsError.is(error) || error.code === "key-store-failed" || error.code === "key-store-changed") throw error;
    if (session.statistics.apdusSent > sentBefore && !isRefused(error)) throw unknownOutcome(error);
    // Refused the second time, it may have been taken the first.
    if (before === undefined) await save(session, pending, false);
    throw error;
  }
}

/** Writes the entry with the change pending, or once it is known whether the meter took it. */
async function save(session: Session, pending: PendingSecrets, taken?: boolean): Promise<void> {
  const { stored } = session.secrets;
  if (stored === undefined) return;
  const entry = { ...stored.secrets, pending };
  stored.secrets = await stored.store.save(stored.meter, taken === undefined ? entry : settled(entry, taken));
}

/** The meter said no, in an answer that is proven to be its own. */
export function isRefused(error: DlmsError): boolean {
  return error.code === "access-refused" || (error.code === "request-refused" && !error.outcomeUnknown);
}

/**
 * Holds a change against one that is pending: only the very same may be sent again, and what was being agreed on may be
 * agreed on anew.
 * @throws SecurityError `key-change-unknown`.
 */
export function checkPending(session: Session, { secrets, agreed }: Change): void {
  const pending = session.secrets.stored?.secrets.pending;
  if (pending === undefined) return;
  const names = Object.keys(pending.secrets) as SecretName[];
  const isSame =
    names.length === Object.keys(secrets).length &&
    names.every((name) => isEqual(pending.secrets[name], secrets[name]));
  if (isSame && (pending.agreed ?? []).every((name) => agreed?.includes(name) === true)) return;
  throw dlmsError("key-change-unknown", `it is not known whether the meter took the change of ${pending.since}`, {
    layer: "client",
    outcomeUnknown: true,
  });
}

/** True for the same octets in both. */
export function isEqual(one: SecretKey | undefined, other: SecretKey | undefined): boolean {
  if (one === undefined || other === undefined || one.length !== other.length) return false;
  return one.use((a) =>
    other.use((b) => a.reduce((differing, octet, i) => differing | (octet ^ (b[i] ?? 0)), 0) === 0),
  );
}

function unknownOutcome(cause: DlmsError): DlmsError {
  return dlmsError("key-change-unknown", `the meter may or may not have taken the new secrets: ${cause.message}`, {
    layer: "client",
    cause,
    outcomeUnknown: true,
  });
}
