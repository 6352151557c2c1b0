/** data-access-result of the standard, as far as a meter gives them (IEC 62056-5-3, Data-Access-Result). */
export const accessResult = {
  success: 0,
  hardwareFault: 1,
  temporaryFailure: 2,
  readWriteDenied: 3,
  objectUndefined: 4,
  objectClassInconsistent: 9,
  objectUnavailable: 11,
  typeUnmatched: 12,
  scopeOfAccessViolated: 13,
  dataBlockUnavailable: 14,
  otherReason: 250,
} as const;

/**
 * Thrown by a behaviour to answer with that data-access-result or action-result; the numbers are the same in both
 * tables.
 */
export class Refusal extends Error {
  readonly result: number;

  constructor(result: number) {
    super(`result ${result}`);
    this.name = "Refusal";
    this.result = result;
  }
}
