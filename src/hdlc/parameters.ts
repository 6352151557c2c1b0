import { ByteWriter } from "../base/index.js";

/** What SNRM and UA negotiate, seen by the station that sends them (IEC 62056-46 clause 6.4.4.4.3). */
export interface LinkParameters {
  /** Longest information field this station sends, octets. */
  readonly maxInfoTransmit: number;
  /** Longest information field it takes. */
  readonly maxInfoReceive: number;
  /** Most frames it sends before it waits, 1 to 7. */
  readonly windowTransmit: number;
  readonly windowReceive: number;
}

/** What holds when the parameters are not sent. */
export const defaultParameters: LinkParameters = {
  maxInfoTransmit: 128,
  maxInfoReceive: 128,
  windowTransmit: 1,
  windowReceive: 1,
};

const identifiers = { 5: "maxInfoTransmit", 6: "maxInfoReceive", 7: "windowTransmit", 8: "windowReceive" } as const;
const formatIdentifier = 0x81;
const groupIdentifier = 0x80;

/** Information field of an SNRM or UA: format, group, then each parameter with its length. */
export function encodeParameters(parameters: LinkParameters): Uint8Array {
  const size = (octets: number) => (octets > 0xff ? 2 : 1);
  const body = new ByteWriter(20);
  const info = (id: number, value: number) => {
    body.u8(id).u8(size(value));
    if (size(value) === 2) body.u16(value);
    else body.u8(value);
  };
  info(5, parameters.maxInfoTransmit);
  info(6, parameters.maxInfoReceive);
  body.u8(7).u8(4).u32(parameters.windowTransmit);
  body.u8(8).u8(4).u32(parameters.windowReceive);
  const bytes = body.finish();
  return new ByteWriter().u8(formatIdentifier).u8(groupIdentifier).u8(bytes.length).bytes(bytes).finish();
}

/**
 * Reads the parameters; what is missing, cut off or out of range has its default. Meters in the field leave out the
 * header, write one or four octets, or give a wrong group length: only the triples count here.
 */
export function decodeParameters(information: Uint8Array): LinkParameters {
  const found: { -readonly [K in keyof LinkParameters]: number } = { ...defaultParameters };
  let at = information[0] === formatIdentifier && information[1] === groupIdentifier ? 3 : 0;
  while (at + 2 < information.length) {
    const name = identifiers[information[at] as keyof typeof identifiers];
    const length = information[at + 1] as number;
    if (length === 0 || length > 4 || at + 2 + length > information.length) break;
    let value = 0;
    for (let i = 0; i < length; i++) value = value * 256 + (information[at + 2 + i] as number);
    if (name !== undefined && isValid(name, value)) found[name] = value;
    at += 2 + length;
  }
  return found;
}

function isValid(name: keyof LinkParameters, value: number): boolean {
  return name.startsWith("window") ? value >= 1 && value <= 7 : value >= 1 && value <= 2030;
}
