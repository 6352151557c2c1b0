import { concatBytes, constantTimeEqual, dlmsError, equalBytes } from "../base/index.js";
import type { CryptoProvider, Curve } from "../crypto/contract.js";
import { takeCounter } from "./context.js";
import type { CounterSource } from "./counter.js";
import { controlOctet, type GcmLayer } from "./gcm-layer.js";
import { type KeyTask, octetsOf, type PrivateKey, runNow, signed } from "./private-key.js";
import { SecretKey } from "./secret-key.js";
import { ellipticCurvesOf } from "./suites.js";

/** What each end knows when it proves itself: pass 3 is the client's proof, pass 4 the meter's (IEC 62056-5-3, HLS). */
export interface HlsExchange {
  readonly ownSystemTitle: Uint8Array;
  readonly peerSystemTitle: Uint8Array;
  /** The challenge we sent: CtoS for a client, StoC for a meter. */
  readonly ownChallenge: Uint8Array;
  /** The challenge we were sent. */
  readonly peerChallenge: Uint8Array;
}

/** Credentials of the mechanisms that are proven by a shared secret. */
export interface HlsSecret {
  readonly mechanism: "hls-md5" | "hls-sha1" | "hls-sha256";
  readonly crypto: CryptoProvider;
  readonly secret: SecretKey | Uint8Array;
}

/** Mechanism 5: the association's unicast and authentication key. The counter is needed to prove only. */
export interface HlsGmac {
  readonly mechanism: "hls-gmac";
  readonly layer: GcmLayer;
  readonly counter: CounterSource;
}

/** Mechanism 7: own private signing key, and the peer's public one. */
export interface HlsEcdsa {
  readonly mechanism: "hls-ecdsa";
  readonly crypto: CryptoProvider;
  readonly curve: Curve;
  readonly privateKey: PrivateKey;
  readonly peerPublicKey: Uint8Array;
}

/** Mechanism 2: a manufacturer's own. Either may take its time. */
export interface HlsManufacturer {
  readonly mechanism: "hls-manufacturer";
  readonly prove: (exchange: HlsExchange) => Uint8Array | Promise<Uint8Array>;
  /** Whether the peer's proof holds. */
  readonly verify: (exchange: HlsExchange, proof: Uint8Array) => boolean | Promise<boolean>;
}

export type HlsCredentials = HlsSecret | HlsGmac | HlsEcdsa | HlsManufacturer;
export type HlsMechanism = HlsCredentials["mechanism"];

const shortestChallenge = 8;
const longestChallenge = 64;
const ecdsaChallenge = 32;
const gmacProofLength = 17;

/** A new challenge: 16 octets, 32 for ECDSA. */
export function createChallenge(mechanism: HlsMechanism, randomBytes: (length: number) => Uint8Array): Uint8Array {
  return randomBytes(mechanism === "hls-ecdsa" ? ecdsaChallenge : 16);
}

/**
 * Looks at a challenge that was received: 8 to 64 octets (32 to 64 for ECDSA), and not our own sent back.
 * @throws SecurityError `hls-challenge-invalid`.
 */
export function checkChallenge(mechanism: HlsMechanism, own: Uint8Array, received: Uint8Array): void {
  const shortest = mechanism === "hls-ecdsa" ? ecdsaChallenge : shortestChallenge;
  if (received.length < shortest || received.length > longestChallenge)
    throw dlmsError(
      "hls-challenge-invalid",
      `a challenge has ${shortest} to ${longestChallenge} octets, not ${received.length}`,
      { layer: "security" },
    );
  if (equalBytes(own, received))
    throw dlmsError("hls-challenge-invalid", "the peer sent our own challenge back", { layer: "security" });
}

/**
 * The answer to the peer's challenge, f(StoC) of a client and f(CtoS) of a meter.
 * @throws SecurityError `hls-challenge-invalid`, and those of the counter.
 */
export function proveHls(exchange: HlsExchange, credentials: HlsCredentials): Uint8Array {
  return runNow(provingHls(exchange, credentials));
}

