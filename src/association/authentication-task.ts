import { DlmsError } from "../base/index.js";
import type { KeyTask } from "../security/index.js";
import type { Acceptance, Proposal } from "./acse-client.js";
import type { Channel } from "./channel.js";
import type { ClientSettings } from "./client-settings.js";
import { hlsSession, replyToHls, verifyReply } from "./hls.js";
import type { Outcome } from "./key-line.js";
import { usualProtection } from "./protection-rules.js";
import type { RequestTask } from "./request-jobs.js";

/** What authentication needs of its association. */
export interface AuthenticationHost {
  request(task: RequestTask): void;
  /** Does something that belongs to what is being taken; it may have to wait for a key. */
  goOn(task: () => KeyTask<void>, outcome: Outcome<void>): void;
  passed(): void;
  failed(error: DlmsError): unknown;
}

/** Passes 3 and 4 of high level security, by a method of the association object: a request like any other. */
export function* authenticate(
  settings: ClientSettings,
  channel: Channel,
  proposal: Proposal,
  { challenge = new Uint8Array(), peerCertificate }: Omit<Acceptance, "negotiated">,
  host: AuthenticationHost,
): KeyTask<void> {
  const failed = (error: DlmsError) => host.failed(error);
  try {
    const session = hlsSession(settings.authentication, channel, {
      crypto: settings.crypto,
      ownSystemTitle: proposal.ownSystemTitle,
      ownChallenge: proposal.authenticationValue,
      peerChallenge: challenge,
      peerCertificate,
    });
    host.request({
      request: replyToHls(yield* session.prove()),
      streaming: false,
      highPriority: false,
      unconfirmed: false,
      // A proof is given once: a meter counts failed ones.
      retry: false,
      protection: usualProtection,
      part: () => undefined,
      done: (response) => host.goOn(() => verifyReply(response, session), { done: () => host.passed(), failed }),
      failed,
    });
  } catch (error) {
    if (!DlmsError.is(error)) throw error;
    failed(error);
  }
}
