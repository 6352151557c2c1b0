import { DlmsError, dlmsError, equalBytes, toHex } from "../base/index.js";
import { decodeData, encodeData } from "../data/index.js";
import { type Curve, type HlsCredentials, type KeyTask, provingHls, runNow, verifyingHls } from "../security/index.js";
import type { Channel } from "./channel.js";
import type { Authentication, Crypto, Mechanism } from "./options.js";
import type { ServiceRequest, ServiceResponse } from "./service.js";

/** Current association: class Association LN, logical name 0-0:40.0.0.255, method reply_to_HLS_authentication. */
export const replyMethod = {
  classId: 15,
  instanceId: new Uint8Array([0, 0, 40, 0, 0, 255]),
  methodId: 1,
} as const;

/** Proof and check of one authentication, seen from one end. */
export interface HlsSession {
  /** The answer to the peer's challenge. */
  prove(): KeyTask<Uint8Array>;
  /** @throws SecurityError `hls-authentication-failed` when the peer's proof does not hold. */
  verify(proof: Uint8Array): KeyTask<void>;
}

/** What both ends told each other before the proofs. */
export interface HlsFacts {
  readonly crypto: Crypto | undefined;
  readonly ownSystemTitle: Uint8Array | undefined;
  readonly ownChallenge: Uint8Array | undefined;
  readonly peerChallenge: Uint8Array;
  /** The certificate that the peer sent along, DER. */
  readonly peerCertificate?: Uint8Array | undefined;
}

/** True for the request of pass 3. */
export function isReplyToHls(request: ServiceRequest): boolean {
  const [item] = request.service === "action" ? request.items : [];
  return (
    item !== undefined &&
    item.method.classId === replyMethod.classId &&
    item.method.methodId === replyMethod.methodId &&
    equalBytes(item.method.instanceId, replyMethod.instanceId)
  );
}

const readWriteDenied = 3;
const noTitle = new Uint8Array();
const withTitles: ReadonlySet<Mechanism> = new Set(["hls-gmac", "hls-sha256", "hls-ecdsa"]);

/** True for the mechanisms whose proofs name the system titles. */
export const needsTitles = (mechanism: Mechanism): boolean => withTitles.has(mechanism);

/**
 * @throws UsageError `invalid-argument` when something the mechanism needs is not configured.
 * @throws SecurityError `system-title-unknown` when the peer did not name itself and the mechanism needs that.
 */
export function hlsSession(authentication: Authentication, channel: Channel, facts: HlsFacts): HlsSession {
  const { mechanism } = authentication;
  const credentials = credentialsOf(authentication, channel, facts);
  if (needsTitles(mechanism) && !channel.peerSystemTitle)
    throw dlmsError("system-title-unknown", `${mechanism} needs the peer's system title, which it did not tell`, {
      layer: "association",
    });
  const exchange = {
    ownSystemTitle: facts.ownSystemTitle ?? noTitle,
    peerSystemTitle: channel.peerSystemTitle ?? noTitle,
    ownChallenge: facts.ownChallenge ?? noTitle,
    peerChallenge: facts.peerChallenge,
  };
  return {
    prove: () => provingHls(exchange, credentials),
    verify: (proof) => verifyingHls(exchange, proof, credentials),
  };
}

/** The request of pass 3. */
export function replyToHls(proof: Uint8Array): ServiceRequest {
  const parameter = encodeData({ type: "octet-string", value: proof });
  return { service: "action", items: [{ method: replyMethod, parameter }] };
}

/**
 * Holds pass 4 against our challenge.
 * @throws RefusedError `authentication-refused` when the meter did not take our proof.
 * @throws SecurityError `hls-authentication-failed` when its own does not hold.
 */
export function* verifyReply(response: ServiceResponse, session: HlsSession): KeyTask<void> {
  const outcome = response.service === "action" ? response.results[0] : undefined;
  if (outcome?.result !== 0)
    throw dlmsError("authentication-refused", `the meter did not accept our proof (result ${outcome?.result})`, {
      layer: "association",
    });
  const returned = outcome.returned?.ok ? decodeData(outcome.returned.data) : undefined;
  if (returned?.type !== "octet-string")
    throw dlmsError("hls-authentication-failed", "the meter accepted our proof and gave none of its own", {
      layer: "association",
    });
  yield* session.verify(returned.value);
}

/**
 * The meter's side of pass 3 and 4: its answer to the client's proof.
 * The error says why the proof was not taken; it is not told to the client.
 */
export function answerReply(
  request: ServiceRequest,
  session: HlsSession,
): { readonly response: ServiceResponse; readonly error?: DlmsError } {
  const parameter = request.service === "action" ? request.items[0]?.parameter : undefined;
  try {
    const proof = parameter ? decodeData(parameter) : undefined;
    if (proof?.type !== "octet-string")
      throw dlmsError("hls-authentication-failed", "the client gave no proof", { layer: "association" });
    runNow(session.verify(proof.value));
    const data = encodeData({ type: "octet-string", value: runNow(session.prove()) });
    return { response: { service: "action", results: [{ result: 0, returned: { ok: true, data } }] } };
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return { response: { service: "action", results: [{ result: readWriteDenied }] }, error };
  }
}

function credentialsOf(
  authentication: Authentication,
  channel: Channel,
  { crypto, peerCertificate }: HlsFacts,
): HlsCredentials {
  switch (authentication.mechanism) {
    case "hls-manufacturer":
      return authentication;
    case "hls-gmac":
      if (channel.context) return { mechanism: "hls-gmac", ...channel.context.authentication };
      throw dlmsError("invalid-argument", "hls-gmac needs the security options", { layer: "association" });
    case "none":
    case "low":
      throw dlmsError("invalid-argument", `${authentication.mechanism} has no proofs`, { layer: "association" });
    default:
      if (!crypto)
        throw dlmsError("invalid-argument", `${authentication.mechanism} needs a crypto provider`, {
          layer: "association",
        });
      if (authentication.mechanism !== "hls-ecdsa") return { ...authentication, crypto };
      return {
        mechanism: "hls-ecdsa",
        crypto,
        ...publicKeyOf(authentication, channel.peerSystemTitle ?? noTitle, peerCertificate),
        privateKey: authentication.privateKey,
      };
  }
}

/** Octets of x and y, with and without a 04 before them, tell the curve. */
const curveByLength: Readonly<Record<number, Curve>> = { 64: "P-256", 65: "P-256", 96: "P-384", 97: "P-384" };

function publicKeyOf(
  given: Extract<Authentication, { mechanism: "hls-ecdsa" }>,
  title: Uint8Array,
  certificate: Uint8Array | undefined,
) {
  const peerPublicKey = given.peerPublicKey ?? given.party?.(title, certificate)?.signaturePublicKey;
  if (peerPublicKey === undefined)
    throw dlmsError("key-unknown", `no public signature key of ${toHex(title) || "the peer"} is known`, {
      layer: "association",
    });
  const curve = curveByLength[peerPublicKey.length];
  if (curve !== undefined) return { curve, peerPublicKey };
  throw dlmsError("invalid-public-key", `a public key has 64 or 96 octets, not ${peerPublicKey.length}`, {
    layer: "association",
  });
}
