import {
  type Aare,
  applicationContexts,
  associationResults,
  authenticationMechanisms,
  conformanceNames,
  conformanceOf,
  decodeApdu,
  encodeApdu,
  type InitiateRequest,
  type InitiateResponse,
  nameIn,
} from "../apdu/index.js";
import { DlmsError, dlmsError, equalBytes, type Notice } from "../base/index.js";
import { fullCiphering, type KeyTask } from "../security/index.js";
import type { Channel } from "./channel.js";
import type { Negotiated } from "./messages.js";
import type { Conformance, Mechanism } from "./options.js";
import { associationRejected, serviceRefusal } from "./refusals.js";

/** What a client proposes, made of its options. */
export interface Proposal {
  readonly referencing: "logical-name" | "short-name";
  readonly mechanism: Mechanism;
  /** Password of low level, challenge of high level security. */
  readonly authenticationValue?: Uint8Array;
  readonly conformance: Conformance;
  readonly maxPduSize: number;
  readonly dedicatedKey?: Uint8Array;
  readonly ownSystemTitle?: Uint8Array;
  /** DER. */
  readonly ownCertificate?: Uint8Array;
  readonly userId?: number;
}

/** What is put up with in an AARE. */
export interface AareTolerances {
  readonly acceptanceWithoutInitiate: boolean;
  readonly otherApplicationContext: boolean;
}

/** What an accepting AARE came to. */
export interface Acceptance {
  readonly negotiated: Negotiated;
  /** The server's challenge, where high level security goes on. */
  readonly challenge?: Uint8Array;
  /** The server's certificate, DER, where it sent one along. */
  readonly peerCertificate?: Uint8Array;
}

const dlmsVersion = 6;
const authenticationRequired = 14;
const authenticationUnit = { length: 1, bytes: new Uint8Array([0x80]) };
const smallestPduSize = 12;

/** True for the mechanisms that go on after the AARE with an exchange of proofs. */
export const isHighLevel = (mechanism: Mechanism): boolean => mechanism !== "none" && mechanism !== "low";

/** Application context names, by what they say. */
export function contextName(referencing: "logical-name" | "short-name", ciphered: boolean): string {
  return applicationContexts[ciphered ? (`${referencing}-ciphered` as const) : referencing];
}

/** The xDLMS part, also carried by an RLRQ. */
export function initiateRequest(proposal: Proposal, withDedicatedKey: boolean): InitiateRequest {
  return {
    type: "initiate-request",
    ...(withDedicatedKey && proposal.dedicatedKey && { dedicatedKey: proposal.dedicatedKey }),
    responseAllowed: true,
    proposedDlmsVersionNumber: dlmsVersion,
    proposedConformance: conformanceOf(proposal.conformance),
    clientMaxReceivePduSize: proposal.maxPduSize,
  };
}

/** The AARQ that proposes. */
export function* associationRequest(proposal: Proposal, channel: Channel): KeyTask<Uint8Array> {
  const { mechanism, authenticationValue, ownSystemTitle, ownCertificate, userId } = proposal;
  return encodeApdu({
    type: "aarq",
    applicationContextName: contextName(proposal.referencing, channel.ciphered),
    ...(ownSystemTitle && { callingApTitle: ownSystemTitle }),
    ...(ownCertificate && { callingAeQualifier: ownCertificate }),
    ...(userId !== undefined && { callingAeInvocationId: userId }),
    ...(mechanism !== "none" && {
      senderAcseRequirements: authenticationUnit,
      mechanismName: authenticationMechanisms[mechanism],
      callingAuthenticationValue: { choice: "charstring", value: authenticationValue ?? new Uint8Array() },
    }),
    // A key never goes in the clear, whatever the policy.
    userInformation: yield* channel.sealing(
      encodeApdu(initiateRequest(proposal, true)),
      proposal.dedicatedKey ? fullCiphering : undefined,
    ),
  });
}

/**
 * Reads the answer to a proposal. The peer's system title must have been made known to the channel before.
 * @throws RefusedError when it rejects, SecurityError when it is weaker than agreed, ProtocolError when it is unsound.
 */
export function* readAcceptance(
  aare: Aare,
  proposal: Proposal,
  channel: Channel,
  tolerances: AareTolerances,
  notice: (notice: Notice) => void,
): KeyTask<Acceptance> {
  if (aare.result !== associationResults.accepted) throw yield* rejection(aare, channel);
  const applicationContext = readContext(aare, proposal, channel, tolerances, notice);
  const challenge = readChallenge(aare, proposal);
  const initiate = (yield* readInitiate(aare, channel, tolerances, notice)) ?? asProposed(proposal);
  if (initiate.negotiatedDlmsVersionNumber < dlmsVersion)
    throw refused(`the meter speaks DLMS version ${initiate.negotiatedDlmsVersionNumber}, not ${dlmsVersion}`);
  const conformance = readConformance(initiate, proposal, notice);
  return {
    negotiated: {
      applicationContext,
      mechanism: proposal.mechanism,
      conformance,
      peerMaxPduSize: readPduSize(initiate.serverMaxReceivePduSize, notice),
      dlmsVersion: initiate.negotiatedDlmsVersionNumber,
      vaaName: initiate.vaaName,
      ...(aare.respondingApTitle && { peerSystemTitle: aare.respondingApTitle }),
    },
    ...(challenge && { challenge }),
    ...(aare.respondingAeQualifier && { peerCertificate: aare.respondingAeQualifier }),
  };
}

