import { type DlmsError, dlmsError } from "../base/index.js";
import { addressText, type HdlcAddress } from "./address.js";
import type { ReceivedFrame } from "./frame.js";

/** The meter does not want the link. */
export function linkRefused({ type }: ReceivedFrame, attempts: number, sent: Uint8Array): DlmsError {
  return dlmsError("link-refused", `the meter refused the link with ${type.toUpperCase()} ${attempts} times`, {
    layer: "hdlc",
    sent,
    advice: "Check the server address and the client address: the meter may not know this client.",
  });
}

/** What went unanswered. */
export interface Silence {
  readonly connecting: boolean;
  readonly from: HdlcAddress;
  readonly attempts: number;
  /** Octets came that made no frame. */
  readonly heard: boolean;
  readonly sent: Uint8Array;
  readonly timeoutMs: number;
}

/** The meter was asked as often as the user allows. */
export function noAnswer({ connecting, from, attempts, heard, sent, timeoutMs }: Silence): DlmsError {
  const what = connecting ? "SNRM" : "a frame";
  const noise = heard ? "; octets came, but no valid frame" : "";
  return dlmsError("timeout", `no answer to ${what} from ${addressText(from)} after ${attempts} attempts${noise}`, {
    layer: "hdlc",
    sent,
    phase: connecting ? "link set-up" : "exchange",
    timeoutMs,
    retryable: true,
    advice: heard
      ? "Something answers, but not in HDLC: check baud rate and parity (8N1), and the sign-on mode."
      : "Check cable and probe, the server address (logical and physical), the client address and the baud rate.",
  });
}
