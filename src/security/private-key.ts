import { dlmsError } from "../base/index.js";
import type { CryptoProvider, Curve } from "../crypto/contract.js";
import { SecretKey } from "./secret-key.js";
import { ellipticCurvesOf } from "./suites.js";

/**
 * A private key that stays where it is: in an HSM, a KMS, a smart card. It may take its time to answer. Accepted
 * wherever a private key is.
 */
export interface PrivateKeySource {
  /** ECDSA over the digest that belongs to the curve (SHA-256 with P-256, SHA-384 with P-384) of `message`: r || s. */
  sign(curve: Curve, message: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** ECC CDH: the x coordinate of the point shared with `publicKey` (x || y). */
  agree(curve: Curve, publicKey: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** A private key: its scalar, or whoever keeps it. */
export type PrivateKey = SecretKey | Uint8Array | PrivateKeySource;

type Outcome = Uint8Array | boolean;

/** Something that a machine cannot do by itself: its owner performs it and brings back what came of it. */
export interface KeyOperation {
  readonly kind: "sign" | "agree" | "prove" | "verify";
  perform(): Outcome | PromiseLike<Outcome>;
}

/** A computation that stops for each operation done elsewhere, and goes on with its outcome. */
export type KeyTask<T> = Generator<KeyOperation, T, Outcome>;

const signatureLength = { "P-256": 64, "P-384": 96 } as const;
const sharedLength = { "P-256": 32, "P-384": 48 } as const;

/** True for a key that is kept elsewhere. */
export const isKeySource = (key: PrivateKey): key is PrivateKeySource =>
  !(key instanceof SecretKey) && !(key instanceof Uint8Array);

/** r || s over `message`. @throws SecurityError `private-key-failed`. */
export function* signed(
  crypto: CryptoProvider,
  curve: Curve,
  key: PrivateKey,
  message: Uint8Array,
): KeyTask<Uint8Array> {
  if (!isKeySource(key))
    return SecretKey.from(key).use((octets) => ellipticCurvesOf(crypto).sign(curve, octets, message));
  const outcome = yield { kind: "sign", perform: () => key.sign(curve, message) };
  return octetsOf(outcome, signatureLength[curve], "signature");
}

/** The shared secret Z of ECC CDH. @throws SecurityError `private-key-failed`, `invalid-public-key`. */
export function* shared(
  crypto: CryptoProvider,
  curve: Curve,
  key: PrivateKey,
  publicKey: Uint8Array,
): KeyTask<SecretKey> {
  const z = isKeySource(key)
    ? octetsOf(
        yield { kind: "agree", perform: () => key.agree(curve, publicKey) },
        sharedLength[curve],
        "shared secret",
      )
    : SecretKey.from(key).use((octets) => ellipticCurvesOf(crypto).agree(curve, octets, publicKey));
  const secret = new SecretKey(z);
  z.fill(0);
  return secret;
}

/** Octets that came from elsewhere. @throws SecurityError `private-key-failed` unless they are `length` octets. */
export function octetsOf(outcome: Outcome, length: number | undefined, what: string): Uint8Array {
  if (outcome instanceof Uint8Array && (length === undefined || outcome.length === length)) return outcome.slice();
  const got = outcome instanceof Uint8Array ? `${outcome.length} octets` : typeof outcome;
  throw keyFailure(`the keeper of the private key gave no ${what} but ${got}`);
}

/** Runs a task whose keys are at hand. @throws SecurityError `private-key-failed` when one answers later. */
export function runNow<T>(task: KeyTask<T>): T {
  let step = task.next();
  while (!step.done) {
    const outcome = step.value.perform();
    if (outcome instanceof Uint8Array || typeof outcome === "boolean") step = task.next(outcome);
    else {
      outcome.then(undefined, () => undefined);
      throw keyFailure("the private key answers later, where an answer is needed at once");
    }
  }
  return step.value;
}

/** The error of an operation that did not succeed; what the keeper said goes along as its cause. */
export function keyFailure(message: string, cause?: unknown) {
  return dlmsError("private-key-failed", message, { layer: "security", ...(cause === undefined ? {} : { cause }) });
}