function* rejection(aare: Aare, channel: Channel): KeyTask<DlmsError> {
  const { source, diagnostic } = aare.resultSourceDiagnostic;
  const permanent = aare.result === associationResults["rejected-permanent"];
  return associationRejected(permanent, source, diagnostic, yield* serviceErrorIn(aare, channel));
}

/** The confirmed-service-error that some meters add to a rejection, ciphered or not; it explains, no more. */
function* serviceErrorIn(aare: Aare, channel: Channel): KeyTask<{ choice: number; value: number } | undefined> {
  if (!aare.userInformation) return undefined;
  try {
    const apdu = decodeApdu((yield* channel.opening(aare.userInformation)).apdu);
    return apdu.type === "confirmed-service-error" ? { choice: apdu.category, value: apdu.value } : undefined;
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    return undefined;
  }
}

function readContext(
  aare: Aare,
  proposal: Proposal,
  channel: Channel,
  tolerances: AareTolerances,
  notice: (notice: Notice) => void,
): Negotiated["applicationContext"] {
  const asked = { referencing: proposal.referencing, ciphering: channel.ciphered };
  if (aare.applicationContextName === contextName(proposal.referencing, channel.ciphered)) return asked;
  const name = nameIn(applicationContexts, aare.applicationContextName) ?? aare.applicationContextName;
  if (channel.ciphered && !name.endsWith("-ciphered"))
    throw dlmsError("weaker-than-policy", `ciphering was proposed, the meter answers the context ${name}`, {
      layer: "association",
    });
  if (!tolerances.otherApplicationContext || !name.startsWith(proposal.referencing))
    throw refused(`the meter answers with another application context: ${name}`);
  notice({
    type: "notice",
    name: "other-application-context",
    message: `the meter answers with the application context ${name}`,
  });
  return asked;
}

function readChallenge(aare: Aare, proposal: Proposal): Uint8Array | undefined {
  const { mechanism } = proposal;
  if (!isHighLevel(mechanism)) {
    if (aare.resultSourceDiagnostic.diagnostic === authenticationRequired)
      throw associationRejected(true, "acse-service-user", authenticationRequired);
    return undefined;
  }
  if (aare.mechanismName !== undefined && aare.mechanismName !== authenticationMechanisms[mechanism])
    throw dlmsError(
      "weaker-than-policy",
      `${mechanism} was proposed, the meter answers ${nameIn(authenticationMechanisms, aare.mechanismName) ?? aare.mechanismName}`,
      { layer: "association" },
    );
  const value = aare.respondingAuthenticationValue;
  if (value?.choice !== "charstring" || value.value.length === 0)
    throw dlmsError("hls-challenge-invalid", "the meter accepted without a challenge of its own", {
      layer: "association",
    });
  const own = proposal.authenticationValue;
  if (own && equalBytes(own, value.value))
    throw dlmsError("hls-challenge-invalid", "the meter sent our own challenge back", { layer: "association" });
  return value.value;
}

function* readInitiate(
  aare: Aare,
  channel: Channel,
  tolerances: AareTolerances,
  notice: (notice: Notice) => void,
): KeyTask<InitiateResponse | undefined> {
  if (!aare.userInformation || aare.userInformation.length === 0) {
    if (!tolerances.acceptanceWithoutInitiate) throw refused("the meter accepted without negotiating");
    notice({
      type: "notice",
      name: "acceptance-without-initiate",
      message: "the meter accepted without negotiating: what was proposed is taken as agreed",
    });
    return undefined;
  }
  const opened = yield* channel.opening(aare.userInformation);
  const apdu = decodeApdu(opened.apdu);
  if (apdu.type === "confirmed-service-error")
    throw serviceRefusal(apdu.category, apdu.value, !channel.ciphered || opened.authenticated);
  if (apdu.type !== "initiate-response")
    throw dlmsError("unexpected-message", `the AARE carries ${apdu.type}`, { layer: "association" });
  return apdu;
}

function readConformance(
  initiate: InitiateResponse,
  { conformance }: Proposal,
  notice: (notice: Notice) => void,
): Conformance {
  const granted = conformanceNames(initiate.negotiatedConformance);
  const more = granted.filter((name) => !conformance.has(name));
  if (more.length > 0)
    notice({
      type: "notice",
      name: "more-granted-than-proposed",
      message: `the meter grants what was not proposed: ${more.join(", ")}`,
    });
  return new Set(granted.filter((name) => conformance.has(name)));
}

function readPduSize(size: number, notice: (notice: Notice) => void): number {
  if (size === 0 || size >= smallestPduSize) return size;
  notice({
    type: "notice",
    name: "pdu-size-reserved",
    message: `the meter gives its PDU size as ${size}, which is reserved: taken as no limit`,
  });
  return 0;
}

function asProposed(proposal: Proposal): InitiateResponse {
  return {
    type: "initiate-response",
    negotiatedDlmsVersionNumber: dlmsVersion,
    negotiatedConformance: conformanceOf(proposal.conformance),
    serverMaxReceivePduSize: proposal.maxPduSize,
    vaaName: proposal.referencing === "logical-name" ? 7 : 0xfa00,
  };
}

const refused = (message: string): DlmsError => dlmsError("association-rejected", message, { layer: "association" });
