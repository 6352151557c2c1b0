import { type Apdu, encodeApdu } from "../apdu/index.js";
import { DlmsError, dlmsError, type Notice } from "../base/index.js";
import type { KeyTask } from "../security/index.js";
import { initiateRequest, type Proposal } from "./acse-client.js";
import type { Channel } from "./channel.js";
import type { ClientSettings } from "./client-settings.js";

/**
 * The RLRQ that ends an association (IEC 62056-5-3, A-RELEASE): with what was proposed, protected, where the
 * association is ciphered, so that nobody else can end it.
 */
export function* releaseRequest(
  { releaseWithUserInformation }: ClientSettings,
  proposal: Proposal | undefined,
  channel: Channel,
  notice: (notice: Notice) => void,
): KeyTask<Uint8Array> {
  const wanted = releaseWithUserInformation ?? channel.ciphered;
  const userInformation = wanted && proposal ? yield* sealedInitiate(proposal, channel, notice) : undefined;
  return encodeApdu({ type: "rlrq", reason: 0, ...(userInformation && { userInformation }) });
}

function* sealedInitiate(
  proposal: Proposal,
  channel: Channel,
  notice: (notice: Notice) => void,
): KeyTask<Uint8Array | undefined> {
  try {
    return yield* channel.sealing(encodeApdu(initiateRequest(proposal, false)));
  } catch (error) {
    // Without a counter left the release goes bare: better than none.
    if (!DlmsError.is(error)) throw error;
    notice({ type: "notice", name: "release-unprotected", message: error.message });
    return undefined;
  }
}

/** Nothing that could be taken came in answer to an AARQ or RLRQ. */
export function unansweredError(
  phase: "association" | "release",
  timeoutMs: number,
  discarded: DlmsError | undefined,
): DlmsError {
  if (phase === "association" && discarded !== undefined) return discarded;
  return dlmsError("timeout", `no answer to the ${phase} request in ${timeoutMs} ms`, {
    layer: "association",
    phase,
    timeoutMs,
    retryable: phase === "association",
  });
}

/** The notice of an APDU that the state has no place for. */
export function unexpectedApdu({ type }: Apdu, state: string): Notice {
  return {
    type: "notice",
    name: "unexpected-apdu-discarded",
    message: `${type} came while the association was ${state}`,
  };
}

/** The invoke id that an answer bears, undefined with short names; no answer at all is undefined itself. */
export function answerId(apdu: Apdu): { readonly invokeId: number | undefined } | undefined {
  if ("invokeIdAndPriority" in apdu) return apdu.invokeIdAndPriority;
  if (apdu.type === "access-response") return apdu.longInvokeIdAndPriority;
  return apdu.type === "read-response" || apdu.type === "write-response" ? { invokeId: undefined } : undefined;
}

/** True when something old came again: it ends nothing. */
export const isRepetition = ({ code }: DlmsError): boolean => code === "counter-repeated" || code === "counter-lowered";
