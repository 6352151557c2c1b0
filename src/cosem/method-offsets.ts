/** Where the methods of a class begin in the short names of an object, by class and version. */

type Versions = Readonly<Record<number, number>>;

/**
 * Offset of method 1 from the base name. The class tables say the same; here it stands alone, so that a client by
 * short names finds the methods of every class and version without carrying all the tables.
 */
const methodOffsets: Readonly<Record<number, Versions>> = {
  3: { 0: 0x28 },
  4: { 0: 0x38 },
  5: { 0: 0x48 },
  6: { 0: 0x30 },
  7: { 0: 0x58, 1: 0x58 },
  8: { 0: 0x60 },
  9: { 0: 0x20 },
  10: { 0: 0x20 },
  11: { 0: 0x10 },
  12: { 0: 0x20, 1: 0x20, 2: 0x20, 3: 0x20, 4: 0x20 },
  15: { 0: 0x60 },
  17: { 0: 0x20 },
  18: { 0: 0x40 },
  20: { 0: 0x50 },
  40: { 0: 0x38 },
  42: { 0: 0x60 },
  48: { 0: 0x60 },
  51: { 0: 0x10 },
  53: { 0: 0x50 },
  61: { 0: 0x28 },
  64: { 0: 0x28, 1: 0x30 },
  65: { 0: 0x20, 1: 0x40 },
  66: { 0: 0x48 },
  67: { 0: 0x80 },
  68: { 0: 0x30 },
  70: { 0: 0x20, 1: 0x20 },
  72: { 0: 0x60 },
  80: { 0: 0x20 },
  81: { 0: 0x28 },
  84: { 0: 0x40 },
  85: { 0: 0x30 },
  90: { 1: 0x50 },
  91: { 4: 0xe8 },
  95: { 0: 0x78 },
  96: { 0: 0x30 },
  97: { 0: 0x48 },
  98: { 0: 0x70 },
  100: { 0: 0x38 },
  104: { 0: 0x20 },
  111: { 0: 0x98 },
  112: { 0: 0x58 },
  113: { 0: 0x68 },
  115: { 0: 0x30 },
  122: { 0: 0x20 },
  123: { 0: 0x20 },
  124: { 0: 0x50 },
  127: { 0: 0x40 },
  128: { 0: 0x60 },
  129: { 0: 0x70 },
  132: { 1: 0x70 },
  133: { 1: 0x60 },
  153: { 0: 0x30 },
  160: { 0: 0x50 },
  161: { 1: 0x130 },
};

/** Offset of method 1 from the base name in this version of a class; undefined where it is not known. */
export function methodOffset(classId: number, version: number): number | undefined {
  return methodOffsets[classId]?.[version];
}
