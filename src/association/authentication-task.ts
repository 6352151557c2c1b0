import { DlmsError } from "../base/index.js";
import { type HlsSession, replyToHls, verifyReply } from "./hls.js";
import { usualProtection } from "./protection-rules.js";
import type { RequestTask } from "./request-jobs.js";

/** Passes 3 and 4 of high level security as a request like any other, whose answer is held against our challenge. */
export function authenticationTask(
  session: HlsSession,
  passed: () => void,
  failed: (error: DlmsError) => void,
): RequestTask {
  return {
    request: replyToHls(session.prove()),
    streaming: false,
    highPriority: false,
    unconfirmed: false,
    // A proof is given once: a meter counts failed ones.
    retry: false,
    protection: usualProtection,
    part: () => undefined,
    done(response) {
      try {
        verifyReply(response, session);
      } catch (error) {
        if (!DlmsError.is(error)) throw error;
        failed(error);
        return;
      }
      passed();
    },
    failed,
  };
}
