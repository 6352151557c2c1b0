/** What a frame is, by its control field (IEC 62056-46 clause 6.4.3.2). */
export type FrameType = "i" | "rr" | "rnr" | "rej" | "srej" | "snrm" | "disc" | "ua" | "dm" | "frmr" | "ui" | "unknown";

export interface Control {
  readonly type: FrameType;
  /** Poll bit of a command, final bit of a response. */
  readonly poll: boolean;
  /** N(S) of an I frame. */
  readonly sendSequence?: number | undefined;
  /** N(R) of I, RR, RNR, REJ and SREJ frames. */
  readonly receiveSequence?: number | undefined;
}

/** Control field of the unnumbered frames, poll bit clear. */
const unnumbered = { snrm: 0x83, disc: 0x43, ua: 0x63, dm: 0x0f, frmr: 0x87, ui: 0x03 } as const;
/** Low four bits of the supervisory frames. */
const supervisory = { rr: 0x01, rnr: 0x05, rej: 0x09, srej: 0x0d } as const;

const byUnnumbered = new Map<number, FrameType>(
  Object.entries(unnumbered).map(([type, code]) => [code, type as FrameType]),
);
const bySupervisory = new Map<number, FrameType>(
  Object.entries(supervisory).map(([type, code]) => [code, type as FrameType]),
);
const pollBit = 0x10;

/** What a control field stands for; of the 256 there are, each is made once. */
export function decodeControl(octet: number): Control {
  return controls[octet & 0xff] as Control;
}

const controls = Array.from({ length: 256 }, (_, octet) => read(octet));

function read(octet: number): Control {
  const poll = (octet & pollBit) !== 0;
  const receiveSequence = octet >> 5;
  if ((octet & 1) === 0) return { type: "i", poll, receiveSequence, sendSequence: (octet >> 1) & 7 };
  const numbered = bySupervisory.get(octet & 0x0f);
  if (numbered !== undefined) return { type: numbered, poll, receiveSequence };
  return { type: byUnnumbered.get(octet & ~pollBit) ?? "unknown", poll };
}

export function encodeControl({ type, poll, sendSequence = 0, receiveSequence = 0 }: Control): number {
  const bits = (poll ? pollBit : 0) | 0;
  if (type === "i") return (receiveSequence << 5) | bits | (sendSequence << 1);
  if (type in supervisory) return (receiveSequence << 5) | bits | supervisory[type as keyof typeof supervisory];
  return bits | unnumbered[type as keyof typeof unnumbered];
}
