/** Bits of the conformance block, bit 0 the highest of 24 (Green Book 9.5, Conformance). */
export const conformanceBits = {
  "reserved-zero": 0,
  "general-protection": 1,
  "general-block-transfer": 2,
  read: 3,
  write: 4,
  "unconfirmed-write": 5,
  "delta-value-encoding": 6,
  "reserved-seven": 7,
  "attribute0-supported-with-set": 8,
  "priority-mgmt-supported": 9,
  "attribute0-supported-with-get": 10,
  "block-transfer-with-get-or-read": 11,
  "block-transfer-with-set-or-write": 12,
  "block-transfer-with-action": 13,
  "multiple-references": 14,
  "information-report": 15,
  "data-notification": 16,
  access: 17,
  "parameterized-access": 18,
  get: 19,
  set: 20,
  "selective-access": 21,
  "event-notification": 22,
  action: 23,
} as const;

/** Name of a bit of the conformance block. */
export type ConformanceBit = keyof typeof conformanceBits;

const mask = (name: ConformanceBit) => 0x800000 >>> conformanceBits[name];

/** The conformance block with these bits set, as `InitiateRequest.proposedConformance` takes it. */
export function conformanceOf(names: Iterable<ConformanceBit>): number {
  let block = 0;
  for (const name of names) block |= mask(name);
  return block;
}

/** True when the block has the bit. */
export function hasConformance(block: number, name: ConformanceBit): boolean {
  return (block & mask(name)) !== 0;
}

/** Names of the bits that are set, in the order of the standard. */
export function conformanceNames(block: number): readonly ConformanceBit[] {
  return (Object.keys(conformanceBits) as ConformanceBit[]).filter((name) => hasConformance(block, name));
}
