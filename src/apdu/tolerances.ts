import type { DecodeContext } from "../codec/index.js";

/**
 * Deviations of peers that are read all the same, each told as a notice of this name. An ACSE field of an unknown tag
 * is told as `unknown-field` by the codec.
 */
export const apduTolerances = {
  "acse-length-short": "the length of an AARE or RLRE is short of the fields that it carries",
  "user-information-missing": "the AARE accepts the association without an initiate-response",
  "title-as-invocation-id": "the AARE carries a title where an invocation id belongs",
  "protocol-version-explicit": "the AARE names the protocol version, which goes without saying",
  "conformance-tag-short": "the conformance block has the tag 5F alone where 5F 1F belongs",
  "date-time-tagged": "the date-time of the data-notification carries the tag of an octet-string",
  "return-parameters-missing": "the action-response ends before the flag that tells whether data follow",
  "signature-missing": "the general-signing APDU ends before its signature",
} as const;

/** Tells who listens that a deviation was tolerated. */
export function tellTolerance({ onNotice }: DecodeContext, name: keyof typeof apduTolerances): void {
  onNotice?.({ type: "notice", name, message: apduTolerances[name] });
}