/** `proveHls` where the key may be kept elsewhere. */
export function* provingHls(exchange: HlsExchange, credentials: HlsCredentials): KeyTask<Uint8Array> {
  checkChallenge(credentials.mechanism, exchange.ownChallenge, exchange.peerChallenge);
  switch (credentials.mechanism) {
    case "hls-md5":
    case "hls-sha1":
    case "hls-sha256":
      return secretDigest(exchange, credentials);
    case "hls-gmac":
      return gmacProof(exchange.ownSystemTitle, takeCounter(credentials.counter), exchange.peerChallenge, credentials);
    case "hls-ecdsa":
      return yield* signed(credentials.crypto, credentials.curve, credentials.privateKey, signedOctets(exchange));
    case "hls-manufacturer":
      return octetsOf(yield { kind: "prove", perform: () => credentials.prove(exchange) }, undefined, "proof");
  }
}

/**
 * Holds the peer's answer against our challenge.
 * @throws SecurityError `hls-authentication-failed`, `hls-challenge-invalid`, `invalid-public-key`.
 */
export function verifyHls(exchange: HlsExchange, proof: Uint8Array, credentials: HlsCredentials): void {
  runNow(verifyingHls(exchange, proof, credentials));
}

/** `verifyHls` where a manufacturer's own check may take its time. */
export function* verifyingHls(exchange: HlsExchange, proof: Uint8Array, credentials: HlsCredentials): KeyTask<void> {
  checkChallenge(credentials.mechanism, exchange.ownChallenge, exchange.peerChallenge);
  const held =
    credentials.mechanism === "hls-manufacturer"
      ? (yield { kind: "verify", perform: () => credentials.verify(exchange, proof) }) === true
      : holds(exchange, proof, credentials);
  if (!held)
    throw dlmsError("hls-authentication-failed", `the peer's ${credentials.mechanism} proof does not hold`, {
      layer: "security",
    });
}

function holds(
  exchange: HlsExchange,
  proof: Uint8Array,
  credentials: Exclude<HlsCredentials, HlsManufacturer>,
): boolean {
  const peer = seenFromPeer(exchange);
  switch (credentials.mechanism) {
    case "hls-md5":
    case "hls-sha1":
    case "hls-sha256":
      return constantTimeEqual(proof, secretDigest(peer, credentials));
    case "hls-gmac": {
      if (proof.length !== gmacProofLength) return false;
      const counter = new DataView(proof.buffer, proof.byteOffset).getUint32(1);
      return constantTimeEqual(proof, gmacProof(peer.ownSystemTitle, counter, peer.peerChallenge, credentials));
    }
    case "hls-ecdsa":
      return ellipticCurvesOf(credentials.crypto).verify(
        credentials.curve,
        credentials.peerPublicKey,
        signedOctets(peer),
        proof,
      );
  }
}

function seenFromPeer(exchange: HlsExchange): HlsExchange {
  return {
    ownSystemTitle: exchange.peerSystemTitle,
    peerSystemTitle: exchange.ownSystemTitle,
    ownChallenge: exchange.peerChallenge,
    peerChallenge: exchange.ownChallenge,
  };
}

/** Mechanisms 3 and 4: H(challenge || secret). Mechanism 6: SHA-256(secret || own title || peer's title || its challenge || own). */
function secretDigest(prover: HlsExchange, credentials: HlsSecret): Uint8Array {
  const { mechanism, crypto } = credentials;
  return SecretKey.from(credentials.secret).use((secret) => {
    const input =
      mechanism === "hls-sha256"
        ? concatBytes(secret, signedOctets(prover))
        : concatBytes(prover.peerChallenge, secret);
    const digest = crypto.digest(digestOf[mechanism], input);
    input.fill(0);
    return digest;
  });
}

const digestOf = { "hls-md5": "md5", "hls-sha1": "sha1", "hls-sha256": "sha256" } as const;

/** Title || title || challenge || challenge, the prover's own title first and the challenge it was sent. */
function signedOctets(prover: HlsExchange): Uint8Array {
  return concatBytes(prover.ownSystemTitle, prover.peerSystemTitle, prover.peerChallenge, prover.ownChallenge);
}

/** Security control || invocation counter || GMAC over security control || authentication key || challenge. */
function gmacProof(title: Uint8Array, counter: number, challenge: Uint8Array, { layer }: HlsGmac): Uint8Array {
  const securityControl = controlOctet(layer.suite, "authenticated");
  const proof = new Uint8Array(gmacProofLength);
  proof[0] = securityControl;
  new DataView(proof.buffer).setUint32(1, counter);
  proof.set(layer.mac({ securityControl, systemTitle: title, invocationCounter: counter }, challenge), 5);
  return proof;
}
